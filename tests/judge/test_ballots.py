"""Ballots: what a judge is sent, and the verdict that comes of each reply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from pullsmith.contracts.canonical import value_json
from pullsmith.judge.ballots import ballots, verdicts
from pullsmith.llm.protocol import Completion, Request
from pullsmith.llm.rubric import RUBRIC_VERSION
from pullsmith.pairs import Pair
from pullsmith.records import Answer, Order, Outcome, Result
from pullsmith.study.judging import JudgingSettings
from pullsmith.study.roles import JudgeRole
from tests.contracts.own import NOTE, TOOLS, Note
from tests.judged import DEFECT, PATH, answer, issue, prompt, pull_request, review

ASKED = pull_request(defect=DEFECT)
SCRIPTED = JudgeRole(model="http://127.0.0.1:1/v1#judge")
RUBRIC = JudgeRole(model="rubric")
Says = Callable[[Request], Completion]


def pair(candidate: Answer | None = None, reference: Answer | None = None) -> Pair:
    return Pair(
        ASKED,
        prompt(ASKED, "review"),
        candidate or answer(ASKED, review(issue())),
        reference or answer(ASKED, review(), model="rules"),
    )


def form(better: int, first: int = 7, second: int = 4) -> Completion:
    text = (
        f"why: because\nscore_response1: {first}\nscore_response2: {second}\n"
        f"which_response_was_better: {better}\n"
    )
    return Completion(outcome=Outcome.OK, text=text)


class Judge:
    """Answers each request by ``says`` and keeps what it was asked."""

    def __init__(self, says: Says) -> None:
        self.says = says
        self.asked: list[Request] = []

    def __call__(self, role: JudgeRole, requests: Sequence[Request]) -> list[Completion]:
        self.asked += requests
        return [self.says(request) for request in requests]


@pytest.mark.parametrize(
    ("better", "results"),
    [
        # The first is better: candidate first means a win, reference first a loss.
        (1, [Result.WIN, Result.LOSS]),
        (2, [Result.LOSS, Result.WIN]),
        (0, [Result.TIE, Result.TIE]),
    ],
)
def test_the_verdict_is_turned_to_the_candidates_side(better: int, results: list[Result]) -> None:
    made = verdicts(ballots([pair()], SCRIPTED, seed=0), Judge(lambda _: form(better)))
    assert [v.order for v in made] == [Order.CANDIDATE_FIRST, Order.REFERENCE_FIRST]
    assert [v.result for v in made] == results
    assert [v.candidate_score for v in made] == [7, 4]
    assert [v.reference_score for v in made] == [4, 7]


def test_a_tool_with_a_prompt_of_its_own_is_asked_in_it_and_the_verdict_says_so() -> None:
    judge = Judge(lambda _: form(0))
    role = SCRIPTED.model_copy(update={"prompts": {"review": "review-1"}})
    made = verdicts(ballots([pair()], role, seed=0), judge)
    assert {v.prompt_version for v in made} == {"review-1"}
    assert all("/review-1/" in v.id for v in made)
    assert all("at those lines" in asked.messages[0].content for asked in judge.asked)


def test_the_two_orders_show_the_answers_the_other_way_round() -> None:
    judge = Judge(lambda _: form(0))
    verdicts(ballots([pair()], SCRIPTED, seed=0), judge)
    one, other = (request.messages[1].content for request in judge.asked)
    assert one.index(DEFECT.header) < one.index("key_issues_to_review: []")
    assert other.index(DEFECT.header) > other.index("key_issues_to_review: []")


def test_a_language_model_gets_messages_and_no_truth_the_rubric_the_pair() -> None:
    judge = Judge(lambda _: form(0))
    verdicts(ballots([pair()], SCRIPTED, seed=0), judge)
    verdicts(ballots([pair()], RUBRIC, seed=0), judge)
    asked, ruled = judge.asked[0], judge.asked[-1]
    assert asked.pair is None
    assert asked.scan == ruled.scan == ASKED.scan
    assert ruled.messages == ()
    assert ruled.pair is not None
    assert ruled.pair.pull_request.defect == DEFECT


@pytest.mark.parametrize(
    ("candidate", "reference", "result", "rule"),
    [
        (None, review(), Result.LOSS, "candidate_invalid"),
        (review(), None, Result.WIN, "reference_invalid"),
        (None, None, Result.TIE, "both_invalid"),
    ],
)
def test_an_invalid_answer_costs_no_call(
    candidate: object, reference: object, result: Result, rule: str
) -> None:
    judge = Judge(lambda _: form(1))
    one = answer(ASKED, review() if candidate else None)
    other = answer(ASKED, review() if reference else None, model="rules")
    made = verdicts(ballots([pair(one, other)], SCRIPTED, seed=0), judge)
    assert [(v.result, v.by_rule) for v in made] == [(result, rule)] * 2
    assert judge.asked == []


def test_an_unreadable_reply_is_asked_for_once_more_as_the_next_sample() -> None:
    judge = Judge(lambda request: form(1) if request.sample else form(5))
    made = verdicts(ballots([pair()], SCRIPTED, seed=0), judge)
    assert [v.result for v in made] == [Result.WIN, Result.LOSS]
    assert [request.sample for request in judge.asked] == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("completion", "why"),
    [
        (form(5), "unknown_verdict: '5', not 0, 1 or 2"),
        (Completion(outcome=Outcome.OK, text="I like both."), "no_verdict: no line starts"),
        (Completion(outcome=Outcome.CUT, text="why: be"), "cut: no reply"),
        (Completion(outcome=Outcome.REFUSED, text=""), "refused: no reply"),
        (Completion(outcome=Outcome.FAILED, text="", detail="timed_out"), "failed: timed_out"),
    ],
)
def test_twice_no_verdict_is_unreadable_and_never_a_tie(completion: Completion, why: str) -> None:
    judge = Judge(lambda _: completion)
    made = verdicts(ballots([pair()], SCRIPTED, seed=0), judge)
    assert [v.result for v in made] == [Result.UNREADABLE] * 2
    assert all(v.why.startswith(why) for v in made)
    assert all(v.by_rule == "" and v.candidate_score is None for v in made)
    assert len(judge.asked) == 4


def test_a_random_order_is_one_ballot_a_pair() -> None:
    role = SCRIPTED.model_copy(update={"orders": "random"})
    requests = [pull_request(str(n), defect=DEFECT) for n in range(6)]
    pairs = [
        Pair(r, prompt(r, "review"), answer(r, review()), answer(r, review())) for r in requests
    ]
    orders = [vote.order for vote in ballots(pairs, role, seed=3)]
    assert sorted(orders) == [Order.CANDIDATE_FIRST] * 3 + [Order.REFERENCE_FIRST] * 3


def test_verdicts_come_in_the_order_of_the_ballots_with_distinct_ids() -> None:
    pairs = [pair(), pair(answer(ASKED, None, model="other"))]
    votes = ballots(pairs, SCRIPTED, seed=0)
    made = verdicts(votes, Judge(lambda _: form(1)))
    assert [v.candidate for v in made] == ["tiny", "tiny", "other", "other"]
    assert len({v.id for v in made}) == 4


def test_a_tool_of_the_users_own_is_judged_by_what_it_says_of_itself() -> None:
    one, other = (
        answer(ASKED, None, tool="note", model=model).model_copy(
            update={"outcome": Outcome.OK, "value_json": value_json(Note(file=PATH, note=text))}
        )
        for model, text in (("tiny", "first"), ("rules", "second"))
    )
    asked = [Pair(ASKED, prompt(ASKED, "note"), one, other)]
    judge = Judge(lambda _: form(1))
    verdicts(ballots(asked, SCRIPTED, seed=0, tools=TOOLS), judge)
    system, user = judge.asked[0].messages
    assert f"The task was: {NOTE.task}\n" in system.content
    assert "BEGIN response 1" in user.content
    assert "note: first" in user.content
    verdicts(ballots(asked, RUBRIC, seed=0, tools=TOOLS), judge)
    # The rubric reads no message, so what decides its verdict besides the pair is in the key.
    assert judge.asked[-1].checkpoint == f"{RUBRIC_VERSION}+{NOTE.digest}"


MANY = [
    Pair(
        request,
        prompt(request, "review"),
        answer(request, review(issue())),
        answer(request, review(), model="rules"),
    )
    for request in (pull_request(f"pr{n}") for n in range(200))
]


def test_a_part_is_seen_in_both_orders_and_a_part_again() -> None:
    judge = SCRIPTED.model_copy(update={"orders": "random"})
    settings = JudgingSettings(audit_share=0.25, repeat_share=0.1)
    votes = ballots(MANY, judge, 0, settings=settings)
    both = Counter(vote.pair.task for vote in votes if not vote.repeat)
    assert 30 < sum(count == 2 for count in both.values()) < 70
    again = [vote for vote in votes if vote.repeat]
    assert 8 < len(again) < 35
    firsts = {(vote.pair.task, vote.order) for vote in votes if not vote.repeat}
    assert all((vote.pair.task, vote.order) in firsts for vote in again)


def test_asking_again_is_another_call_and_another_verdict() -> None:
    vote = ballots([pair()], SCRIPTED, 0, settings=JudgingSettings(repeat_share=1.0))
    assert [v.repeat for v in vote] == [0, 0, 1]
    keys = {v.request(attempt).key for v in vote for attempt in (0, 1)}
    assert len(keys) == 6
    assert len({v.verdict(Result.TIE).id for v in vote}) == 3


def test_the_rubric_is_not_asked_again() -> None:
    votes = ballots([pair()], RUBRIC, 0, settings=JudgingSettings(repeat_share=1.0))
    assert [v.repeat for v in votes] == [0, 0]


def test_a_pair_that_does_not_fit_the_window_is_not_asked_twice_and_no_tie() -> None:
    judge = Judge(lambda _: Completion(outcome=Outcome.OVER_BUDGET, text="", detail="too long"))
    got = verdicts(ballots([pair()], SCRIPTED, 0), judge)
    assert [(v.result, v.by_rule) for v in got] == [(Result.UNREADABLE, "over_window")] * 2
    assert len(judge.asked) == 2
