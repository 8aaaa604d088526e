"""Ids, digests and the symmetry of verdicts."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith import records
from pullsmith.records import (
    Answer,
    Order,
    Outcome,
    Phase,
    Result,
    Verdict,
    digest,
    drop,
    firsts,
    repair_id,
    standing,
)

PR = "github.com/o/n@" + "a" * 40


def a_verdict(result: Result = Result.WIN, order: Order = Order.CANDIDATE_FIRST) -> Verdict:
    return Verdict(
        id="v", prompt_id="p", pull_request_id=PR, tool="review", candidate="c@after",
        candidate_answer_id="a1", reference="r", reference_answer_id="a2", judge="j",
        prompt_version="pair-1", order=order, result=result, candidate_score=7, reference_score=3,
    )  # fmt: skip


def test_one_id_per_record_and_all_differ() -> None:
    prompt = records.prompt_id(PR, tool="review", contract="native-1")
    answer = records.answer_id(
        prompt, model="openai:gpt/4", phase=Phase.BEFORE, checkpoint="none", sample=0
    )
    ids = {
        "pull request": PR,
        "prompt": prompt,
        "answer": answer,
        "example": records.example_id(answer, contract="compact-1"),
        "checkpoint": records.checkpoint_id("tiny", phase=Phase.AFTER, weights_digest="0" * 16),
        "group contrast": records.group_contrast_id(
            records.Claim.DATA, "share:0.1", reference="rules", where="all"
        ),
        "verdict": records.verdict_id(
            prompt, pair=("tiny@after", "rules", "http://h:1/v1#m"), version="pair-1",
            order=Order.CANDIDATE_FIRST, repeat=0,
        ),
        "rating": records.rating_id(("tiny@after", "rules", "all"), tool="all", slice_name="all"),
        "drop": drop("select", a_verdict(), "too_small").id,
    }  # fmt: skip
    assert ids["prompt"] == PR + "#review/native-1/0"
    assert ids["answer"] == PR + "#review/native-1/0~openai%3Agpt%2F4/before/none/0"
    assert records.repair_id(answer) == f"{answer}/repair"
    assert ids["verdict"].endswith(
        "~tiny@after:rules:http%3A%2F%2Fh%3A1%2Fv1%23m/pair-1/candidate-first/0"
    )
    assert len(set(ids.values())) == len(ids)


names = st.text(st.characters(exclude_categories=["Cs"]))


@given(names, names)
def test_quoted_names_never_hold_the_separators_and_never_collide(one: str, other: str) -> None:
    quoted = records.id_part(one)
    assert not set(quoted) & set("#/~:>! ")
    assert (quoted == records.id_part(other)) == (one == other)


def test_digest_is_sha256_of_canonical_json() -> None:
    expected = hashlib.sha256(b'{"a":[1,"\xc3\xa9"],"b":null}').hexdigest()[:16]
    assert digest({"b": None, "a": [1, "é"]}) == expected


def test_digest_refuses_what_is_no_json() -> None:
    with pytest.raises(TypeError, match="bytes"):
        digest({"a": b"x"})


def test_records_are_frozen_and_refuse_unknown_fields() -> None:
    verdict = a_verdict()
    with pytest.raises(ValueError, match="frozen"):
        verdict.why = "changed"
    with pytest.raises(ValueError, match="Extra inputs"):
        records.Message(role="user", content="x", name="y")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Result.WIN, Result.LOSS),
        (Result.LOSS, Result.WIN),
        (Result.TIE, Result.TIE),
        (Result.UNREADABLE,) * 2,
    ],
)
def test_swap_flips_the_result_and_twice_is_nothing(before: Result, after: Result) -> None:
    verdict = a_verdict(before)
    swapped = verdict.swap()
    assert swapped.result is after
    assert (swapped.candidate, swapped.candidate_score) == ("r", 3)
    assert swapped.order is Order.REFERENCE_FIRST
    assert swapped.swap() == verdict


@pytest.mark.parametrize(
    ("result", "mine", "contradicts"),
    [
        (Result.WIN, 2, True),
        (Result.WIN, 3, False),
        (Result.LOSS, 7, True),
        (Result.LOSS, 2, False),
        (Result.TIE, 7, False),
        (Result.UNREADABLE, 7, None),
        (Result.WIN, None, None),
    ],
)
def test_scores_that_say_the_other_answer_contradict(
    result: Result, mine: float | None, contradicts: bool | None
) -> None:
    verdict = a_verdict(result).model_copy(update={"candidate_score": mine})  # the reference has 3
    assert verdict.contradicts is contradicts
    assert verdict.swap().contradicts is contradicts


def test_a_drop_keeps_the_whole_record() -> None:
    kept = drop("clean", a_verdict(), "no_op", "existing equals improved")
    assert Verdict.model_validate_json(kept.record_json) == a_verdict()
    assert (kept.id, kept.reason) == ("clean!v", "no_op")


def test_which_of_several_answers_counts() -> None:
    def made(name: str, outcome: Outcome = Outcome.OK, **fields: Any) -> Answer:
        asked = f"pr#{fields.get('tool', 'review')}/native-1/0"
        values = {
            "id": f"{asked}~{name}", "prompt_id": asked, "pull_request_id": "pr", "tool": "review",
            "contract": "native-1", "model": "m", "outcome": outcome, "text": "", **fields,
        }  # fmt: skip
        return Answer.model_validate(values)

    def again(first: Answer, outcome: Outcome) -> Answer:
        return first.model_copy(
            update={"id": repair_id(first.id), "parent_answer": first.id, "outcome": outcome}
        )

    good, mended, lost = made("a"), made("b", Outcome.UNREADABLE), made("c", Outcome.UNREADABLE)
    repaired, failed = again(mended, Outcome.OK), again(lost, Outcome.CUT)
    look = made("a", tool="reflect", parent_answer=good.id)
    answers = [good, mended, repaired, lost, failed, look, again(look, Outcome.OK)]
    assert [each.mends for each in answers] == [False, False, True, False, True, False, True]
    assert firsts(answers) == [good, mended, lost]
    assert standing(answers) == [good, repaired, lost]
