"""The stage: counts are of answers times contracts, and nothing is written without examples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pullsmith.clean.stage import run
from pullsmith.decisions import FILE_NAME, TO_REVIEW_NAME, Action, decide, decided_on
from pullsmith.errors import PeopleNeededError, SourceError
from pullsmith.records import Answer, Drop, Example, Outcome, Prompt, PullRequest
from pullsmith.rows import read_rows
from pullsmith.store import JobKey, make_folder
from pullsmith.tally import Tally
from tests.clean.made import PULL_REQUEST, answer, improve, prompt, review
from tests.curated import context, finish, study, written

CONTRACTS = ("compact-1", "native-1")
PROMPTS = [prompt(tool, name) for tool in ("review", "improve") for name in CONTRACTS]
STUDENTS = [{"model": "tiny", "contract": name, "name": name} for name in CONTRACTS]


def cleaned(
    folder: Path, answers: list[Answer], said: list[str] | None = None, **settings: Any
) -> tuple[list[Example], list[Drop], Tally]:
    made = context(folder, "clean", study(student=STUDENTS, **settings))
    made = replace(made, report=(said if said is not None else []).append)
    finish(made.run, "split", PullRequest, [PULL_REQUEST])
    finish(made.run, "render", Prompt, PROMPTS)
    finish(made.run, "generate", Answer, answers)
    result = run(made)
    drops = read_rows(made.job.path / "dropped.parquet", Drop)
    return written(made, Example), list(drops), result.tally


def test_counts_are_answers_times_contracts(tmp_path: Path) -> None:
    answers = [answer(review()), answer(improve("b = 2", "b = 2"))]
    examples, drops, tally = cleaned(tmp_path, answers)
    assert [example.contract for example in examples] == list(CONTRACTS)
    assert [dropped.id for dropped in drops] == [f"clean!{answers[1].id}>{n}" for n in CONTRACTS]
    expected = {"records_in": 4, "records_out": 2, "dropped": {"no_op": 2}, "rows": 2}
    assert tally.model_dump(exclude={"steps"}) == expected


def test_no_example_at_all_is_an_error_and_the_drops_are_there(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError,
        match=r"none of 2 answers became an example .*'cut': 2.* most are cut, for example .*/0>compact-1: 3 char",
    ):
        cleaned(tmp_path, [answer(None, outcome=Outcome.CUT)])
    assert len(list(read_rows(tmp_path / "clean" / "dropped.parquet", Drop))) == 2


def test_people_who_are_to_review_are_asked(tmp_path: Path) -> None:
    with pytest.raises(PeopleNeededError, match=r"clean\.review = 3: .* pullsmith curate"):
        cleaned(tmp_path, [answer(review())], clean={"review": 3})


def test_what_people_decided_is_replayed(tmp_path: Path) -> None:
    answers = [answer(review()), answer(improve("b = 2", "b = 3"))]
    made, _, _ = cleaned(tmp_path, answers)
    path = tmp_path / FILE_NAME

    def on(example: Example, action: Action, text: str = "", of: str | None = None) -> None:
        digest = decided_on(example) if of is None else of
        decide(path, at="now", who="ada", action=action, record_id=example.id, of=digest, text=text)

    native = [example for example in made if example.contract == "native-1"]
    compact = [example for example in made if example.contract == "compact-1"]
    better = native[0].target.replace("b = 3", "b = 4")
    on(native[0], Action.FIX, better)
    on(native[1], Action.REJECT, "not on this line")
    on(compact[0], Action.FIX, "no answer at all: [")
    on(compact[1], Action.REJECT, of="what it was before")
    said: list[str] = []
    after, drops, tally = cleaned(tmp_path, answers, said)
    assert {(e.id, e.target) for e in after} == {
        (native[0].id, better), (compact[1].id, compact[1].target),
    }  # fmt: skip
    assert {(d.record_id, d.reason) for d in drops} == {
        (native[1].id, "rejected_by_person"), (compact[0].id, "fix_unreadable"),
    }  # fmt: skip
    said = [line for line in said if line != "clean: rows-00000.000000"]
    assert said == [f"reject by ada does not count: {compact[1].id} has changed since"]
    assert tally.records_in == 4


def test_people_have_looked_at_enough_once_their_decisions_are_there(tmp_path: Path) -> None:
    with pytest.raises(PeopleNeededError, match="looked at 0 of 1 examples"):
        cleaned(tmp_path, [answer(review())], clean={"review": 1})
    waiting = list(read_rows(tmp_path / "clean" / TO_REVIEW_NAME, Example))
    one = waiting[0]
    decide(
        tmp_path / FILE_NAME, at="now", who="ada", action=Action.KEEP, record_id=one.id,
        of=decided_on(one),
    )  # fmt: skip
    examples, _, _ = cleaned(tmp_path, [answer(review())], clean={"review": 1})
    assert examples == waiting


def test_what_somebody_decided_on_is_kept_as_it_was_and_goes_with_the_decision(
    tmp_path: Path,
) -> None:
    path = tmp_path / "clean" / TO_REVIEW_NAME
    before, _, _ = cleaned(tmp_path, [answer(review())])
    assert (
        not path.exists()
    )  # nobody is asked and nobody said anything: the rows are what they were
    made = decide(
        tmp_path / FILE_NAME, at="now", who="ada", action=Action.REJECT, record_id=before[0].id,
        of=decided_on(before[0]), text="wrong",
    )  # fmt: skip
    after, _, _ = cleaned(tmp_path, [answer(review())])
    assert after == before[1:]
    assert list(read_rows(path, Example)) == before
    decide(tmp_path / FILE_NAME, at="now", who="ada", action=Action.UNDO, record_id=made.id)
    assert cleaned(tmp_path, [answer(review())])[0] == before
    assert not path.exists()


def test_the_share_of_answers_that_say_nothing_is_kept_down_and_reported(tmp_path: Path) -> None:
    empty = review().model_copy(update={"key_issues_to_review": ()})
    answers = [answer(empty), answer(improve("b = 2", "b = 3"))]
    examples, drops, _ = cleaned(tmp_path, answers, clean={"max_empty_share": 0.5})
    assert {example.tool for example in examples} == {"improve"}
    assert {(d.reason, d.detail) for d in drops} == {
        ("too_many_empty", "1 of 1 say nothing, at most 0.5 wanted")
    }
    assert len(cleaned(tmp_path / "all", answers)[0]) == 4


def test_the_control_is_as_large_and_asks_no_rule(tmp_path: Path) -> None:
    answers = [
        answer(review()),
        answer(improve("b = 2", "b = 2")),  # no_op
        answer(None, outcome=Outcome.CUT, id="x", prompt_id=PROMPTS[0].id),
    ]
    clean, _, _ = cleaned(tmp_path / "clean", answers)
    control, drops, tally = cleaned(tmp_path / "control", answers, clean={"control": "random"})
    assert [e.tool for e in clean] == [e.tool for e in control] == ["review", "review"]
    assert {d.reason for d in drops} == {"not_drawn", "cut"}
    assert tally.records_in == 6
    # Where the rules drop some of a tool, what they drop may be in the control.
    other = answer(review(2), id="other")
    bad = answer(review(9), id="bad")  # a line that was not shown
    for seed in range(20):
        folder = tmp_path / str(seed)
        settings: dict[str, Any] = {"seed": seed, "clean": {"control": "random"}}
        drawn = {e.answer_id for e in cleaned(folder, [other, bad], **settings)[0]}
        if "bad" in drawn:
            return
    pytest.fail("no seed drew what the rules drop")


@pytest.mark.parametrize("cell", ["random", "uncleaned"])
def test_a_cell_is_what_the_whole_study_would_be(tmp_path: Path, cell: str) -> None:
    answers = [
        answer(review()),
        answer(improve("b = 2", "b = 2")),  # no_op
        answer(None, outcome=Outcome.CUT, id="x", prompt_id=PROMPTS[0].id),
    ]
    whole, drops, tally = cleaned(tmp_path / "whole", answers, clean={"control": cell})
    assert {e.tool for e in whole} == ({"review"} if cell == "random" else {"review", "improve"})
    assert "cut" in {d.reason for d in drops}, "what nobody can read is in neither"
    cleaned(tmp_path / "beside", answers)
    made = context(tmp_path / "beside", "control", study(student=STUDENTS))
    made = replace(made, cell=cell, job=made.run.job(JobKey("control", cell)))
    make_folder(made.job.path)
    assert run(made).tally == tally
    assert written(made, Example) == whole


def test_nobody_is_asked_about_answers_that_are_not_cleaned(tmp_path: Path) -> None:
    settings = {"review": 3, "control": "uncleaned"}
    examples, _, _ = cleaned(tmp_path, [answer(review())], clean=settings)
    assert len(examples) == 2
