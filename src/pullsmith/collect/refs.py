"""The refs of a repository, read by hand from its files.

Takes a git dir, gives names and ids. git itself would first read the repository's config, with
every file that includes, from wherever they point: here nothing but ids is taken from the clone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pullsmith.errors import SourceError

_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NAME = re.compile(rb"refs(?:/(?!\.{1,2}(?:/|\Z))[^/\0]+)+")  # it stays below refs/
_PACKED = re.compile(rb"(%s) (%s)" % (_ID.pattern, _NAME.pattern))
_MAX_LINKS = 5  # of one symbolic ref to the next, as in git
_MAX_BYTES = 1 << 16  # of a line, or of a file that holds one


def read_head(git_dir: Path, common: Path) -> bytes:
    """The id HEAD stands for; empty where the branch it names does not exist yet.

    ``git_dir`` has HEAD, ``common`` the branches: two folders for a linked work tree only.
    """
    value = _symbolic(git_dir / "HEAD")
    for _ in range(_MAX_LINKS):
        if _ID.fullmatch(value):
            return value
        name = value.removeprefix(b"ref:").strip()
        if not value.startswith(b"ref:") or not _NAME.fullmatch(name):
            break
        loose = common / os.fsdecode(name)
        packed = (one for known, one in _packed(common) if known == name)
        value = _symbolic(loose) if loose.is_file() else next(packed, b"")
        if not value:
            return b""
    raise SourceError(f"{git_dir}: HEAD is no branch and no commit: {value[:80]!r}")


def read_refs(common: Path, prefix: bytes) -> dict[bytes, bytes]:
    """Ids by name of every ref below ``prefix`` (as in ``b"refs/pull/"``), sorted by name."""
    found = {name: one for name, one in _packed(common) if name.startswith(prefix)}
    found.update((name, one) for name, one in _loose(common, prefix) if _ID.fullmatch(one))
    return dict(sorted(found.items()))


def _symbolic(path: Path) -> bytes:
    """The content of a ref's file; of a link, which old versions of git made, the name it says."""
    if path.is_symlink():
        return b"ref: " + os.fsencode(path.readlink())
    with path.open("rb") as file:
        return file.read(_MAX_BYTES).strip()


def _packed(common: Path) -> Iterator[tuple[bytes, bytes]]:
    """Names and ids, in the order of the file."""
    path = common / "packed-refs"
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in iter(partial(file.readline, _MAX_BYTES), b""):
            if found := _PACKED.fullmatch(line.rstrip(b"\n")):
                yield found[2], found[1]


def _loose(common: Path, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    root = os.fsencode(common)
    for folder, _, names in os.walk(root + b"/refs", onerror=_refuse):
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118  # names are bytes
            ref = os.path.relpath(path, root)
            if ref.startswith(prefix) and Path(os.fsdecode(path)).is_file():
                yield ref, _symbolic(Path(os.fsdecode(path)))


def _refuse(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
