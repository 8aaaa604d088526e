"""The three diff forms of native-1.

In every form a line of code stands behind its sign or its number, so no line of the pull request
can begin like a header.
"""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.diff.shown import ShownDiff, ShownFile, ShownHunk, file_title, printable, unified

NEW, OLD = "__new hunk__", "__old hunk__"


def plain(shown: ShownDiff) -> str:
    """Old and new lines mixed, as in a patch."""
    return unified(shown)


def decoupled(shown: ShownDiff, *, numbers: bool) -> str:
    """Each hunk's new lines, then, where lines were removed, its old lines.

    With ``numbers`` every new line begins with its number in the new file.
    """
    return "\n".join(line for file in shown.files for line in _file(file, numbers=numbers))


def _file(file: ShownFile, *, numbers: bool) -> Iterator[str]:
    yield f"## File: {file_title(file)}"
    for hunk in file.hunks:
        yield ""
        yield printable(hunk.header)
        yield NEW
        yield from _new_lines(hunk, numbers=numbers)
        if any(line.sign == "-" for line in hunk.lines):
            yield OLD
            yield from (
                f"{line.sign}{printable(line.text)}" for line in hunk.lines if line.sign != "+"
            )
    yield ""


def _new_lines(hunk: ShownHunk, *, numbers: bool) -> Iterator[str]:
    for line in hunk.lines:
        if line.new_line is not None:
            start = f"{line.new_line} " if numbers else ""
            yield f"{start}{line.sign}{printable(line.text)}"
