"""Answers as they would be posted: every tool has a form, and Markdown cannot be broken out of."""

from __future__ import annotations

import pytest

from pullsmith.contracts.answers import AnswerValue, Improve, Reflect, Reflection, Spot
from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.curate.items import Piece, Show
from pullsmith.curate.posted import markdown, pieces
from tests.judged import describe, improve, issue, pull_request, review, shown, suggestion

SHOWN = shown(pull_request())


def told(value: AnswerValue) -> list[tuple[str, str]]:
    return [(piece.show.value, piece.text) for piece in pieces(value, SHOWN)]


def test_a_description_has_title_types_and_files() -> None:
    assert told(describe()) == [
        ("heading", "Load less"), ("label", "Bug fix"), ("text", "Loads less."),
        ("place", "Load less"), ("label", "bug fix"),
    ]  # fmt: skip
    assert markdown(pieces(describe(), SHOWN)).startswith(
        "### Load less\n\n_Bug fix_\n\nLoads less."
    )


def test_a_review_has_its_issues_at_their_lines_or_says_that_there_is_none() -> None:
    (place,) = [piece for piece in pieces(review(issue(2, 3)), SHOWN) if piece.show is Show.PLACE]
    assert (place.path, place.start_line, place.end_line) == ("app/load.py", 2, 3)
    assert ("text", "Nothing to look at in particular.") in told(review())
    assert ("text", "Effort to review: 1 of 5") in told(review())
    assert "`app/load.py:2-3` **Comparison with None**" in markdown(
        pieces(review(issue(2, 3)), SHOWN)
    )


def test_a_suggestion_stands_where_its_quote_is() -> None:
    found = pieces(improve(suggestion()), SHOWN)
    assert [(p.show, p.start_line) for p in found if p.path] == [
        (Show.PLACE, 2), (Show.CODE, 2), (Show.NEW_CODE, 2),
    ]  # fmt: skip
    gone = pieces(improve(suggestion("nowhere")), SHOWN)
    assert {piece.start_line for piece in gone if piece.path} == {0}
    assert told(Improve(code_suggestions=())) == [("text", "No suggestion.")]


def test_other_tools_have_a_form_too() -> None:
    look = Reflection(
        suggestion_summary="s", relevant_file="app/load.py", suggestion_score=7, why="true"
    )
    assert told(Reflect(code_suggestions=(look,))) == [
        ("place", "s"), ("label", "7 of 10"), ("text", "true"),
    ]  # fmt: skip
    assert told(Spot(issues=())) == [("text", "Nothing found.")]
    assert told(look) == [("code", canonical_yaml(look))]  # as a tool of the user's own


@pytest.mark.parametrize("code", ["```", "a ```` b", "`", "x\n```\n# out", ""])
def test_code_cannot_end_its_own_fence(code: str) -> None:
    text = markdown([Piece(Show.CODE, code, "python"), Piece(Show.PLACE, "p", path=code or "a")])
    fence = text.partition("python")[0]
    assert set(fence) == {"`"}
    assert fence not in code
    assert text.split("\n").count(fence) == 1  # only the one that closes it
