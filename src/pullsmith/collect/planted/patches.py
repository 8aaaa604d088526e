"""From an edit to a file of a pull request: its patch, and where lines stand in the new file.

Takes the edits of one file and its lines. Only the neighbourhood of a function is compared, never
the whole file. Refuses to know kinds of defect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from pullsmith.collect.planted.edits import Change, Edit
from pullsmith.collect.planted.harvest import Function
from pullsmith.diff.context import as_records, lines_around
from pullsmith.diff.patch import Hunk, diff_hunks, write_hunks
from pullsmith.records import ChangeStatus, FileChange, HunkContext

Lines = tuple[str, ...]


def edit_hunks(edits: Sequence[Edit], file_lines: Lines, *, context: int) -> tuple[Hunk, ...]:
    """The hunks of all ``edits`` of one file, at their places in it; the functions must be ``apart``."""
    hunks: list[Hunk] = []
    old_shift = new_shift = 0  # how far earlier edits have moved what follows them
    for edit in _in_order(edits):
        hunks += (
            replace(
                hunk, old_start=hunk.old_start + old_shift, new_start=hunk.new_start + new_shift
            )
            for hunk in _hunks(edit, file_lines, context=context)
        )
        old_shift += len(edit.before) - len(edit.function.lines)
        new_shift += len(edit.after) - len(edit.function.lines)
    return tuple(hunks)


def _hunks(edit: Edit, file_lines: Lines, *, context: int) -> tuple[Hunk, ...]:
    """The hunks of ``edit`` as if nothing else changed in its file."""
    start = edit.function.first_line - 1
    end = start + len(edit.function.lines)
    above, below = file_lines[max(0, start - context) : start], file_lines[end : end + context]
    section = "" if edit.change is Change.ADD else _section(edit)
    hunks = diff_hunks(
        _encoded((*above, *edit.before, *below)),
        _encoded((*above, *edit.after, *below)),
        context=context,
        section=section.encode("utf-8"),
    )
    shift = start - len(above)
    return tuple(
        replace(hunk, old_start=hunk.old_start + shift, new_start=hunk.new_start + shift)
        for hunk in hunks
    )


def apart(edits: Iterable[Edit], *, context: int) -> bool:
    """Whether each of the edits of a file has hunks of its own: git joins those that are nearer."""
    ordered = _in_order(edits)
    return all(
        second.function.first_line - (first.function.first_line + len(first.function.lines))
        > 2 * context
        for first, second in pairwise(ordered)
    )


def _in_order(edits: Iterable[Edit]) -> list[Edit]:
    return sorted(edits, key=lambda edit: edit.function.first_line)


def file_change(
    path: str,
    hunks: Iterable[Hunk],
    *,
    language: str,
    context: tuple[HunkContext, ...] | None = None,
) -> FileChange:
    """The file at ``path`` changed by ``hunks``."""
    hunks = tuple(hunks)
    signs = [line[:1] for hunk in hunks for line in hunk.lines]
    return FileChange(
        path=path,
        status=ChangeStatus.MODIFIED,
        language=language,
        patch=write_hunks(hunks).decode("utf-8"),
        added_lines=signs.count(b"+"),
        deleted_lines=signs.count(b"-"),
        context=context,
    )


def hunk_contexts(
    edits: Iterable[Edit], file_lines: Lines, hunks: Iterable[Hunk], lines: int
) -> tuple[HunkContext, ...] | None:
    """The file's ``lines`` before the edits, around each of its hunks; None where none are wanted."""
    if not lines:
        return None
    old = [line.encode("utf-8") for line in _before(edits, file_lines)]
    return as_records(lines_around(old, hunks, lines), "utf-8")


def added_numbers(hunks: Iterable[Hunk]) -> list[int]:
    """The new-file numbers of all added lines, from 1."""
    numbers: list[int] = []
    for hunk in hunks:
        at = hunk.new_start
        for line in hunk.lines:
            if line[:1] == b"+":
                numbers.append(at)
            at += line[:1] != b"-"
    return numbers


def file_texts(edits: Sequence[Edit], file_lines: Lines) -> tuple[bytes, bytes]:
    """The whole file before and after its edits."""
    return (
        _encoded(_before(edits, file_lines)),
        _encoded(_replaced(((edit.function, edit.after) for edit in edits), file_lines)),
    )


def _before(edits: Iterable[Edit], file_lines: Lines) -> Lines:
    return _replaced(((edit.function, edit.before) for edit in edits), file_lines)


def _replaced(functions: Iterable[tuple[Function, Lines]], file_lines: Lines) -> Lines:
    """The file's lines with other ones in the place of these functions."""
    lines = list(file_lines)
    for function, new in sorted(functions, key=lambda each: -each[0].first_line):
        start = function.first_line - 1
        lines[start : start + len(function.lines)] = new
    return tuple(lines)


def _section(edit: Edit) -> str:
    return f"{edit.function.keyword} {edit.function.name}".strip()


def _encoded(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8")
