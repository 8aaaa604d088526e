"""Git patches as bytes: which files a patch has, and their hunks.

Takes what ``git diff-tree -p`` prints. Refuses to know about encodings, languages and records.
Paths come from the ``---``/``+++``/``rename`` lines, C-quoted, and only where there are none (mode
changes, binary and empty files) from the two equal halves of the ``diff --git`` line.
"""

from __future__ import annotations

from dataclasses import dataclass

from pullsmith.diff.hunks import (
    Hunk,
    apply_hunks,
    diff_hunks,
    first_bytes,
    parse_hunks,
    patch_lines,
    read_hunks,
    write_hunks,
)
from pullsmith.errors import PatchError

__all__ = [
    "FilePatch",
    "Hunk",
    "apply_hunks",
    "diff_hunks",
    "parse_hunks",
    "parse_patch",
    "unquote",
    "write_hunks",
]

_ESCAPES = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


@dataclass(frozen=True, slots=True)
class FilePatch:
    """One file of a patch. ``status`` is git's letter: A, D, M, R or C.

    A path is None on the side where the file does not exist; modes and blob ids are None where the
    patch does not name them. ``hunks`` is empty for binary files, pure renames, mode changes and
    empty files. A type change comes as git prints it: a D and an A of the same path.
    """

    old_path: bytes | None
    new_path: bytes | None
    status: str
    old_mode: str | None
    new_mode: str | None
    old_blob: str | None
    new_blob: str | None
    binary: bool
    hunks: tuple[Hunk, ...]


def parse_patch(patch: bytes) -> list[FilePatch]:
    """The files of a git patch, in order; an empty patch has none.

    Raises PatchError on a hunk that is cut or miscounted, on a file without a path, and on text
    that holds no ``diff --git`` line at all.
    """
    lines = patch_lines(patch)
    signs = first_bytes(lines)
    files: list[FilePatch] = []
    at = _next_file(lines, signs, 0)
    if at == len(lines) and lines:
        raise PatchError(f"no 'diff --git' line in {len(lines)} lines; give the output of git diff")
    while at < len(lines):
        head_end = at + 1
        while head_end < len(lines) and not lines[head_end].startswith((b"@@ -", b"diff --git ")):
            head_end += 1
        hunks, end = read_hunks(lines, signs, head_end)
        files.append(_file(lines[at:head_end], hunks))
        at = _next_file(lines, signs, end)
    return files


def _next_file(lines: list[bytes], signs: bytes, at: int) -> int:
    at = signs.find(b"d", at)
    while at >= 0 and not lines[at].startswith(b"diff --git "):
        at = signs.find(b"d", at + 1)
    return at if at >= 0 else len(lines)


def _file(head: list[bytes], hunks: tuple[Hunk, ...]) -> FilePatch:
    seen: dict[bytes, bytes] = {}
    binary = False
    for line in head[1:]:
        for key in _KEYS:
            if line.startswith(key):
                seen.setdefault(key, line[len(key) :])
                break
        else:
            binary = binary or line == b"GIT binary patch"
    old_path, new_path = _paths(head[0], seen)
    status = next((letter for key, letter in _STATUS if key in seen), "M")
    blobs = seen.get(b"index ", b"").split(b" ")
    old_blob, _, new_blob = blobs[0].partition(b"..")
    one_mode = blobs[1] if len(blobs) > 1 else None
    return FilePatch(
        old_path=None if status == "A" else old_path,
        new_path=None if status == "D" else new_path,
        status=status,
        old_mode=_name(seen.get(b"old mode ", seen.get(b"deleted file mode ", one_mode))),
        new_mode=_name(seen.get(b"new mode ", seen.get(b"new file mode ", one_mode))),
        old_blob=_name(old_blob),
        new_blob=_name(new_blob),
        binary=binary or b"Binary files " in seen,
        hunks=hunks,
    )


_KEYS = (
    b"index ", b"--- ", b"+++ ", b"new file mode ", b"deleted file mode ", b"old mode ",
    b"new mode ", b"rename from ", b"rename to ", b"copy from ", b"copy to ", b"Binary files ",
)  # fmt: skip
_STATUS = (
    (b"new file mode ", "A"),
    (b"deleted file mode ", "D"),
    (b"rename to ", "R"),
    (b"copy to ", "C"),
)


def _paths(first: bytes, seen: dict[bytes, bytes]) -> tuple[bytes, bytes]:
    for one, other in ((b"rename from ", b"rename to "), (b"copy from ", b"copy to ")):
        if one in seen and other in seen:
            return unquote(seen[one]), unquote(seen[other])
    sides = [unquote(seen[key].removesuffix(b"\t")) for key in (b"--- ", b"+++ ") if key in seen]
    if len(sides) == 2:
        old, new = sides
        # Where one side is /dev/null, both names are the other's; the status tells them apart.
        return (new if old == b"/dev/null" else old)[2:], (old if new == b"/dev/null" else new)[2:]
    path = _path_in_first_line(first.removeprefix(b"diff --git "))
    return path, path


def _path_in_first_line(names: bytes) -> bytes:
    """``a/PATH b/PATH``, both the same path: each half is as long as the other."""
    half = (len(names) - 1) // 2
    one, other = unquote(names[:half]), unquote(names[half + 1 :])
    if one[2:] != other[2:] or not one[2:] or names[half : half + 1] != b" ":
        raise PatchError(f"file header without a path: {names[:120]!r}")
    return one[2:]


def unquote(path: bytes) -> bytes:
    """A path as git prints it, its C-style quoting undone; raises PatchError on a broken quote."""
    if not path.startswith(b'"'):
        return path
    if len(path) < 2 or not path.endswith(b'"'):
        raise PatchError(f"quoted path without its end: {path[:120]!r}")
    inner, out, at = path[1:-1], bytearray(), 0
    try:
        while at < len(inner):
            if inner[at] != 0x5C:
                out.append(inner[at])
                at += 1
            elif 0x30 <= inner[at + 1] <= 0x33:  # three octal digits
                out.append(int(inner[at + 1 : at + 4], 8))
                at += 4
            else:
                out.append(_ESCAPES[inner[at + 1]])
                at += 2
    except (IndexError, KeyError, ValueError) as error:
        raise PatchError(f"path with a broken escape: {path[:120]!r}") from error
    return bytes(out)


def _name(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value else None
