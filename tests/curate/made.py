"""Run folders with something to decide on, for the tests of curate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pullsmith.clean.stage import run as clean
from pullsmith.contracts.answers import AnswerValue
from pullsmith.curate.desk import Desk, open_desk
from pullsmith.diff.shown import whole
from pullsmith.engine import StageContext
from pullsmith.errors import PeopleNeededError
from pullsmith.records import (
    Answer,
    Example,
    Phase,
    Prompt,
    PullRequest,
    Split,
    answer_id,
    prompt_id,
)
from pullsmith.split.stage import run as split
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import Study
from tests import curated, judged
from tests.clean import made
from tests.curated import context, file, finish, real, written

CONTRACTS = ("compact-1", "native-1")
STUDENTS = [{"model": "tiny", "contract": name, "name": name} for name in CONTRACTS]
NOW = "2026-11-29T10:00:00Z"


def study(folder: Path, **settings: Any) -> Study:
    """A study whose run is in ``folder``/runs/test."""
    return curated.study(**{"runs": str(folder / "runs"), "student": STUDENTS, **settings})


def run_of(made_study: Study) -> RunFolder:
    return RunFolder(made_study.runs / made_study.name)


def desk(made_study: Study) -> Desk:
    """Its desk, at a time that stands still."""
    return open_desk(made_study, clock=lambda: NOW)


def requests(count: int) -> list[PullRequest]:
    """Training pull requests of one file with two added lines each."""
    return [
        real(f"p{n:03}", file(f"a = {n}", "b = 2"), split=Split.TRAIN, title=f"Change {n}")
        for n in range(count)
    ]


def prompts(request: PullRequest) -> list[Prompt]:
    """One a tool and contract."""
    return [
        made.prompt(tool, contract).model_copy(
            update={
                "id": prompt_id(request.id, tool=tool, contract=contract),
                "pull_request_id": request.id,
                "coverage": whole(request),
            }
        )
        for tool in ("improve", "review")
        for contract in CONTRACTS
    ]


def answer(
    request: PullRequest, value: AnswerValue, *, model: str = "rules+truth", **changes: Any
) -> Answer:
    """A teacher's answer to one of them."""
    found = made.answer(value, model=model)
    asked = prompt_id(request.id, tool=found.tool, contract=found.contract)
    name = answer_id(asked, model=model, phase=Phase.NONE, checkpoint="none", sample=0)
    update = {"id": name, "prompt_id": asked, "pull_request_id": request.id, **changes}
    return found.model_copy(update=update)


def answers(request: PullRequest) -> list[Answer]:
    """A review and a suggestion, both of the second line."""
    return [answer(request, made.review(2)), answer(request, made.improve("b = 2", "b = 3"))]


def to_clean(
    folder: Path,
    *,
    count: int = 2,
    said: Sequence[Answer] | None = None,
    records: Sequence[PullRequest] | None = None,
    **settings: Any,
) -> Study:
    """A run in which clean waits for people to look at two of its examples; four a pull request."""
    found = list(records or requests(count))
    given = [each for one in found for each in answers(one)] if said is None else list(said)
    asked = study(folder, **{"clean": {"review": 2}, **settings})
    run = run_of(asked)
    finish(run, "split", PullRequest, found)
    finish(run, "render", Prompt, [each for one in found for each in prompts(one)])
    finish(run, "generate", Answer, given)
    with pytest.raises(PeopleNeededError):
        clean_again(asked)
    return asked


def clean_again(asked: Study, report: list[str] | None = None) -> list[Example]:
    """What clean makes of the run as it is; raises PeopleNeededError where people are asked."""
    told = report if report is not None else []
    staged = replace(context(run_of(asked).path, "clean", asked), report=told.append)
    staged.job.clear_rows()
    clean(staged)
    return written(staged, Example)


def to_choose(folder: Path, records: Sequence[PullRequest], **settings: Any) -> Study:
    """A run in which split waits for people to pick."""
    wanted = {"per_tool": 2, "chosen_by": "human"}
    asked = study(folder, **{"eval": wanted, **settings})
    finish(run_of(asked), "select", PullRequest, records)
    with pytest.raises(PeopleNeededError):
        split_again(asked)
    return asked


def split_again(asked: Study, report: list[str] | None = None) -> list[PullRequest]:
    """What split makes of the run as it is; raises PeopleNeededError where people are asked."""
    told = report if report is not None else []
    staged = replace(context(run_of(asked).path, "split", asked), report=told.append)
    staged.job.clear_rows()
    split(staged)
    return written(staged, PullRequest)


def to_judge(folder: Path, *, count: int = 4, **settings: Any) -> Study:
    """A run with a trained student's reviews beside the reference's, each pair its own two answers."""
    asked = judged.study(runs=str(folder / "runs"), **settings)
    run = run_of(asked)
    found = [judged.pull_request(f"r{n:02}") for n in range(count)]
    judged.store(run, "split", PullRequest, found)
    judged.store(run, "render", Prompt, [judged.prompt(one, "review") for one in found])
    mine = [judged.answer(one, judged.review(judged.issue()), phase=Phase.AFTER) for one in found]
    theirs = [judged.answer(one, judged.review(), model="rules") for one in found]
    judged.store(run, "respond", Answer, mine, "tiny")
    judged.store(run, "respond", Answer, theirs, "rules")
    return asked


def judge_context(asked: Study) -> StageContext:
    """What the judge stage is given of the student."""
    return judged.context(asked, run_of(asked), "judge", "tiny")


def job_path(asked: Study, stage: str) -> Path:
    return run_of(asked).job(JobKey(stage)).path
