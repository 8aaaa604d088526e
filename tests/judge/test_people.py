"""People's verdicts beside the other judges': those on the very pair count, all others are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pullsmith.decisions import FILE_NAME, Action, Decision, decide, read_decisions
from pullsmith.judge.people import people_verdicts
from pullsmith.judge.stage import run
from pullsmith.pairs import Facts, Pair, compared, pair_name, pair_up
from pullsmith.pipeline.stages import STAGES
from pullsmith.records import Order, Phase, Result, Verdict
from pullsmith.rows import read_rows
from pullsmith.study.judging import HUMAN
from tests.judge.test_stage import run_folder
from tests.judged import DEFECT, answer, context, issue, prompt, pull_request, review, study

PULL = pull_request(defect=DEFECT)


def pair(*, valid: bool = True) -> Pair:
    asked = prompt(PULL, "review")
    mine = answer(PULL, review(issue()) if valid else None, phase=Phase.AFTER)
    other = answer(PULL, review(), model="rules")
    (made,), _ = pair_up([mine], [other], Facts({PULL.id: PULL}, {asked.id: asked}))
    return made


def say(folder: Path, made: Pair, text: str, *, who: str = "ada", of: str = "") -> Decision:
    return decide(
        folder / FILE_NAME, at="now", who=who, action=Action.VERDICT, record_id=pair_name(made.candidate, made.reference),
        of=of or compared(made), text=text,
    )  # fmt: skip


def replayed(folder: Path, made: Pair) -> tuple[list[Verdict], tuple[str, ...]]:
    return people_verdicts([made], read_decisions(folder / FILE_NAME))


def test_every_persons_last_word_is_a_verdict_of_one_judge(tmp_path: Path) -> None:
    made = pair()
    say(tmp_path, made, "win candidate-first")
    say(tmp_path, made, "tie reference-first", who="bob")
    say(tmp_path, made, "loss candidate-first")  # ada's last word
    rows, said = replayed(tmp_path, made)
    assert said == ()
    assert [(row.judge, row.result, row.order, row.repeat, row.why) for row in rows] == [
        (HUMAN, Result.LOSS, Order.CANDIDATE_FIRST, 0, "by ada"),
        (HUMAN, Result.TIE, Order.REFERENCE_FIRST, 1, "by bob"),
    ]
    assert len({row.id for row in rows}) == 2
    assert (rows[0].candidate, rows[0].reference) == ("tiny@after", "rules")


@pytest.mark.parametrize(
    ("text", "of", "valid", "why"),
    [
        ("win candidate-first", "other", True, "has changed since"),
        ("win candidate-first", "", False, r"is decided by a rule \(candidate_invalid\)"),
        ("better candidate-first", "", True, "says 'better candidate-first', not one of loss, tie, win"),
        ("win", "", True, "says 'win', not one of"),
        ("unreadable candidate-first", "", True, "not one of"),
    ],
)  # fmt: skip
def test_what_does_not_count_is_told(
    tmp_path: Path, text: str, of: str, valid: bool, why: str
) -> None:
    made = pair(valid=valid)
    say(tmp_path, made, text, of=of)
    rows, (said,) = replayed(tmp_path, made)
    assert rows == []
    assert re.search(why, said), said


def test_scores_and_the_reason_stand_in_the_verdict(tmp_path: Path) -> None:
    made = pair()
    for who, scores in (("ada", (8, 3)), ("bob", (8, 11)), ("cyd", (8,))):
        decide(
            tmp_path / FILE_NAME, at="now", who=who, action=Action.VERDICT, record_id=pair_name(made.candidate, made.reference),
            of=compared(made), text="win reference-first", why="it is true", scores=scores,
        )  # fmt: skip
    (row,), said = replayed(tmp_path, made)
    assert (row.why, row.candidate_score, row.reference_score) == ("by ada: it is true", 8.0, 3.0)
    assert [one.partition(" gives ")[2] for one in said] == [
        "the scores [8, 11], not two from 1 to 10", "the scores [8], not two from 1 to 10",
    ]  # fmt: skip


def test_what_was_compared_is_both_values_and_what_is_shown() -> None:
    one = pair()
    other = Pair(
        one.pull_request,
        one.prompt,
        one.candidate,
        one.reference.model_copy(update={"text": "raw"}),
    )
    assert compared(one) == compared(other)
    assert compared(one) != compared(one.swap())


def test_the_stage_takes_them_as_one_more_judge_and_is_stale_without(tmp_path: Path) -> None:
    run_ = run_folder(tmp_path / "judged")
    made = study(runs=tmp_path, name="judged")
    asked = context(made, run_, "judge", "tiny")
    settings = next(stage for stage in STAGES if stage.name == "judge").settings
    before = settings(made, "tiny")
    rows = run(asked).tally.rows
    first = next(
        row for shard in asked.job.shards() for row in read_rows(shard, Verdict) if not row.by_rule
    )
    facts = Facts(
        {one.id: one for one in run_.read("split", type(PULL))},
        {one.id: one for one in run_.read("render", type(prompt(PULL, "review")))},
    )
    answers = {
        one.id: one
        for cell in ("tiny", "rules")
        for one in run_.read("respond", type(answer(PULL, None)), cell)
    }
    (looked_at,), _ = pair_up(
        [answers[first.candidate_answer_id]], [answers[first.reference_answer_id]], facts
    )
    say(run_.path, looked_at, "win reference-first")
    gone = f"planted:gone#review/compact-1/0~tiny/after/none/0 / {first.reference_answer_id}"
    decide(
        run_.path / FILE_NAME,
        at="now",
        who="ada",
        action=Action.VERDICT,
        record_id=gone,
        of="x",
        text="win",
    )
    other = gone.replace("~tiny/", "~other/")  # another cell's to tell
    decide(
        run_.path / FILE_NAME,
        at="now",
        who="ada",
        action=Action.VERDICT,
        record_id=other,
        of="x",
        text="win",
    )
    said: list[str] = []
    asked = type(asked)(study=made, run=run_, job=asked.job, cell="tiny", report=said.append)
    asked.job.clear_rows()
    assert run(asked).tally.rows == rows + 1
    assert [line for line in said if "does not count" in line] == [
        f"verdict by ada does not count: {gone} is not there any more"
    ]
    assert settings(made, "tiny") != before
