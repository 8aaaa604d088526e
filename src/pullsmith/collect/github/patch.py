"""The changed files between two commits: GitHub's diff, believed only where its own lists agree.

Takes a comparison and the pull request, gives FileChange records. GitHub cuts long lists (300 files
of a comparison, 3,000 of a pull request) and diffs (300 files) without a word, and answers other
things than a diff; so files and lines are counted in the diff, in the list and in the pull request,
and a diff that does not add up is asked for again, then Damaged. The diff is GitHub's: where git
would place a hunk of repeated lines elsewhere, it is not the clone's byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pullsmith.collect.github.client import Refused
from pullsmith.collect.github.door import DIFF, Ask, Door
from pullsmith.collect.github.wire import ChangedFile, Compare, Damaged, Pull
from pullsmith.collect.patches import file_changes
from pullsmith.errors import PatchError
from pullsmith.records import FileChange

MOST_DIFF_FILES = 300
MOST_LISTED_FILES = 3000
_NEXT_FILE = b"\ndiff --git "
_NO_FILE = "000000"
_ORDINARY = "100644"  # where the diff does not say: a pure rename


class Unusable(Exception):  # noqa: N818 -- an outcome; it becomes a Drop
    """A pull request that GitHub cannot show whole, or that is no change: a code and a detail."""

    def __init__(self, reason: str, detail: str) -> None:
        """Keep ``reason`` apart, for counting."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def check_size(pull: Pull, most_files: int | None = None) -> None:
    """Raise Unusable for a pull request without files, or with more than can be had or is wanted."""
    files = pull.changed_files
    if not files:
        raise Unusable("empty", "base and head have the same files")
    if most_files is not None and files > most_files:
        raise Unusable("too_many_files", f"{files} files")
    if files > MOST_DIFF_FILES:
        ends = f"; its lists at {MOST_LISTED_FILES}" if files > MOST_LISTED_FILES else ""
        raise Unusable("diff_cut", f"{files} files: GitHub's diff ends at {MOST_DIFF_FILES}{ends}")


def adds_up(pull: Pull, files: Sequence[ChangedFile]) -> bool:
    """Whether a list has the files and lines that the pull request counts."""
    return _counted(files) == (pull.changed_files, pull.additions, pull.deletions)


def _counted(files: Sequence[ChangedFile]) -> tuple[int, int, int]:
    return (
        len(files),
        sum(one.additions for one in files),
        sum(one.deletions for one in files),
    )


async def changed_files(
    door: Door, path: str, compare: Compare, head: str
) -> tuple[FileChange, ...]:
    """The files from the merge base to ``head``, in GitHub's order.

    Raises Unusable where GitHub says the diff is too large, Damaged where it is not the list's.
    """

    def read(body: bytes) -> tuple[FileChange, ...]:
        try:
            files = file_changes(with_raw_lines(body))
        except PatchError as error:
            raise Damaged("unreadable_patch", str(error)) from None
        _agree(files, compare.files)
        return files

    base = compare.merge_base_commit.sha
    ask = Ask(f"{path}/compare/{base}...{head}", form=DIFF, lasting=True)
    try:
        return await door.get(ask, read)
    except Refused as refused:
        if refused.status in (406, 422):
            raise Unusable("diff_cut", f"GitHub makes no diff so large: {refused}") from None
        raise


def _agree(files: Sequence[FileChange], listed: Sequence[ChangedFile]) -> None:
    """Raise Damaged where a diff has other files, or other counts, than the list."""
    found = sum(one.added_lines for one in files), sum(one.deleted_lines for one in files)
    told = _counted(listed)
    if (len(files), *found) != told:
        raise Damaged(
            "diff_differs",
            f"the diff has {len(files)} files, +{found[0]} -{found[1]}; "
            f"the list {told[0]} files, +{told[1]} -{told[2]}",
        )
    wanted = {one.filename for one in listed}
    # A list cannot name what is not UTF-8.
    strange = [f for f in files if f.path not in wanted and "latin_1_path" not in f.flags]
    if strange:
        raise Damaged("diff_differs", f"{strange[0].path} is in the diff and not in the list")


@dataclass(frozen=True, slots=True)
class _Section:
    """One file of a diff: what its header says. Paths are as git quotes them."""

    old_mode: str
    new_mode: str
    status: str
    old_path: bytes
    new_path: bytes

    def line(self) -> bytes:
        """The line of ``git diff-tree --raw`` that a clone would have given."""
        modes = f":{self.old_mode} {self.new_mode} 0 0 {self.status}".encode()
        paths = (self.old_path, self.new_path) if self.status == "R" else (self.new_path,)
        return b"\t".join([modes, *paths])


def with_raw_lines(diff: bytes) -> bytes:
    """A diff with the raw lines in front that its headers amount to, as ``file_changes`` reads it.

    Raises PatchError where it is no diff.
    """
    if not diff.startswith(_NEXT_FILE[1:]):
        raise PatchError("no diff begins like this")
    if not diff.endswith(b"\n"):
        raise PatchError("the diff ends in the middle of a line")
    sections = [_section(one) for one in (b"\n" + diff).split(_NEXT_FILE)[1:]]
    return b"\n".join(one.line() for one in _joined(sections)) + b"\n" + diff


def _joined(sections: Sequence[_Section]) -> Iterator[_Section]:
    """A removal and an addition of one path are a change of its type."""
    waiting: _Section | None = None
    for one in sections:
        if waiting and (waiting.status, one.status) == ("D", "A") and _same_path(waiting, one):
            waiting = _Section(waiting.old_mode, one.new_mode, "T", one.new_path, one.new_path)
            continue
        if waiting:
            yield waiting
        waiting = one
    if waiting:
        yield waiting


def _same_path(one: _Section, other: _Section) -> bool:
    return one.new_path == other.new_path


def _section(section: bytes) -> _Section:
    at = section.find(b"\n@@ -")
    names, *lines = (section if at < 0 else section[:at]).split(b"\n")
    said = dict(_said(lines))
    if b"copy from " in said:
        raise PatchError("a copied file: its patch is not that of a new one")
    renamed = b"rename from " in said
    old, new = _renamed(said) if renamed else _twice(names)
    index = said.get(b"index ", b"").split(b" ")
    mode = index[1].decode("ascii", "replace") if len(index) > 1 else _ORDINARY
    if b"new file mode " in said:
        return _Section(_NO_FILE, _mode(said[b"new file mode "]), "A", old, new)
    if b"deleted file mode " in said:
        return _Section(_mode(said[b"deleted file mode "]), _NO_FILE, "D", old, new)
    before = _mode(said[b"old mode "]) if b"old mode " in said else mode
    after = _mode(said[b"new mode "]) if b"new mode " in said else mode
    return _Section(before, after, "R" if renamed else "M", old, new)


_HEADERS = (
    b"old mode ", b"new mode ", b"new file mode ", b"deleted file mode ", b"rename from ",
    b"rename to ", b"copy from ", b"index ",
)  # fmt: skip


def _said(lines: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for line in lines:
        for header in _HEADERS:
            if line.startswith(header):
                yield header, line[len(header) :]


def _mode(value: bytes) -> str:
    return value.decode("ascii", "replace")


def _renamed(said: dict[bytes, bytes]) -> tuple[bytes, bytes]:
    try:
        return said[b"rename from "], said[b"rename to "]
    except KeyError as error:
        raise PatchError("a rename that does not say to what") from error


def _twice(names: bytes) -> tuple[bytes, bytes]:
    """The path of "a/PATH b/PATH"; a space in it tells nothing, but both halves are as long."""
    half = len(names) // 2
    old, new = _path(names[:half], b"a/"), _path(names[half + 1 :], b"b/")
    if old != new or names[half : half + 1] != b" ":
        raise PatchError(f"the names of {names!r} are two, and it is no rename")
    return old, new


def _path(name: bytes, prefix: bytes) -> bytes:
    if name.startswith(b'"' + prefix):
        return b'"' + name[1 + len(prefix) :]
    if name.startswith(prefix):
        return name[len(prefix) :]
    raise PatchError(f"{name!r} does not begin with {prefix!r}")
