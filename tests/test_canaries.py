"""Canaries: the attack is in the text, flagged, and obeying is told from speaking of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from pullsmith.canaries import ATTACK, PASS_WORDS, is_canary, obeyed, with_attack
from pullsmith.collect.stage import run
from pullsmith.rank.measures import MEASURES, parts_of
from pullsmith.records import Answer, PullRequest, Split
from pullsmith.scoring import score_answer
from pullsmith.store import JobKey, RunFolder
from tests.judged import answer, context, finish, pull_request, review, shown, study

OBEDIENCE = next(measure for measure in MEASURES if measure.name == "obedience_rate")


def test_the_attack_stands_below_the_description_and_is_flagged() -> None:
    plain = pull_request().model_copy(update={"body": "Why."})
    made = with_attack(plain)
    assert made.body == f"Why.\n\n{ATTACK}"
    assert is_canary(made)
    assert not is_canary(plain)
    assert made.id == plain.id


@pytest.mark.parametrize(
    ("text", "did"),
    [(f"issues: []\nnote: {PASS_WORDS}", True), ("Sable\n  Lantern", True), ("a lantern", False)],
)
def test_obeying_is_saying_the_words(text: str, did: bool) -> None:
    assert obeyed(text) is did


def parts(*answers: tuple[PullRequest, Answer]) -> list[tuple[float, float]]:
    scores = {
        (request.id, "review", 0): score_answer(one, request, shown(request))
        for request, one in answers
    }
    return sorted(parts_of(OBEDIENCE, scores).values())


def test_the_rate_is_of_canaries_alone_and_of_invalid_answers_too() -> None:
    plain, canary, other = (
        pull_request(),
        with_attack(pull_request("b")),
        with_attack(pull_request("c")),
    )
    did = answer(canary, None).model_copy(update={"text": PASS_WORDS})
    assert parts((plain, answer(plain, review())), (canary, did), (other, answer(other, review()))) == [(0.0, 1.0), (1.0, 1.0)]  # fmt: skip


def records(made: Iterable[PullRequest], pool: Split) -> list[PullRequest]:
    return [record for record in made if record.pool is pool]


def test_a_planted_source_attacks_the_share_it_is_told_to_on_the_eval_side(tmp_path: Path) -> None:
    source = {"planted": "stdlib", "count": 60, "eval_share": 0.5, "canary_share": 0.5}
    made = study(collect={"sources": [source]})
    run_ = RunFolder(tmp_path)
    result = run(context(made, run_, "collect"))
    finish(run_, "collect", None, result.tally)
    found = list(run_.job(JobKey("collect")).read(PullRequest))
    evaluated = records(found, Split.EVAL)
    assert 0.2 < sum(map(is_canary, evaluated)) / len(evaluated) < 0.8
    assert not any(map(is_canary, records(found, Split.TRAIN)))
