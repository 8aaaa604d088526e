"""What reader, writer and prompt of compact-1 agree on: words, prefixes, and the numbers of lines.

A number means a shown line of the new file (added or context), counted from 1 over all files; it
is looked up, never computed with.
"""

from __future__ import annotations

from pullsmith.diff.shown import ShownDiff, ShownLine

NOTHING = "nothing found"
# No word here may look like a key of the answer ("file: "): the engineered start of the embedded
# student copies what followed the last such word.
INSTRUCTIONS = {
    "describe": "Describe: type, title, points, then name, change and label of every file.",
    "review": f"Review: kind or {NOTHING}, line, issue, effort, tests, security.",
    "improve": f"Improve: kind or {NOTHING}, line, new lines, why, label.",
    "spot": f"Find: kind or {NOTHING}, line.",
}
MARK = "L"  # before every number, so that it is not mistaken for code
REMOVE = "remove"
MORE = "| "  # before the second and further lines of a value


def run_of(shown: ShownDiff, first: int, last: int) -> tuple[ShownLine, ...] | None:
    """The lines numbered ``first`` to ``last``, or None.

    They must be shown and follow each other in one new file, else they are no place.
    """
    if not 1 <= first <= last <= len(shown.new_side):
        return None
    run = shown.new_side[first - 1 : last]
    start = run[0].new_line or 0
    follow = all(
        line.path == run[0].path and line.new_line == start + step for step, line in enumerate(run)
    )
    return run if follow else None


def number_of(shown: ShownDiff, path: str, new_line: int) -> int | None:
    """The number of a line of the new file, None where it is not shown."""
    for number, line in enumerate(shown.new_side, start=1):
        if line.new_line == new_line and line.path == path:
            return number
    return None
