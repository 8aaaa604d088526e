"""The header of a git bundle: the refs it holds and what it lacks.

Takes a file, gives a Bundle; the objects behind it are for git to unpack. Refuses a bundle that
only continues another repository.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pullsmith.errors import SourceError

_SIGNATURES = (b"# v2 git bundle\n", b"# v3 git bundle\n")
_REF = re.compile(rb"(?P<id>[0-9a-f]{40}(?:[0-9a-f]{24})?) (?P<name>[^\n]+)\n")
_MAX_LINE = 1 << 16
_MAX_LINES = 1 << 22
_KNOWN = (b"@object-format=sha1\n", b"@object-format=sha256\n")


@dataclass(frozen=True)
class Bundle:
    """What a bundle says before its objects begin, at ``offset``."""

    refs: dict[bytes, bytes]
    offset: int
    partial: bool  # made with --filter: objects may be absent

    @property
    def head(self) -> bytes:
        """HEAD; else main, master or the only branch; empty where it cannot be told."""
        branches = [name for name in self.refs if name.startswith(b"refs/heads/")]
        usual = [b"HEAD", b"refs/heads/main", b"refs/heads/master"]
        names = usual + (branches if len(branches) == 1 else [])
        return next((self.refs[name] for name in names if name in self.refs), b"")


def is_bundle(path: Path) -> bool:
    """Whether a plain file begins as a bundle does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SIGNATURES[0])) in _SIGNATURES


def read_bundle(path: Path) -> Bundle:
    """The header; raises SourceError where the bundle cannot be read on its own."""
    with path.open("rb") as file:
        if file.read(len(_SIGNATURES[0])) not in _SIGNATURES:
            raise SourceError(f"{path}: no git bundle of version 2 or 3")
        bundle = _header(path, file)
    if len({len(one) for one in bundle.refs.values()}) > 1:
        raise SourceError(f"{path}: a damaged git bundle: ids of two lengths")
    if not bundle.refs:
        raise SourceError(f"{path}: a git bundle without refs", reason="empty_repository")
    if not bundle.head:
        raise SourceError(
            f"{path}: the bundle names no HEAD and several branches; make it with: "
            "git bundle create FILE HEAD --all"
        )
    return bundle


def _header(path: Path, file: IO[bytes]) -> Bundle:
    refs: dict[bytes, bytes] = {}
    partial = False
    for _ in range(_MAX_LINES):
        line = file.readline(_MAX_LINE)
        if line == b"\n":
            return Bundle(refs, file.tell(), partial)
        if line.startswith(b"-"):
            raise SourceError(
                f"{path}: the bundle continues another repository (it has prerequisites); "
                "make a whole one with: git bundle create FILE HEAD --all",
                reason="incomplete_bundle",
            )
        if line.startswith(b"@filter="):
            partial = True
        elif match := _REF.fullmatch(line):
            refs[match["name"]] = match["id"]
        elif line not in _KNOWN:
            break
    raise SourceError(f"{path}: a damaged git bundle: its header cannot be read")
