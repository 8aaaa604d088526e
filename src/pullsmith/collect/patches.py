"""One pull request's raw lines and patch as FileChange records.

Takes what ``git diff-tree --raw -p`` prints for one pull request. Paths and what happened come
from the raw lines, hunks from the patch; the two must agree file by file, and every file's hunk
headers must count what follows them. The patch is cut, not read line by line: no line of a hunk
begins with ``diff`` or ``@@``. Text stays bytes until here, then is strict UTF-8, or Latin-1 where
it is not, and the record says so.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pullsmith.collect.paths import (
    GENERATED,
    MINIFIED_CHARACTERS,
    language,
    looks_generated,
    path_flags,
)
from pullsmith.diff.patch import Hunk, parse_hunks, unquote, write_hunks
from pullsmith.errors import PatchError
from pullsmith.records import ChangeStatus, FileChange

_SYMLINK, _SUBMODULE = "120000", "160000"
_NEXT_FILE = b"\ndiff --git "
_HUNK_HEADER = re.compile(rb"^(@@ -\S+ \+\S+ @@ )([^\n]*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _RawLine:
    old_mode: str
    new_mode: str
    status: str
    old_path: bytes  # as git quotes it
    new_path: bytes


def file_changes(record: bytes) -> tuple[FileChange, ...]:
    """The files of one pull request, in git's order.

    Raises PatchError where the patch does not parse or does not belong to the raw lines.
    """
    at = max(record.find(_NEXT_FILE), 0)
    rows = [_raw_line(line) for line in record[:at].split(b"\n") if line[:1] == b":"]
    if not rows:
        raise PatchError("the change has no files")
    sections = record[at + len(_NEXT_FILE) :].removesuffix(b"\n").split(_NEXT_FILE)
    expected = len(rows) + sum(row.status == "T" for row in rows)
    if len(sections) != expected:
        raise PatchError(f"the patch has {len(sections)} files, the raw lines {expected}")
    waiting = iter(sections)
    return tuple(_file_change(row, waiting) for row in rows)


def _raw_line(line: bytes) -> _RawLine:
    meta, *paths = line.split(b"\t")
    old_mode, new_mode, _, _, status = meta[1:].decode("ascii").split(" ")
    return _RawLine(old_mode, new_mode, status[:1], paths[0], paths[-1])


def _file_change(row: _RawLine, sections: Iterator[bytes]) -> FileChange:
    head, patch = _hunks_of(row, next(sections))
    if row.status == "T":  # printed as a removal and an addition
        patch = _one_hunk(patch, _hunks_of(row, next(sections))[1])
    added, deleted = _counts(row, patch)
    text, encoding = _decoded(patch)
    path, old_path = _text_path(row.new_path), _text_path(row.old_path)
    flags = {*path_flags(path), *_path_flags(row), *_mode_flags(row), *_look(patch)}
    return FileChange(
        path=path,
        old_path=old_path if row.status == "R" else None,
        status=_status(row),
        language=language(path),
        patch=text,
        added_lines=added,
        deleted_lines=deleted,
        binary=b"\nBinary files " in head or b"\nGIT binary patch" in head,
        encoding=encoding,
        flags=tuple(sorted(flags)) if flags else (),
    )


def _hunks_of(row: _RawLine, section: bytes) -> tuple[bytes, bytes]:
    """(header lines, hunks) of a file's section, which must be that of the raw line."""
    at = section.find(b"\n@@ -")
    head, patch = (section[:at], section[at + 1 :] + b"\n") if at >= 0 else (section, b"")
    names = _prefixed(b"a/", row.old_path) + b" " + _prefixed(b"b/", row.new_path)
    if not (head + b"\n").startswith(names + b"\n"):
        raise PatchError(f"the patch of {row.new_path!r} is not where the raw lines say")
    return head, patch


def _prefixed(prefix: bytes, path: bytes) -> bytes:
    return b'"' + prefix + path[1:] if path.startswith(b'"') else prefix + path


def _counts(row: _RawLine, patch: bytes) -> tuple[int, int]:
    """(added, deleted) lines of the hunks; raises PatchError where the headers count otherwise."""
    if not patch:
        return 0, 0
    hunks = olds = news = 0
    for hunk in patch[3:].split(b"\n@@ "):
        old, new, _ = hunk.split(b" ", 2)
        olds += _range_length(old)
        news += _range_length(new)
        hunks += 1
    added, deleted = patch.count(b"\n+"), patch.count(b"\n-")
    lines = patch.count(b"\n") - hunks
    if lines - added != olds:  # unless marks of a missing newline make the difference
        lines -= patch.count(b"\n\\")
    if (lines - added, lines - deleted) != (olds, news):
        raise PatchError(
            f"the hunks of {row.new_path!r} have {lines - added} old and {lines - deleted} new lines; "
            f"their headers say {olds} and {news}"
        )
    return added, deleted


def _range_length(side: bytes) -> int:
    """How many lines ``-12,3`` or ``+12`` speaks of."""
    _, comma, length = side.partition(b",")
    return int(length) if comma else 1


def _status(row: _RawLine) -> ChangeStatus:
    try:
        return ChangeStatus(row.status)
    except ValueError as error:
        raise PatchError(f"{row.new_path!r}: unknown status {row.status!r}") from error


def _one_hunk(removal: bytes, addition: bytes) -> bytes:
    """A removal and an addition of the whole file as the one hunk that does both."""
    hunks = [*parse_hunks(removal), *parse_hunks(addition)]
    if not hunks:
        return b""
    olds = sum(hunk.old_count for hunk in hunks)
    news = sum(hunk.new_count for hunk in hunks)
    lines = tuple(line for hunk in hunks for line in hunk.lines)
    return write_hunks([Hunk(min(olds, 1), olds, min(news, 1), news, b"", lines)])


def _decoded(patch: bytes) -> tuple[str, str]:
    for candidate in (bytes, _with_whole_sections):
        try:
            return candidate(patch).decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            continue
    return patch.decode("latin-1"), "latin-1"


def _with_whole_sections(patch: bytes) -> bytes:
    """The patch without the broken character that git leaves where it cuts a hunk's section text."""

    def mended(header: re.Match[bytes]) -> bytes:
        try:
            _, whole = codecs.utf_8_decode(header[2], "strict", False)
        except UnicodeDecodeError:
            return header[0]
        return header[1] + header[2][:whole]

    return _HUNK_HEADER.sub(mended, patch)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text_path(raw: bytes) -> str:
    path = unquote(raw)
    return path.decode("utf-8") if _is_utf8(path) else path.decode("latin-1")


def _path_flags(row: _RawLine) -> Iterator[str]:
    if row.new_path.startswith(b'"') and not _is_utf8(unquote(row.new_path)):
        yield "latin_1_path"


def _mode_flags(row: _RawLine) -> Iterator[str]:
    modes = (row.old_mode, row.new_mode)
    if _SUBMODULE in modes:
        yield "submodule"
    if _SYMLINK in modes:
        yield "symlink"
    if row.status in "MR" and row.old_mode != row.new_mode:
        yield "mode"


def _look(patch: bytes) -> Iterator[str]:
    """Generated by its first lines, where the patch shows them, or by lines no person writes."""
    new_start = patch[: patch.find(b" @@")].partition(b"+")[2].partition(b",")[0]
    if new_start in (b"0", b"1"):
        first = [line[1:].decode("latin-1") for line in patch.split(b"\n", 6)[1:6]]
        if looks_generated(first):
            yield GENERATED
            return
    # Most patches are shorter than such a line.
    if len(patch) > MINIFIED_CHARACTERS < max(map(len, patch.split(b"\n"))):
        yield "minified"
