"""Answers of several rounds in clean: which one counts, and second looks as examples of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pullsmith.clean.stage import run
from pullsmith.contracts.answers import AnswerValue, Improve, Reflect, Reflection
from pullsmith.contracts.canonical import value_json
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.second_look import second_look
from pullsmith.contracts.task import Task
from pullsmith.errors import RunFolderError
from pullsmith.records import (
    Answer,
    Drop,
    Example,
    Outcome,
    Phase,
    Prompt,
    PullRequest,
    answer_id,
    prompt_id,
    repair_id,
)
from pullsmith.rows import read_rows
from pullsmith.tally import Tally
from tests.clean.made import PULL_REQUEST, answer, improve, prompt, review
from tests.curated import context, finish, study, written

TEACHER = {"model": "scripted:t", "contract": "native-1", "repair": True, "reflect": True}
CONTRACTS = ("compact-1", "native-1")
STUDENTS = [{"model": "tiny", "contract": name, "name": name} for name in CONTRACTS]
LEARNS = [STUDENTS[0], {**STUDENTS[1], "reflect": True}]
PROMPTS = [prompt(tool, name) for tool in ("review", "improve") for name in CONTRACTS]
SUGGESTED = improve("b = 2", "b = 3")


def cleaned(
    folder: Path, *answers: Answer, **settings: Any
) -> tuple[list[Example], dict[str, str], Tally]:
    """The examples, the reason of every drop by the example's id, and the counts."""
    chosen = {"student": LEARNS, "teacher": [TEACHER], **settings}
    made = context(folder, "clean", study(**chosen))
    finish(made.run, "split", PullRequest, [PULL_REQUEST])
    finish(made.run, "render", Prompt, PROMPTS)
    finish(made.run, "generate", Answer, sorted(answers, key=lambda each: each.id))
    tally = run(made).tally
    drops = read_rows(made.job.path / "dropped.parquet", Drop)
    return written(made, Example), {each.record_id: each.reason for each in drops}, tally


def said(value: AnswerValue | None, **changes: Any) -> Answer:
    return answer(value, model="scripted:t", contract="native-1", **changes)


def repaired(first: Answer, value: AnswerValue | None, **changes: Any) -> Answer:
    text = None if value is None else value_json(value)
    update = {"id": repair_id(first.id), "parent_answer": first.id, "value_json": text}
    return first.model_copy(update={**update, "outcome": Outcome.OK, "fault": None, **changes})


def look(about: Answer, *scores: int, summary: str = "Improve it", **changes: Any) -> Answer:
    """A second look at the one suggestion of SUGGESTED."""
    each = (
        Reflection(
            suggestion_summary=summary, relevant_file="app/a.py", relevant_lines_start=2,
            relevant_lines_end=2, suggestion_score=score, why="It is so.",
        )
        for score in scores
    )  # fmt: skip
    asked = prompt_id(PULL_REQUEST.id, tool="reflect", contract="native-1")
    name = answer_id(asked, model="scripted:t", phase=Phase.NONE, checkpoint="none", sample=0)
    update: dict[str, Any] = {
        "id": name, "prompt_id": asked, "tool": "reflect", "parent_answer": about.id,
        "value_json": value_json(Reflect(code_suggestions=tuple(each))), "outcome": Outcome.OK,
    }  # fmt: skip
    return about.model_copy(update={**update, **changes})


REFUSED = said(None, outcome=Outcome.UNREADABLE, fault="not_yaml: line 3")


def test_of_two_answers_the_mended_one_counts_and_the_first_is_a_drop_of_its_own(
    tmp_path: Path,
) -> None:
    mended = repaired(REFUSED, review())
    examples, drops, tally = cleaned(tmp_path, REFUSED, mended)
    assert [each.answer_id for each in examples] == [mended.id] * 2
    assert drops == {f"{REFUSED.id}>{name}": "repaired" for name in CONTRACTS}
    assert (tally.records_in, tally.records_out) == (4, 2)


@pytest.mark.parametrize("outcome", [Outcome.UNREADABLE, Outcome.CUT])
def test_where_it_was_not_mended_the_prompt_counts_once_as_unreadable(
    tmp_path: Path, outcome: Outcome
) -> None:
    again = repaired(REFUSED, None, outcome=outcome)
    other = said(SUGGESTED)
    examples, drops, tally = cleaned(tmp_path, REFUSED, again, other)
    assert {each.answer_id for each in examples} == {other.id}
    assert {drops[f"{REFUSED.id}>{name}"] for name in CONTRACTS} == {"unreadable"}
    assert {drops[f"{again.id}>{name}"] for name in CONTRACTS} == {"repair_failed"}
    assert tally.dropped == {"repair_failed": 2, "unreadable": 2}


def test_a_mended_answer_goes_through_the_rules_like_any_other(tmp_path: Path) -> None:
    again = repaired(REFUSED, review(9))
    _, drops, _ = cleaned(tmp_path, REFUSED, again, said(SUGGESTED))
    assert drops[f"{again.id}>native-1"] == "line_not_shown"
    assert drops[f"{REFUSED.id}>native-1"] == "repaired"


def test_a_second_look_is_an_example_where_a_student_of_the_contract_learns_it(
    tmp_path: Path,
) -> None:
    about = said(SUGGESTED)
    made = look(about, 7)
    examples, drops, tally = cleaned(tmp_path, about, made)
    (example,) = (each for each in examples if each.tool == "reflect")
    native = find_contract("native-1")
    task = second_look(Task.of(prompt("improve", "native-1"), PULL_REQUEST), native, SUGGESTED)
    assert example.messages == native.messages(task)
    assert "one_sentence_summary: Improve it" in example.messages[1].content.replace(
        "|\n|     ", ""
    )
    assert value_json(native.parse(task, example.target)) == made.value_json
    assert example.contract == "native-1"
    assert drops == {f"{made.id}>compact-1": "not_learnt"}
    assert (tally.records_in, tally.records_out) == (4, 3)


def test_where_no_student_learns_it_a_second_look_is_only_a_score(tmp_path: Path) -> None:
    about = said(SUGGESTED)
    made = look(about, 7)
    examples, drops, _ = cleaned(tmp_path, about, made, student=STUDENTS)
    assert {each.tool for each in examples} == {"improve"}
    assert drops == {f"{made.id}>{name}": "not_learnt" for name in CONTRACTS}


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda about: look(about, 7, 8), "other_count"),
        (lambda about: look(about, 7, summary="Another"), "other_suggestion"),
        (lambda about: look(about, 7, outcome=Outcome.UNREADABLE), "unreadable"),
    ],
)
def test_a_look_is_read_and_grounded_as_strictly_as_any_answer(
    tmp_path: Path, made: Any, code: str
) -> None:
    about = said(SUGGESTED)
    bad = made(about)
    _, drops, _ = cleaned(tmp_path, about, bad)
    assert drops[f"{bad.id}>native-1"] == code


def test_a_look_at_suggestions_that_are_no_example_is_one_all_the_same(tmp_path: Path) -> None:
    wrong = improve("b = 2", "b = 2")  # a suggestion that changes nothing: worth 0
    about = said(wrong)
    examples, drops, _ = cleaned(tmp_path, about, look(about, 0))
    assert drops[f"{about.id}>native-1"] == "no_op"
    assert [each.tool for each in examples] == ["reflect"]


def test_a_repaired_look_at_a_repaired_answer(tmp_path: Path) -> None:
    first = said(SUGGESTED, outcome=Outcome.UNREADABLE, value_json=None)
    about = repaired(first, SUGGESTED)
    refused = look(about, 7, outcome=Outcome.UNREADABLE, value_json=None)
    value = Reflect.model_validate_json(look(about, 7).value_json or "")
    examples, drops, tally = cleaned(tmp_path, first, about, refused, repaired(refused, value))
    assert sorted(each.tool for each in examples) == ["improve", "improve", "reflect"]
    assert {drops[f"{each.id}>native-1"] for each in (first, refused)} == {"repaired"}
    assert tally.records_in == 8


def test_a_low_score_of_the_second_look_drops_the_suggestions(tmp_path: Path) -> None:
    scored = {"suggestion_scores": (4,), "reflect_score": 4.0}
    about, other = said(SUGGESTED, **scored), said(review())
    for least, expected in ((4, set()), (5, {"low_reflect_score"})):
        folder = tmp_path / str(least)
        clean = {"min_reflect_score": least}
        _, drops, _ = cleaned(folder, about, other, student=STUDENTS, clean=clean)
        assert set(drops.values()) == expected


def test_a_look_whose_suggestions_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="the answer that it is about is not in generate"):
        cleaned(tmp_path, look(said(SUGGESTED), 7))


def test_the_suggestions_are_said_in_the_students_own_contract(tmp_path: Path) -> None:
    assert isinstance(SUGGESTED, Improve)
    both = [{**each, "reflect": True} for each in STUDENTS]
    about = said(SUGGESTED)
    made = look(about, 7)
    _, drops, _ = cleaned(tmp_path, about, made, student=both)
    assert drops == {f"{made.id}>compact-1": "no_student_prompt"}  # it has no second look
