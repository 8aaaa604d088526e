"""What a coverage shows of a pull request: its lines, numbered once for every contract.

Takes a PullRequest and a Coverage, gives files, hunks and lines as text. Refuses to know about
contracts, budgets and models: which hunks are shown was decided before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pullsmith.diff.patch import Hunk, parse_hunks
from pullsmith.errors import PatchError
from pullsmith.records import ChangeStatus, Coverage, Cut, FileChange, PullRequest
from pullsmith.records import ShownFile as CoveredFile

# Everything str.splitlines() breaks at: a terminal, a model or a YAML reader may see a new line there.
_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufeff]")


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a diff. ``number`` counts from 1 over all shown lines of all shown files.

    ``sign`` is "+", "-" or " "; ``text`` has neither sign nor line end. ``old_line`` and
    ``new_line`` count from 1 in the old and new file, None on the side the line is not on.
    """

    number: int
    sign: str
    text: str
    path: str
    old_line: int | None
    new_line: int | None


@dataclass(frozen=True, slots=True)
class ShownHunk:
    """A hunk that is shown; ``section`` is git's text behind the second ``@@``.

    It is whole, or its first lines where the coverage cuts it; the counts are of the lines it has.
    """

    section: str
    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[ShownLine, ...]

    @property
    def header(self) -> str:
        """The hunk's header line, as git writes it but always with counts."""
        old, new = f"{self.old_start},{self.old_count}", f"{self.new_start},{self.new_count}"
        return f"@@ -{old} +{new} @@ {self.section}".rstrip()


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file that is shown; ``hunks`` is empty for binary files, pure renames and mode changes."""

    path: str
    old_path: str | None
    status: ChangeStatus
    language: str
    hunks: tuple[ShownHunk, ...]


@dataclass(frozen=True)
class ShownDiff:
    """Everything that is shown, in the coverage's order; ``omitted`` names what is not shown at all."""

    files: tuple[ShownFile, ...]
    omitted: tuple[str, ...] = ()

    @classmethod
    def of(cls, pull_request: PullRequest, coverage: Coverage) -> ShownDiff:
        """What ``coverage`` shows of ``pull_request``; raises PatchError where the two do not fit."""
        changes = {change.path: change for change in pull_request.files}
        files: list[ShownFile] = []
        number = 0
        for covered in coverage.shown:
            if covered.path not in changes:
                raise PatchError(
                    f"{pull_request.id}: the coverage shows {covered.path!r}, which is not in its files"
                )
            file = _shown_file(changes[covered.path], covered, number, pull_request.id)
            number += sum(len(hunk.lines) for hunk in file.hunks)
            files.append(file)
        shown_paths = {file.path for file in files}
        omitted = dict.fromkeys(
            file.path for file in coverage.omitted if file.path not in shown_paths
        )
        return cls(tuple(files), tuple(omitted))

    @cached_property
    def lines(self) -> tuple[ShownLine, ...]:
        """All lines; ``lines[n - 1].number == n``."""
        return tuple(line for file in self.files for hunk in file.hunks for line in hunk.lines)

    @cached_property
    def new_side(self) -> tuple[ShownLine, ...]:
        """The lines that are in a new file: added and context lines, in order."""
        return tuple(line for line in self.lines if line.new_line is not None)

    def line(self, number: int) -> ShownLine | None:
        """The line with that number, None where there is none."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else None

    def file(self, path: str) -> ShownFile | None:
        """The shown file of that path in the new tree (of a deleted file: the old), or None."""
        return next((file for file in self.files if file.path == path), None)

    def new_lines(self, path: str, start: int, end: int) -> tuple[ShownLine, ...]:
        """The shown lines ``start`` to ``end``, both included, of the new file; empty if none is."""
        return tuple(
            line
            for line in self.new_side
            if line.path == path and start <= (line.new_line or 0) <= end
        )


def whole(pull_request: PullRequest) -> Coverage:
    """The coverage that shows everything; its ``diff_tokens`` is 0, because nobody counted."""
    shown = tuple(
        CoveredFile(path=change.path, hunks=tuple(range(len(hunks_of(change)))))
        for change in pull_request.files
    )
    return Coverage(shown=shown)


def hunks_of(change: FileChange) -> tuple[Hunk, ...]:
    """The hunks of a file's patch as bytes; none for an empty patch. Raises PatchError."""
    return parse_hunks(change.patch.encode(change.encoding))


def unified(shown: ShownDiff, *, numbers: bool = False) -> str:
    """The diff as plain text, in no contract's words: what judges and people see.

    Every line of a file begins with its sign, or with ``numbers`` with its number in the new file and
    then its sign (blanks where it is not in there), so no line of the pull request can pass for a
    header. Empty where nothing is shown.
    """
    return "\n".join(line for file in shown.files for line in _unified_file(file, numbers=numbers))


def printable(text: str) -> str:
    """``text`` on one line: line breaks of every kind become a space, control characters U+FFFD."""
    if text.isprintable():
        return text
    return _CONTROLS.sub("\ufffd", _BREAKS.sub(" ", text))


def file_title(file: ShownFile) -> str:
    """How a file is headed in a diff: its path in quotes, and what happened to it."""
    notes = {
        ChangeStatus.ADDED: " (added)",
        ChangeStatus.DELETED: " (deleted)",
        ChangeStatus.RENAMED: f" (renamed from '{printable(file.old_path or '')}')",
        ChangeStatus.TYPE_CHANGED: " (type changed)",
    }
    empty = "" if file.hunks else " (no text)"
    return f"'{printable(file.path)}'{notes.get(file.status, '')}{empty}"


def _unified_file(file: ShownFile, *, numbers: bool) -> Iterator[str]:
    last = max((line.new_line or 0 for hunk in file.hunks for line in hunk.lines), default=0)
    width = len(str(last)) + 1 if numbers else 0
    yield f"## File: {file_title(file)}"
    for hunk in file.hunks:
        yield printable(hunk.header)
        for line in hunk.lines:
            place = f"{line.new_line or ''} ".rjust(width) if numbers else ""
            yield place + line.sign + printable(line.text)


def _shown_file(
    change: FileChange, covered: CoveredFile, number: int, pull_request_id: str
) -> ShownFile:
    hunks = hunks_of(change)
    shown: list[ShownHunk] = []
    for index in covered.hunks:
        if not 0 <= index < len(hunks):
            raise PatchError(
                f"{pull_request_id}: the coverage shows hunk {index} of {change.path!r}, "
                f"which has {len(hunks)}"
            )
        last = covered.cut is not None and index == covered.hunks[-1]
        hunk = _shown_hunk(hunks[index], change, number, covered.cut if last else None)
        number += len(hunk.lines)
        shown.append(hunk)
    return ShownFile(change.path, change.old_path, change.status, change.language, tuple(shown))


def _shown_hunk(hunk: Hunk, change: FileChange, number: int, cut: Cut | None = None) -> ShownHunk:
    # With a count of 0 git names the line before.
    old = hunk.old_start + (hunk.old_count == 0)
    new = hunk.new_start + (hunk.new_count == 0)
    lines: list[ShownLine] = []
    for raw in hunk.lines if cut is None else hunk.lines[: cut.lines]:
        sign = chr(raw[0]) if raw else " "
        if sign == "\\":  # git's remark on a missing last newline is no line of the file
            continue
        number += 1
        # The carriage return of a CRLF file belongs to the line end, which nobody quotes.
        text = raw[1:].decode(change.encoding).removesuffix("\r")
        in_old, in_new = sign != "+", sign != "-"
        lines.append(
            ShownLine(
                number, sign, text, change.path, old if in_old else None, new if in_new else None
            )
        )
        old += in_old
        new += in_new
    section = hunk.section.decode(change.encoding, "replace").strip()
    counts = (hunk.old_count, hunk.new_count)
    if cut is not None:
        counts = (sum(line.sign != "+" for line in lines), sum(line.sign != "-" for line in lines))
    return ShownHunk(section, hunk.old_start, counts[0], hunk.new_start, counts[1], tuple(lines))
