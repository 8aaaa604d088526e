"""Quotes put on the exact lines: each has a twin that has no place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.contracts.answers import Suggestion
from pullsmith.contracts.quoting import on_shown_lines, quoted_lines
from pullsmith.errors import AnswerError
from tests.contracts.test_grounding import PATCH, shown, suggestion


def numbers(quote: str) -> list[int | None]:
    file = shown().file("src/a.py")
    assert file is not None
    return [line.new_line for line in quoted_lines(quote, file)]


@pytest.mark.parametrize(
    ("quote", "lines"),
    [
        ("with open(path) as handle:", [2]),
        ("text = handle.read()\nreturn text", [3, 4, 5]),  # the blank line between is theirs too
        ("def load(path):\n...\nreturn text", [1, 2, 3, 4, 5]),
        ("check(path)", []),  # twice
        ("text = open(path)", []),  # the old side
        ("def load(path):\n...\npath.write_text(text)", []),  # not one piece
        (" ", []),
    ],
)
def test_the_lines_of_a_quote(quote: str, lines: list[int]) -> None:
    assert numbers(quote) == lines


def placed(existing: str, improved: str, patch: str = PATCH) -> tuple[str, str]:
    found = on_shown_lines(suggestion(existing, improved), shown(patch))
    return found.existing_code, found.improved_code


WITH = "    with open(path) as handle:\n        text = handle.read()"


@pytest.mark.parametrize(
    ("existing", "improved", "new"),
    [
        (WITH, "    pass", "    pass"),
        ("with open(path) as handle:\n    text =  handle.read()", "if a:\n    b()\n\nc()",
         "    if a:\n        b()\n\n    c()"),
        (f"  {WITH}".replace("\n", "\n  "), "      pass", "    pass"),
        ("with open(path) as handle:\r\n    text = handle.read()", "", ""),
    ],
)  # fmt: skip
def test_new_code_is_shifted_as_its_quote_is(existing: str, improved: str, new: str) -> None:
    assert placed(existing, improved) == (WITH, new)


def test_a_shortened_quote_means_all_lines_it_spans() -> None:
    existing, improved = placed("with open(path) as handle:\n    ...\nreturn text", "return 1")
    assert existing == f"{WITH}\n\n    return text"
    assert improved == "    return 1"


@pytest.mark.parametrize(
    ("existing", "improved"),
    [
        ("check(path)", "x"),
        ("missing()", "x"),
        ("with open(path) as handle:\ntext = handle.read()", "x"),  # indented in another way
        ("\twith open(path) as handle:", "\tx"),  # tabs for blanks
        ("      with open(path) as handle:", " x"),  # the new code cannot be moved that far
        ("def load(path):\n...\n    return text", "def load(path):\n..."),  # no whole code
    ],
)
def test_a_quote_without_a_place_or_a_shift_is_refused(existing: str, improved: str) -> None:
    with pytest.raises(AnswerError, match="quote_not_found"):
        placed(existing, improved)


@given(st.integers(0, 4), st.sampled_from(["  ", "\t", "      "]))
def test_a_common_shift_never_changes_what_an_edit_does(index: int, blanks: str) -> None:
    # Lines 1 to 5 of the file, all but the blank one; each quoted with its blanks, and shifted.
    file = shown().file("src/a.py")
    assert file is not None
    lines = [line.text for line in file.hunks[0].lines if line.sign != "-"][index:]
    exact = suggestion("\n".join(lines), "\n".join([*lines[1:], "last()"]))
    if not exact.existing_code.strip():
        return

    def moved(code: str) -> str:
        return "\n".join(blanks + row if row.strip() else row for row in code.split("\n"))

    shifted = suggestion(moved(exact.existing_code), moved(exact.improved_code))
    found: Suggestion = on_shown_lines(shifted, shown())
    assert (
        found.improved_code == on_shown_lines(exact, shown()).improved_code == exact.improved_code
    )
