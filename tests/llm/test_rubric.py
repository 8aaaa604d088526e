"""The rule-based judge: what it prefers, and that it cannot care about the order."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.canonical import value_json
from pullsmith.diff.shown import whole
from pullsmith.errors import StudyError
from pullsmith.judge.parse import Opinion, parse_opinion
from pullsmith.llm.protocol import PairSubject, Request
from pullsmith.llm.rubric import RubricModel
from pullsmith.records import Answer, Outcome, PullRequest
from tests.contracts.own import TOOLS, Note
from tests.judged import (
    DEFECT,
    SCAN,
    answer,
    describe,
    improve,
    issue,
    pull_request,
    review,
    suggestion,
)

DEFECTIVE = pull_request(defect=DEFECT)
CLEAN = pull_request("clean")
REAL = pull_request("real", source="git")

RIGHT = review(issue())
RIGHT_AND_WRONG = review(issue(), issue(11, kind="Invented"))
LINE_ONLY = review(issue(kind="Something else"))
SILENT = review()
WRONG = review(issue(11, kind="Invented"))
TWICE_WRONG = review(issue(11, kind="Invented"), issue(10, kind="Invented too"))
FIX = improve(suggestion())
NO_FIX = improve(suggestion(improved="    if not path:"))
WRONG_EDIT = improve(suggestion("    flush(path)", "    sync(path)", kind="Invented"))
NO_EDIT = improve()


def request(asked: PullRequest, first: Answer, second: Answer) -> Request:
    pair = PairSubject(
        pull_request=asked, coverage=whole(asked), tool=first.tool, first=first, second=second
    )
    return Request(model="rubric", messages=(), scan=SCAN, pair=pair)


def compare(asked: PullRequest, first: Answer, second: Answer) -> Opinion:
    completion = asyncio.run(RubricModel().complete(request(asked, first, second)))
    return parse_opinion(completion.text)


def better(asked: PullRequest, first: AnswerValue, second: AnswerValue) -> int:
    return compare(asked, answer(asked, first), answer(asked, second, model="rules")).better


def test_the_right_line_under_another_kind_is_a_wrong_claim() -> None:
    """A prior that flags the first added line of everything must not beat an honest silence."""
    assert better(DEFECTIVE, LINE_ONLY, WRONG) == 0
    assert better(DEFECTIVE, LINE_ONLY, SILENT) == 2


@pytest.mark.parametrize(
    ("asked", "ladder"),
    [
        (DEFECTIVE, [RIGHT, RIGHT_AND_WRONG, SILENT, WRONG, TWICE_WRONG]),
        (DEFECTIVE, [FIX, NO_FIX, NO_EDIT, WRONG_EDIT]),
        (CLEAN, [SILENT, WRONG, TWICE_WRONG]),
        (CLEAN, [NO_EDIT, WRONG_EDIT]),
    ],
)
def test_known_truth_puts_answers_in_this_order(
    asked: PullRequest, ladder: list[AnswerValue]
) -> None:
    for place, high in enumerate(ladder):
        assert better(asked, high, high) == 0
        for low in ladder[place + 1 :]:
            assert better(asked, high, low) == 1


@pytest.mark.parametrize("value", [RIGHT, SILENT, WRONG, TWICE_WRONG])
def test_on_a_real_pull_request_valid_and_grounded_answers_tie(value: AnswerValue) -> None:
    assert better(REAL, value, SILENT) == 0


def test_truth_is_never_used_where_there_is_none_for_the_tool() -> None:
    assert better(DEFECTIVE, describe("One title"), describe("Another title")) == 0


def test_validity_comes_before_grounding_before_limits_before_truth() -> None:
    invalid = answer(DEFECTIVE, None)
    ungrounded = answer(DEFECTIVE, RIGHT, faults=("file_not_shown: x",))
    long = issue(kind=DEFECT.header).model_copy(update={"issue_content": "x" * 5_000})
    over_limits = answer(DEFECTIVE, review(long))
    wrong = answer(DEFECTIVE, WRONG)
    ladder = [wrong, over_limits, ungrounded, invalid]
    for high, low in pairwise(ladder):
        assert compare(DEFECTIVE, high, low).better == 1


_ANSWERS = st.sampled_from(
    [
        *(answer(DEFECTIVE, v) for v in (RIGHT, RIGHT_AND_WRONG, SILENT, WRONG)),
        answer(DEFECTIVE, RIGHT, faults=("line_not_shown: x",)),
        answer(DEFECTIVE, None),
    ]
)


@given(first=_ANSWERS, second=_ANSWERS, asked=st.sampled_from([DEFECTIVE, CLEAN, REAL]))
def test_swapping_the_answers_swaps_the_verdict_and_the_scores(
    first: Answer, second: Answer, asked: PullRequest
) -> None:
    one = compare(asked, first, second)
    other = compare(asked, second, first).swap()
    assert (one.better, one.first_score, one.second_score) == (
        other.better, other.first_score, other.second_score,
    )  # fmt: skip


@given(first=_ANSWERS, second=_ANSWERS)
def test_scores_never_contradict_the_verdict(first: Answer, second: Answer) -> None:
    opinion = compare(DEFECTIVE, first, second)
    gap = opinion.first_score - opinion.second_score
    assert gap >= 0 if opinion.better == 1 else gap <= 0
    assert 1 <= opinion.first_score <= 10


def test_the_reason_says_that_it_is_a_rule() -> None:
    opinion = compare(DEFECTIVE, answer(DEFECTIVE, RIGHT), answer(DEFECTIVE, SILENT))
    assert opinion.why.startswith("by rule, ")


def test_a_task_is_refused() -> None:
    asked = Request(model="rubric", messages=(), scan=SCAN)
    with pytest.raises(StudyError, match="name it under judge only"):
        asyncio.run(RubricModel().complete(asked))


def test_a_tool_of_the_users_own_is_compared_by_validity_grounding_and_its_limits() -> None:
    def note(text: str, *faults: str) -> Answer:
        value = value_json(Note(file="a.py", note=text))
        made = answer(REAL, None, tool="note", faults=faults)
        return made.model_copy(update={"outcome": Outcome.OK, "value_json": value})

    def wins(first: Answer, second: Answer) -> int:
        asked = request(REAL, first, second)
        return parse_opinion(asyncio.run(RubricModel(TOOLS).complete(asked)).text).better

    good, long, lost = note("short"), note("much too long"), note("short", "wrong_place: a.py")
    unread = answer(REAL, None, tool="note")
    assert wins(good, note("other")) == 0
    for better, worse in pairwise([good, long, lost, unread]):
        assert (wins(better, worse), wins(worse, better)) == (1, 2)
