"""Words that fill the templates of inserted lines and invented paths: two pools, nothing in common.

A student that has only seen the training pool meets the eval pool's words for the first time when
it is measured. Refuses to know the templates.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import PurePosixPath

from pullsmith.records import Split


@dataclass(frozen=True, slots=True)
class WordPool:
    """One half of the words, by the part they play in a line."""

    variable: tuple[str, ...]
    secret: tuple[str, ...]
    command: tuple[str, ...]
    table: tuple[str, ...]
    column: tuple[str, ...]
    note: tuple[str, ...]  # what a print or a log line says
    plain: tuple[str, ...]  # names of harmless settings
    handle: tuple[str, ...]  # what an open file is called
    prefix: tuple[str, ...]  # how a secret's value may begin
    alphabet: str  # the characters of a secret's value
    lengths: tuple[int, ...]  # how many of them

    def words(self) -> frozenset[str]:
        """Every word of the pool; prefixes and alphabets are no words."""
        groups = (getattr(self, field.name) for field in fields(self)[:8])
        return frozenset(word for group in groups for word in group)


WORDS: dict[Split, WordPool] = {
    Split.TRAIN: WordPool(
        variable=("data", "text", "raw", "body", "content", "buf"),
        secret=(
            "password", "api_key", "secret_key", "auth_token", "db_password", "access_key", "token",
            "client_secret",
        ),
        command=("ls", "rm -r", "tar xf", "git clone", "cat", "unzip", "convert", "ping"),
        table=("users", "orders", "items", "logs", "files", "events", "jobs"),
        column=("id", "name", "path", "key", "owner", "state"),
        note=("got", "value", "here", "DEBUG", "xxx", "start", "after"),
        plain=("mode", "host", "title", "kind", "region"),
        handle=("f", "file", "stream"),
        prefix=("", "", "", "pk_", "tok-"),
        alphabet="abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMN23456789",
        lengths=(8, 10, 12),
    ),
    Split.EVAL: WordPool(
        variable=("result", "reply", "page", "out"),
        secret=("passwd", "private_key", "secret_token", "user_password", "api_token"),
        command=("du -s", "chmod 600", "gzip", "curl", "wc -l"),
        table=("accounts", "books", "visits", "tasks"),
        column=("code", "email", "status", "grade"),
        note=("now", "check", "TODO", "before", "seen"),
        plain=("label", "scheme", "suffix"),
        handle=("handle", "fp"),
        prefix=("", "", "sk-", "key_"),
        alphabet="abcdef0123456789ghkmPQRSTUV",
        lengths=(9, 11, 13),
    ),
}  # fmt: skip

# Folders and files of invented paths; the training side only, so they need no second half.
PATH_WORDS = [
    "load",
    "parse",
    "read",
    "write",
    "send",
    "make",
    "build",
    "update",
    "cache",
    "queue",
    "index",
    "page",
    "user",
    "model",
    "view",
    "store",
    "client",
    "server",
    "config",
    "path",
    "core",
    "main",
    "base",
    "types",
]


def invented_path(draw: random.Random, name: str, names: Sequence[str]) -> str:
    """A path nobody has seen; ``name`` is the real file's, ``names`` words besides our own."""

    def word() -> str:
        return draw.choice(PATH_WORDS if draw.random() < 0.5 else names)

    ending = PurePosixPath(name).suffix
    return draw.choice(
        [
            f"{word()}/{name}",
            f"src/{word()}/{name}",
            f"{word()}/{word()}{ending}",
            f"{word()}/{word()}_{word()}{ending}",
            f"{word()}/{word()}/{word()}{ending}",
            f"{word()}_{word()}{ending}",
        ]
    )
