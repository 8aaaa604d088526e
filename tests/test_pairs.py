"""Pairing answers, deciding by rule, and drawing orders."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.errors import RunFolderError
from pullsmith.pairs import Facts, Pair, balanced_orders, pair_up
from pullsmith.records import Answer, Order, Phase, Result, prompt_id
from tests.judged import answer, issue, prompt, pull_request, review

ONE, TWO = pull_request("one"), pull_request("two")
FACTS = Facts(
    {request.id: request for request in (ONE, TWO)},
    {p.id: p for p in (prompt(request, "review") for request in (ONE, TWO))},
)


def pair(candidate_valid: bool, reference_valid: bool) -> Pair:
    return Pair(
        ONE,
        prompt(ONE, "review"),
        answer(ONE, review() if candidate_valid else None),
        answer(ONE, review(issue()) if reference_valid else None, model="rules"),
    )


@pytest.mark.parametrize(
    ("candidate_valid", "reference_valid", "ruling"),
    [
        (True, True, None),
        (False, True, (Result.LOSS, "candidate_invalid")),
        (True, False, (Result.WIN, "reference_invalid")),
        (False, False, (Result.TIE, "both_invalid")),
    ],
)
def test_an_invalid_answer_decides_by_rule(
    candidate_valid: bool, reference_valid: bool, ruling: tuple[Result, str] | None
) -> None:
    assert pair(candidate_valid, reference_valid).ruling == ruling


def test_answers_that_say_the_same_are_even_unless_one_is_a_control() -> None:
    reference = answer(ONE, review(issue()), model="rules", contract="compact-1")
    same = Pair(ONE, prompt(ONE, "review"), answer(ONE, review(issue())), reference)
    assert same.ruling == (Result.TIE, "equal_answers")
    control = answer(ONE, review(issue()), model="control:reference")
    assert Pair(ONE, prompt(ONE, "review"), control, reference).ruling is None


def test_swapping_a_pair_swaps_who_is_candidate() -> None:
    one = pair(True, True)
    assert one.swap().names == ("rules", "tiny")
    assert one.swap().swap() == one


def test_every_phase_is_paired_with_the_same_reference_answer() -> None:
    candidates = [answer(ONE, review(), phase=phase) for phase in (Phase.BEFORE, Phase.AFTER)]
    pairs, drops = pair_up(candidates, [answer(ONE, review(), model="rules")], FACTS)
    assert [p.names for p in pairs] == [("tiny@before", "rules"), ("tiny@after", "rules")]
    assert not drops


def test_contracts_may_differ() -> None:
    reference = answer(ONE, review(), model="rules", contract="compact-1")
    assert len(pair_up([answer(ONE, review())], [reference], FACTS)[0]) == 1


def test_a_task_answered_by_one_side_only_is_dropped_with_its_reason() -> None:
    candidates = [answer(ONE, review())]
    references = [answer(TWO, review(), model="rules")]
    pairs, drops = pair_up(candidates, references, FACTS)
    assert pairs == []
    assert [(d.reason, d.record_id, d.detail) for d in drops] == [
        ("no_reference_answer", candidates[0].id, "rules has no answer to this task"),
        ("no_candidate_answer", references[0].id, "tiny has no answer to this task"),
    ]


def test_the_parts_of_a_pull_request_are_compared_one_by_one() -> None:
    def part(made: Answer, number: int) -> Answer:
        asked = prompt_id(ONE.id, tool="review", contract="native-1", part=number)
        return made.model_copy(update={"prompt_id": asked, "id": f"{asked}~{made.model}"})

    prompts = {
        one.id: one
        for number in (0, 1)
        for one in [
            prompt(ONE, "review").model_copy(
                update={
                    "id": prompt_id(ONE.id, tool="review", contract="native-1", part=number),
                    "part": number,
                }
            )
        ]
    }
    facts = Facts(FACTS.pull_requests, prompts)
    candidates = [part(answer(ONE, review()), number) for number in (1, 0)]
    references = [part(answer(ONE, review(), model="rules"), number) for number in (0, 1)]
    pairs, drops = pair_up(candidates, references, facts)
    assert [pair.task for pair in pairs] == [(ONE.id, "review", 0), (ONE.id, "review", 1)]
    assert [pair.prompt.part for pair in pairs] == [0, 1]
    assert drops == []
    alone, left = pair_up(candidates, references[:1], facts)
    assert [pair.task[2] for pair in alone] == [0]
    assert [one.reason for one in left] == ["no_reference_answer"]


def test_two_answers_to_one_task_are_refused() -> None:
    twice = [answer(ONE, review()), answer(ONE, review(issue()), contract="compact-1")]
    with pytest.raises(RunFolderError, match="twice"):
        pair_up(twice, [], FACTS)


def test_an_answer_without_its_prompt_is_refused() -> None:
    reference = [answer(ONE, review(), model="rules")]
    with pytest.raises(RunFolderError, match="run respond again"):
        pair_up([answer(ONE, review())], reference, Facts({ONE.id: ONE}, {}))


@given(count=st.integers(0, 25), seed=st.integers(0, 5))
def test_random_orders_are_balanced_and_hang_on_the_task_alone(count: int, seed: int) -> None:
    def pairs(model: str) -> list[Pair]:
        requests = [pull_request(str(number)) for number in range(count)]
        return [
            Pair(r, prompt(r, "review"), answer(r, review(), model=model), answer(r, review()))
            for r in requests
        ]

    drawn = balanced_orders(pairs("a"), seed=seed, judge="j")
    times = Counter(drawn.values())
    assert abs(times[Order.CANDIDATE_FIRST] - times[Order.REFERENCE_FIRST]) <= 1
    assert drawn == balanced_orders(pairs("b")[::-1], seed=seed, judge="j")


def test_another_seed_or_judge_draws_other_orders() -> None:
    requests = [pull_request(str(number)) for number in range(20)]
    pairs = [
        Pair(r, prompt(r, "review"), answer(r, review()), answer(r, review())) for r in requests
    ]
    one = balanced_orders(pairs, seed=0, judge="j")
    assert one != balanced_orders(pairs, seed=1, judge="j")
    assert one != balanced_orders(pairs, seed=0, judge="k")
