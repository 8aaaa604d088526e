"""From an edit to a file of a pull request: its patch, and where lines stand in the new file.

Takes edits and the lines of their files. Only the neighbourhood of a function is compared, never
the whole file. Refuses to know kinds of defect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pullsmith.collect.planted.edits import Change, Edit
from pullsmith.diff.context import as_records, lines_around
from pullsmith.diff.patch import Hunk, diff_hunks, write_hunks
from pullsmith.records import ChangeStatus, FileChange, HunkContext

Lines = tuple[str, ...]


def edit_hunks(edit: Edit, file_lines: Lines, *, context: int) -> tuple[Hunk, ...]:
    """The hunks of ``edit`` at their place in its file."""
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
    edit: Edit, file_lines: Lines, hunks: Iterable[Hunk], lines: int
) -> tuple[HunkContext, ...] | None:
    """The file's ``lines`` before the edit, around each of its hunks; None where none are wanted."""
    if not lines:
        return None
    old = [line.encode("utf-8") for line in _before(edit, file_lines)]
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


def file_texts(edit: Edit, file_lines: Lines) -> tuple[bytes, bytes]:
    """The whole file before and after the edit."""
    start = edit.function.first_line - 1
    end = start + len(edit.function.lines)
    return (
        _encoded(_before(edit, file_lines)),
        _encoded((*file_lines[:start], *edit.after, *file_lines[end:])),
    )


def _before(edit: Edit, file_lines: Lines) -> Lines:
    start = edit.function.first_line - 1
    return (*file_lines[:start], *edit.before, *file_lines[start + len(edit.function.lines) :])


def _section(edit: Edit) -> str:
    return f"{edit.function.keyword} {edit.function.name}".strip()


def _encoded(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8")
