"""The token estimate: rough, fixed, and never far off where counts are certain."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pullsmith.tokens import MARGIN, count_tokens


def test_pieces() -> None:
    # Counted by hand: common words are one token, digits go by three, indentation and its line end are whole.
    assert count_tokens("") == 0
    assert count_tokens("return value") == 2
    assert count_tokens("snakeCase") == 2
    assert count_tokens("1234567") == 3
    assert count_tokens("\n") == 1
    assert (
        count_tokens("x = f(a)\n        y") == 9
    )  # six before the line end, the line end, the indentation, y
    assert count_tokens("日本語") == 3


@given(st.text(), st.text())
def test_counts_hardly_change_when_texts_are_joined(one: str, other: str) -> None:
    both = count_tokens(one + other)
    assert count_tokens(one) + count_tokens(other) - 3 <= both + 3
    assert both <= count_tokens(one) + count_tokens(other) + 3


@given(st.text())
def test_at_least_a_token_a_dozen_letters_and_at_most_one_a_character(text: str) -> None:
    assert sum(not c.isspace() for c in text) / 11 <= count_tokens(text) <= len(text)


def test_the_margin_covers_what_was_measured() -> None:
    assert MARGIN >= 1.21
