"""A small repository to open in every way, and what reading it gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pullsmith.engine import StageContext
from pullsmith.records import PullRequest
from pullsmith.rows import read_rows
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import parse_study
from tests.collect.reading import collected
from tests.collect.repositories import three_pull_requests


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read only: tests that change it copy it first."""
    folder = tmp_path_factory.mktemp("clones") / "bare.git"
    three_pull_requests().make(folder)
    return folder


def records(path: Path) -> list[PullRequest]:
    return list(collected(path).pull_requests)


def stage_context(
    folder: Path,
    *sources: str,
    report: Callable[[str], None] = lambda _: None,
    workers: int = 1,
    settings: str = "",
) -> StageContext:
    """What the stage is given for a study with these sources, run in ``folder``."""
    text = (
        f'name = "s"\nruns = "{folder}"\n[collect]\nsources = [{", ".join(sources)}]\n{settings}\n'
    )
    study = parse_study(text + '[[student]]\nmodel = "tiny"\ncontract = "compact-1"\n')
    found = RunFolder(folder / "s")
    job = found.job(JobKey("collect"))
    return StageContext(study=study, run=found, job=job, report=report, workers=workers)


def stage_rows(context: StageContext) -> list[PullRequest]:
    return [row for shard in context.job.shards() for row in read_rows(shard, PullRequest)]
