"""Short, clean functions of code in other languages than Python, each with its places for a defect.

Takes files or a folder; gives functions in a fixed order. Caches nothing, runs nothing of what it
reads, and refuses to know what is planted.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pullsmith.collect.paths import looks_generated, path_flags
from pullsmith.collect.planted.harvest import TELLING_WORDS, Function, Harvest
from pullsmith.collect.planted.languages.functions import (
    Lifted,
    argument,
    insert_row,
    lifted,
    removable_rows,
)
from pullsmith.collect.planted.languages.operators import MAX_BYTES, SourceFile
from pullsmith.collect.planted.languages.smells import smell
from pullsmith.collect.planted.operators import Site
from pullsmith.errors import SourceError
from pullsmith.grammars import grammar_of, language_of

_MAX_COLUMNS = 100
_TAB = 4  # columns, as most show it
_MIN_LINES = 3
_FLAG_FILE = "file:"


def harvest_foreign(
    folder: Path, *, language: str, max_lines: int, file_limit: int | None = None
) -> Harvest:
    """The clean functions of one language under ``folder``, by path and line.

    Links and hidden folders are not followed; ``file_limit`` reads only so many files, the first by
    path. Raises SourceError if there is no usable function, MissingExtraError without the extra.
    """
    paths = sorted(_files(folder, language))[:file_limit]
    contents = ((path, (folder / path).read_bytes()) for path in paths)
    found = harvest_foreign_texts(contents, language=language, max_lines=max_lines)
    if not found.functions:
        raise SourceError(
            f"planted source {folder}: no usable {language} function in it "
            f"({dict(found.left_out)}); give a folder of {language} sources"
        )
    return found


def _files(folder: Path, language: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if language_of(name) == language and path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def harvest_foreign_texts(
    files: Iterable[tuple[str, bytes]], *, language: str, max_lines: int
) -> Harvest:
    """The clean functions of at most ``max_lines`` lines in (path, content), in their order.

    Of functions with the same text only the first is kept, so that no text is on both sides of a
    split by file. Files of other languages, tests, docs, vendored and generated ones are left out.
    Empty if there is no usable function. Raises MissingExtraError without the extra.
    """
    gathered = _Gathered(language, max_lines)
    for path, content in files:
        gathered.add(path, content)
    return Harvest(tuple(gathered.functions), gathered.files, gathered.left_out)


class _Gathered:
    """What was found so far."""

    def __init__(self, language: str, max_lines: int) -> None:
        self.left_out: Counter[str] = Counter()
        self.functions: list[Function] = []
        self.files: dict[str, tuple[str, ...]] = {}
        self._language, self._max_lines = language, max_lines
        self._seen: set[bytes] = set()

    def add(self, path: str, content: bytes) -> None:
        file = self._opened(path, content)
        if isinstance(file, str):
            self.left_out[_FLAG_FILE + file] += 1
            return
        kept = list(self._kept(path, file))
        self.functions += kept
        if kept:
            self.files[path] = tuple(line.decode() for line in file.lines[:-1])

    def _opened(self, path: str, content: bytes) -> SourceFile | str:
        """The file, or the reason it is left out."""
        grammar = grammar_of(path)
        if grammar is None or language_of(path) != self._language:
            return "other_language"
        flags = path_flags(path)
        if flags:
            return flags[0]
        reason = _unfit(content)
        if reason is not None:
            return reason
        file = SourceFile(content, grammar, self._language)
        return file if file.is_whole else "does_not_parse"

    def _kept(self, path: str, file: SourceFile) -> Iterator[Function]:
        for found in lifted(file.tree.root_node, file.lines, max_lines=self._max_lines):
            reason = found if isinstance(found, str) else self._unusable(found, file)
            if isinstance(found, str) or reason is not None:
                self.left_out[str(reason)] += 1
            else:
                yield self._function(path, found, file)

    def _unusable(self, found: Lifted, file: SourceFile) -> str | None:
        """The reason to leave a function out; None keeps it, and remembers its text."""
        rows = file.lines[found.first : found.end]
        if found.end - found.start < _MIN_LINES or len(rows) > self._max_lines:
            return "length"
        if not all(_is_narrow(row) for row in rows):
            return "columns"
        if TELLING_WORDS & {word.lower() for word in name_words(found.name)}:
            return "telling_name"
        text = b"\n".join(rows).decode()
        key = hashlib.sha256(" ".join(text.split()).encode()).digest()
        reason = "duplicate" if key in self._seen else None
        found_smell = smell(text) if reason is None else None
        if reason is None and found_smell is None:
            self._seen.add(key)
        return reason or (f"smell:{found_smell}" if found_smell else None)

    def _function(self, path: str, found: Lifted, file: SourceFile) -> Function:
        node, first = found.place.node, found.first
        row = insert_row(node, file.lines)
        ranges = removable_rows(node, file.lines, found.end - first - 2)
        sites = file.sites(found.place)
        return Function(
            path=path,
            name=found.name,
            keyword=_keyword(file.lines[found.start : found.end], found.name),
            first_line=first + 1,
            lines=tuple(line.decode() for line in file.lines[first : found.end]),
            argument=argument(node),
            insert_at=None if row is None else row - first,
            removable=tuple((start - first, end - first) for start, end in ranges),
            sites=tuple(
                Site(site.kind, site.line - 1 - first, site.defective, site.original)
                for site in sites
            ),
            language=self._language,
        )


def _unfit(content: bytes) -> str | None:
    """Why a file cannot be used whatever its language; None if it can."""
    if len(content) > MAX_BYTES:
        return "large"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return "UnicodeDecodeError"
    if not text.endswith("\n") or any(mark in text for mark in "\r\f\0"):
        return "line_ends"
    return "generated" if looks_generated(text[:2_000]) else None


def _is_narrow(row: bytes) -> bool:
    """Whether a line is ASCII and no wider than a screen."""
    return row.isascii() and len(row) + row.count(b"\t") * (_TAB - 1) <= _MAX_COLUMNS


def name_words(name: str) -> list[str]:
    """The words of a name in snake_case or camelCase."""
    return re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)


def _keyword(rows: list[bytes], name: str) -> str:
    """What stands before the name in its line, as ``pub fn``, ``func (c *Client)`` or nothing."""
    for row in rows:
        before, found, _ = row.decode().partition(name)
        if found:
            return before.strip() if re.fullmatch(r"[\w\s()*&<>,\[\]]*", before) else "function"
    return ""
