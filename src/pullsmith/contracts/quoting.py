"""The exact lines a quote means: where it is found once, its place and its white space are known.

Takes quotes and shown files; gives shown lines, and suggestions whose code has the white space of
the file. Looks up and moves, never guesses: a quote that is found twice or nowhere, or whose lines
are indented in another way than by a common shift, stays without a place.
"""

from __future__ import annotations

from collections.abc import Sequence

from pullsmith.contracts.answers import Suggestion
from pullsmith.contracts.grounding import is_ellipsis, quote_places
from pullsmith.diff.shown import ShownDiff, ShownFile, ShownLine
from pullsmith.errors import AnswerError


def quoted_lines(code: str, file: ShownFile) -> tuple[ShownLine, ...]:
    """Every new-side line from the first to the last that ``code`` quotes, those of an ellipsis too.

    Empty unless the quote is found once, and inside one hunk.
    """
    places = quote_places(code, file)
    if len(places) != 1:
        return ()
    first, last = places[0]
    for hunk in file.hunks:
        lines = [line for line in hunk.lines if line.new_line is not None]
        if first in lines and last in lines:
            return tuple(lines[lines.index(first) : lines.index(last) + 1])
    return ()


def on_shown_lines(suggestion: Suggestion, shown: ShownDiff) -> Suggestion:
    """The suggestion with its quote written as the file has it, and its new code shifted alike.

    Raises AnswerError (quote_not_found) where the lines are not known, or the shift is not.
    """
    file = shown.file(suggestion.relevant_file)
    lines = quoted_lines(suggestion.existing_code, file) if file else ()
    new_code = _shifted(suggestion, lines) if lines else None
    if new_code is None:
        first = suggestion.existing_code.strip().partition("\n")[0]
        raise AnswerError("quote_not_found", f"{suggestion.relevant_file}: {first[:60]!r}")
    existing = "\n".join(line.text for line in lines)
    return suggestion.model_copy(update={"existing_code": existing, "improved_code": new_code})


def _shifted(suggestion: Suggestion, lines: Sequence[ShownLine]) -> str | None:
    """The new code, indented as much more or less as the shown lines are than the quoted ones."""
    quoted, new = _rows(suggestion.existing_code), _rows(suggestion.improved_code)
    there = [line.text for line in lines if line.text.strip()]
    here = [row for row in quoted if row.strip()]
    if any(map(is_ellipsis, quoted)):
        if any(map(is_ellipsis, new)):  # "and so on" is no code that could be put in place
            return None
        here, there = [here[0], here[-1]], [there[0], there[-1]]
    shifts = {_shift(one, other) for one, other in zip(here, there, strict=True)}
    if len(shifts) != 1 or None in shifts:
        return None
    more, less = shifts.pop() or ("", "")
    if any(row.strip() and not row.startswith(less) for row in new):
        return None
    return "\n".join(more + row.removeprefix(less) if row.strip() else row for row in new)


def _shift(quoted: str, shown: str) -> tuple[str, str] | None:
    """(blanks to put before, blanks to take away) to get from one indentation to the other."""
    here, there = _indent(quoted), _indent(shown)
    if there.endswith(here):
        return there.removesuffix(here), ""
    return ("", here.removesuffix(there)) if here.endswith(there) else None


def _rows(code: str) -> list[str]:
    return code.replace("\r\n", "\n").split("\n")


def _indent(row: str) -> str:
    return row[: len(row) - len(row.lstrip(" \t"))]
