"""The stage: counts are of answers times contracts, and nothing is written without examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pullsmith.clean.stage import run
from pullsmith.errors import PeopleNeededError, SourceError
from pullsmith.records import Answer, Drop, Example, Outcome, Prompt, PullRequest
from pullsmith.rows import read_rows
from pullsmith.tally import Tally
from tests.clean.made import PULL_REQUEST, answer, improve, prompt, review
from tests.curated import context, finish, study, written

CONTRACTS = ("compact-1", "native-1")
PROMPTS = [prompt(tool, name) for tool in ("review", "improve") for name in CONTRACTS]
STUDENTS = [{"model": "tiny", "contract": name, "name": name} for name in CONTRACTS]


def cleaned(
    folder: Path, answers: list[Answer], **settings: Any
) -> tuple[list[Example], list[Drop], Tally]:
    made = context(folder, "clean", study(student=STUDENTS, **settings))
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
    with pytest.raises(SourceError, match=r"none of 2 answers became an example .*'cut': 2"):
        cleaned(tmp_path, [answer(None, outcome=Outcome.CUT)])
    assert len(list(read_rows(tmp_path / "clean" / "dropped.parquet", Drop))) == 2


def test_people_who_are_to_review_are_asked(tmp_path: Path) -> None:
    with pytest.raises(PeopleNeededError, match=r"clean\.review = 3: .* pullsmith curate"):
        cleaned(tmp_path, [answer(review())], clean={"review": 3})
