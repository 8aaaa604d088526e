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
from functools import lru_cache

from pullsmith.collect.paths import (
    GENERATED,
    MINIFIED,
    MINIFIED_BYTES,
    language,
    looks_generated,
    path_flags,
)
from pullsmith.diff.context import as_records, narrowed
from pullsmith.diff.patch import Hunk, parse_hunks, unquote, write_hunks
from pullsmith.errors import PatchError
from pullsmith.records import ChangeStatus, FileChange

_ODD_MODES = {"120000": "symlink", "160000": "submodule"}
_NEXT_FILE = b"\ndiff --git "
_TOP_BYTES = 2000  # the first lines of a file are in them, or are no words
_HUNK_HEADER = re.compile(rb"^(@@ -\S+ \+\S+ @@ )([^\n]*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Names:
    """What a file's two paths say."""

    path: str
    old_path: str
    header: bytes  # how git begins the file's section
    language: str
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the modes and the status letter say."""

    status: ChangeStatus
    flags: frozenset[str]
    sections: int  # in the patch


def file_changes(record: bytes, context_lines: int = 0) -> tuple[FileChange, ...]:
    """The files of one pull request, in git's order.

    Git must have shown ``context_lines`` more than its three around each change; the records have
    them beside their patches, which stay what they are without. Raises PatchError where the patch does not parse or does not belong to the raw lines.
    """
    at = max(record.find(_NEXT_FILE), 0)
    rows = [_raw_line(line) for line in record[:at].split(b"\n") if line[:1] == b":"]
    if not rows:
        raise PatchError("the change has no files")
    sections = record[at + len(_NEXT_FILE) :].removesuffix(b"\n").split(_NEXT_FILE)
    expected = sum(kind.sections for kind, _ in rows)
    if len(sections) != expected:
        raise PatchError(f"the patch has {len(sections)} files, the raw lines {expected}")
    waiting = iter(sections)
    return tuple(_file_change(kind, names, waiting, context_lines) for kind, names in rows)


def _raw_line(line: bytes) -> tuple[_Kind, _Names]:
    meta, *paths = line.split(b"\t")
    at = meta.rindex(b" ") + 1
    return _kind(meta[1:14], meta[at : at + 1]), _names(paths[0], paths[-1])


@lru_cache(maxsize=1 << 10)
def _kind(modes: bytes, status: bytes) -> _Kind:
    old, new = modes.decode("ascii").split(" ")
    try:
        known = ChangeStatus(status.decode("ascii"))
    except ValueError as error:
        raise PatchError(f"unknown status {status!r}") from error
    flags = {name for mode, name in _ODD_MODES.items() if mode in (old, new)}
    if status in b"MR" and old != new:
        flags.add("mode")
    # A change of type is printed as a removal and an addition.
    return _Kind(known, frozenset(flags), 2 if known is ChangeStatus.TYPE_CHANGED else 1)


@lru_cache(maxsize=1 << 15)
def _names(old: bytes, new: bytes) -> _Names:
    """Of paths as git quotes them; the same ones come again and again."""
    path, utf8 = _text_path(new)
    flags = {*path_flags(path), *(() if utf8 else ("latin_1_path",))}
    header = _prefixed(b"a/", old) + b" " + _prefixed(b"b/", new)
    return _Names(path, _text_path(old)[0], header, language(path), frozenset(flags))


def _prefixed(prefix: bytes, path: bytes) -> bytes:
    return b'"' + prefix + path[1:] if path.startswith(b'"') else prefix + path


def _text_path(raw: bytes) -> tuple[str, bool]:
    """The path as text, and whether it is UTF-8; else it is read as Latin-1."""
    path = unquote(raw)
    try:
        return path.decode("utf-8"), True
    except UnicodeDecodeError:
        return path.decode("latin-1"), False


def _file_change(
    kind: _Kind, names: _Names, sections: Iterator[bytes], context_lines: int
) -> FileChange:
    head, patch = _hunks_of(names, next(sections))
    if kind.sections == 2:
        patch = _one_hunk(patch, _hunks_of(names, next(sections))[1])
    patch, around = narrowed(patch, context_lines) if context_lines else (patch, None)
    added, deleted, top = _counts(names, patch)
    text, encoding = _decoded(patch)
    look = _look(patch, top=top)
    flags = kind.flags | names.flags | {look} if look else kind.flags | names.flags
    return FileChange(
        path=names.path,
        old_path=names.old_path if kind.status is ChangeStatus.RENAMED else None,
        status=kind.status,
        language=names.language,
        patch=text,
        added_lines=added,
        deleted_lines=deleted,
        binary=b"\nBinary files " in head or b"\nGIT binary patch" in head,
        encoding=encoding,
        flags=tuple(sorted(flags)) if flags else (),
        context=None if around is None else as_records(around, encoding),
    )


def _hunks_of(names: _Names, section: bytes) -> tuple[bytes, bytes]:
    """(header lines, hunks) of a file's section, which must be that of the raw line."""
    at = section.find(b"\n@@ -")
    head, patch = (section[:at], section[at + 1 :] + b"\n") if at >= 0 else (section, b"")
    end = len(names.header)
    if not head.startswith(names.header) or head[end : end + 1] not in b"\n":
        raise PatchError(f"the patch of {names.path!r} is not where the raw lines say")
    return head, patch


def _counts(names: _Names, patch: bytes) -> tuple[int, int, bool]:
    """(added lines, deleted lines, whether the first line of the file is shown).

    Raises PatchError where the hunks' headers count otherwise.
    """
    if not patch:
        return 0, 0, False
    hunks = patch[3:].split(b"\n@@ ")
    olds = news = 0
    for hunk in hunks:
        old, new, _ = hunk.split(b" ", 2)
        _, comma, length = old.partition(b",")
        olds += int(length) if comma else 1
        _, comma, length = new.partition(b",")
        news += int(length) if comma else 1
    added, deleted = patch.count(b"\n+"), patch.count(b"\n-")
    lines = patch.count(b"\n") - len(hunks)
    if lines - added != olds:  # unless marks of a missing newline make the difference
        lines -= patch.count(b"\n\\")
    if (lines - added, lines - deleted) != (olds, news):
        raise PatchError(
            f"the hunks of {names.path!r} have {lines - added} old and {lines - deleted} new lines; "
            f"their headers say {olds} and {news}"
        )
    top = hunks[0].split(b" ", 2)[1].partition(b",")[0] in (b"+0", b"+1")
    return added, deleted, top


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


def _look(patch: bytes, *, top: bool) -> str:
    """Generated, by the first lines where they are shown; or minified, by lines no person writes."""
    if top and looks_generated(patch.partition(b"\n")[2][:_TOP_BYTES].decode("latin-1")):
        return GENERATED
    return MINIFIED if _has_line_over(MINIFIED_BYTES, patch) else ""


def _has_line_over(length: int, patch: bytes) -> bool:
    at = 0
    while at + length < len(patch):
        at = patch.rfind(b"\n", at, at + length + 1) + 1
        if not at:
            return True
    return False
