"""What one answer is worth beside the truth of its pull request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.canonical import value_json
from pullsmith.errors import AnswerError
from pullsmith.records import Outcome
from pullsmith.scoring import SPARE_LINES, PlantedScore, Score, score_answer
from tests.contracts.own import TOOLS, Note
from tests.judged import (
    DEFECT,
    answer,
    describe,
    improve,
    issue,
    pull_request,
    review,
    shown,
    suggestion,
    tool_of,
)

DEFECTIVE = pull_request(defect=DEFECT)
CLEAN = pull_request("clean")
REAL = pull_request("real", source="git")


def score(value: AnswerValue | None, request: str = "defective", tool: str = "review") -> Score:
    asked = {"defective": DEFECTIVE, "clean": CLEAN, "real": REAL}[request]
    return score_answer(answer(asked, value, tool=tool), asked, shown(asked))


def planted(value: AnswerValue | None, request: str = "defective") -> PlantedScore:
    tool = "review" if value is None else tool_of(value)
    found = score(value, request, tool).planted
    assert found is not None
    return found


def test_issues_told_as_text_are_no_silence_and_no_claim() -> None:
    told = review().model_copy(
        update={"key_issues_to_review": None, "possible_issues": "- Bug: it hangs"}
    )
    assert not score(told, "clean").empty
    assert (planted(told, "clean").silent, planted(told, "clean").claims) == (False, 0)
    none = told.model_copy(update={"possible_issues": "No."})
    assert score(none, "clean").empty
    assert planted(none, "clean").silent


def test_right_kind_at_the_right_line_is_found() -> None:
    got = planted(review(issue()))
    assert (got.found, got.line_found, got.kind_found, got.right_claims, got.claims) == (
        True, True, True, 1, 1,
    )  # fmt: skip


def test_the_header_is_compared_without_case() -> None:
    assert planted(review(issue(kind="comparison WITH none"))).found


def test_kind_and_line_of_two_different_claims_find_nothing() -> None:
    got = planted(review(issue(11), issue(2, kind="Something else")))
    assert not got.found
    assert got.line_found
    assert got.kind_found
    assert got.right_claims == 0


def test_the_right_line_of_another_file_is_not_the_line() -> None:
    assert not planted(review(issue(path="app/save.py"))).line_found


@pytest.mark.parametrize(("extra", "found"), [(SPARE_LINES, True), (SPARE_LINES + 1, False)])
def test_a_claim_about_far_more_lines_points_at_nothing(extra: int, found: bool) -> None:
    assert planted(review(issue(2, 2 + extra))).found is found


@given(start=st.integers(1, 12), length=st.integers(1, SPARE_LINES + 1))
def test_a_short_range_is_at_the_line_exactly_if_it_holds_it(start: int, length: int) -> None:
    end = start + length - 1
    assert planted(review(issue(start, end))).line_found is (start <= 2 <= end)


def test_silence_is_a_valid_answer_without_claims() -> None:
    assert planted(review(), "clean").silent
    assert not planted(review(issue()), "clean").silent
    assert not planted(None, "clean").silent


def test_an_invalid_answer_is_neither_grounded_nor_empty() -> None:
    got = score(None)
    assert (got.valid, got.grounded, got.empty) == (False, False, False)
    assert got.planted is not None
    assert not got.planted.found


def test_a_grounding_fault_is_taken_from_the_stored_answer() -> None:
    bad = answer(DEFECTIVE, review(issue()), faults=("file_not_shown: x",))
    good = answer(DEFECTIVE, review(issue()))
    assert not score_answer(bad, DEFECTIVE, shown(DEFECTIVE)).grounded
    assert score_answer(good, DEFECTIVE, shown(DEFECTIVE)).grounded


def test_real_pull_requests_and_descriptions_have_no_planted_score() -> None:
    assert score(review(issue()), "real").planted is None
    assert score(describe(), "defective", "describe").planted is None
    assert score(None, "defective", "describe").planted is None


def test_putting_the_original_back_is_an_exact_fix() -> None:
    got = planted(improve(suggestion()))
    assert (got.found, got.exact_fix) == (True, True)


def test_another_replacement_is_no_exact_fix_though_it_is_at_the_line() -> None:
    got = planted(improve(suggestion(improved="    if not path:")))
    assert (got.found, got.exact_fix) == (True, False)


def test_an_edit_of_another_line_finds_nothing() -> None:
    got = planted(improve(suggestion(existing="    flush(path)", improved="    sync(path)")))
    assert (got.found, got.line_found, got.exact_fix) == (False, False, False)


@pytest.mark.parametrize(
    ("existing", "improved"),
    [
        # The quote without its indentation, and the new line without it too.
        ("if path == None:", "if path is None:"),
        # With the lines around it.
        (
            "def load(path):\n    if path == None:\n        return {}",
            "def load(path):\n    if path is None:\n        return {}",
        ),
        ("    if path == None:\n        return {}\n", "    if path is None:\n\n        return {}"),
    ],
)
def test_the_same_fix_quoted_otherwise_is_exact(existing: str, improved: str) -> None:
    assert planted(improve(suggestion(existing, improved))).exact_fix


@pytest.mark.parametrize(
    ("existing", "improved"),
    [
        # The indentation of the new line would break the file.
        ("    if path == None:", "if path is None:"),
        # A line beside it is lost.
        ("    if path == None:\n        return {}", "    if path is None:"),
        ("    if path == None:", ""),
    ],
)
def test_a_fix_that_changes_anything_else_is_not_exact(existing: str, improved: str) -> None:
    got = planted(improve(suggestion(existing, improved)))
    assert got.line_found
    assert not got.exact_fix


def test_a_quote_that_is_not_shown_is_nowhere() -> None:
    assert not planted(improve(suggestion(existing="    if path != None:"))).line_found


def test_only_texts_far_beyond_need_are_over_limits() -> None:
    assert score(describe("t" * 201), "defective", "describe").limit_faults == ("too_long: title",)
    assert score(describe("t" * 200), "defective", "describe").limit_faults == ()


def test_a_stored_answer_without_its_value_is_refused() -> None:
    broken = answer(CLEAN, review()).model_copy(update={"value_json": None})
    with pytest.raises(AnswerError, match="no value is stored"):
        score_answer(broken, CLEAN, shown(CLEAN))


def test_a_tool_of_the_users_own_has_its_own_limits_and_claims_nothing() -> None:
    def of(text: str) -> Score:
        made = answer(REAL, None, tool="note").model_copy(
            update={"outcome": Outcome.OK, "value_json": value_json(Note(file="a", note=text))}
        )
        return score_answer(made, DEFECTIVE, shown(DEFECTIVE), TOOLS)

    assert of("n" * 11).limit_faults == ("too_long: note",)
    assert of("n" * 10).limit_faults == ()
    assert (of("n").valid, of("n").planted, of("n").empty) == (True, None, False)
