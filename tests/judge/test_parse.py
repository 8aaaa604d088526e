"""A judge's reply: what is read, and what is refused for which reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.errors import AnswerError
from pullsmith.judge.parse import Better, Opinion, parse_opinion

GOOD = """why: the first names the line
score_response1: 8
score_response2: 3
which_response_was_better: 1
"""
READ = Opinion(1, "the first names the line", 8, 3)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        f"```yaml\n{GOOD}```\n",
        f"Let me think. which_response_was_better: 2 would be unfair.\n\n{GOOD}",
        f"{GOOD}\nI hope that helps.",
        # In the order of the published form.
        "which_response_was_better: 1\nwhy: the first names the line\n"
        "score_response1: 8\nscore_response2: 3",
        # A reason over several lines, as YAML writes it.
        "why: |\n  the first names\n  the line\nscore_response1: 8\nscore_response2: 3\n"
        "which_response_was_better: 1",
        # The last of two complete forms counts.
        GOOD.replace("better: 1", "better: 2") + GOOD,
        # An indented line is part of a text, not of the form.
        GOOD + "  which_response_was_better: 2\n",
    ],
)
def test_the_form_is_read(text: str) -> None:
    assert parse_opinion(text) == READ


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_verdict"),
        ("I prefer the first.", "no_verdict"),
        (GOOD.replace("which_response_was_better: 1\n", ""), "no_verdict"),
        (GOOD.replace("score_response2: 3\n", ""), "incomplete"),
        # A verdict that nothing follows, after a complete form: which one did it mean?
        (GOOD + "which_response_was_better: 2\n", "incomplete"),
        (GOOD.replace("better: 1", "better: 3"), "unknown_verdict"),
        (GOOD.replace("better: 1", "better: 1 or 2"), "unknown_verdict"),
        (GOOD.replace("better: 1", "better: first"), "unknown_verdict"),
        (GOOD.replace("better: 1", "better:"), "unknown_verdict"),
        (GOOD.replace("1: 8", "1: 11"), "bad_score"),
        (GOOD.replace("1: 8", "1: 0"), "bad_score"),
        (GOOD.replace("1: 8", "1: 8/10"), "bad_score"),
        (GOOD.replace("why: the first names the line", "why:"), "no_reason"),
    ],
)
def test_anything_else_is_refused(text: str, reason: str) -> None:
    with pytest.raises(AnswerError) as caught:
        parse_opinion(text)
    assert caught.value.reason == reason


def test_scores_that_contradict_the_verdict_are_kept() -> None:
    assert parse_opinion(GOOD.replace("better: 1", "better: 2")).better == 2


@given(better=st.sampled_from([0, 1, 2]), scores=st.tuples(st.integers(1, 10), st.integers(1, 10)))
def test_swapping_flips_the_verdict_and_twice_gives_it_back(
    better: Better, scores: tuple[int, int]
) -> None:
    opinion = Opinion(better, "why", *scores)
    turned = opinion.swap()
    assert {opinion.better, turned.better} in ({0}, {1, 2})
    assert (turned.first_score, turned.second_score) == scores[::-1]
    assert turned.swap() == opinion


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_opinion(text)
    except AnswerError as error:
        assert error.reason  # noqa: PT017  # either way is fine, anything else is not
