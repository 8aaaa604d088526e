"""Cells of another machine's run folder, copied into this one: taken as they are, or refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith import pipeline
from pullsmith.cli import main
from pullsmith.errors import RunFolderError
from pullsmith.pipeline import JobState
from pullsmith.records import PullRequest
from pullsmith.store import JobKey
from pullsmith.study import Study
from tests.judged import DEFECT, pull_request
from tests.pipeline.done import finish
from tests.pipeline.test_partial import shared, student, study_in

CELLS = ("train/n+random", "respond/n+random", "judge/n+random")


def two(folder: Path) -> tuple[Study, Study]:
    """This machine with one student done, another with the other; what they share is on both."""
    made = []
    for name, cell in (("here", "n+all"), ("there", "n+random")):
        (folder / name).mkdir()
        study = study_in(folder / name)
        shared(study)
        student(study, cell)
        made.append(study)
    return made[0], made[1]


def copy(there: Study, here: Study) -> None:
    for cell in CELLS:
        shutil.copytree(there.runs / there.name / cell, here.runs / here.name / cell)


def state_of(study: Study, job: str) -> tuple[JobState, str]:
    return next((s.state, s.why) for s in pipeline.status(study) if str(s.key) == job)


def test_copied_cells_are_done_and_the_rest_goes_on(tmp_path: Path) -> None:
    here, there = two(tmp_path)
    assert state_of(here, "train/n+random")[0] is JobState.WAITING
    copy(there, here)
    before = {path: path.read_bytes() for path in here.runs.rglob("manifest.json")}
    assert {state_of(here, cell)[0] for cell in CELLS} == {JobState.DONE}
    done = pipeline.run(here)
    assert {state.state for state in done} == {JobState.DONE}
    assert all(path.read_bytes() == content for path, content in before.items())


def test_a_cell_of_other_settings_is_refused_by_name(tmp_path: Path) -> None:
    here, there = two(tmp_path)
    copy(there, here)
    changed = here.model_copy(update={"train": here.train.model_copy(update={"steps": 9})})
    assert state_of(changed, "train/n+random")[0] is JobState.STALE
    with pytest.raises(
        RunFolderError,
        match=r"train/n\+random was made with other settings: train\.steps \(2000 → 9\); give",
    ):
        pipeline.run(changed, only="n+random")


def test_a_cell_that_learnt_from_other_examples_is_refused(tmp_path: Path) -> None:
    here, there = two(tmp_path)
    copy(there, here)
    # What all share was made anew here, of other pull requests.
    other = pull_request("more", defect=DEFECT)
    finish(here, JobKey("split"), PullRequest, [other])
    shutil.rmtree(here.runs / here.name / "train" / "n+all")
    state, why = state_of(here, "train/n+random")
    assert (state, why) == (JobState.STALE, "other inputs: split")
    with pytest.raises(RunFolderError, match="other inputs: split"):
        pipeline.run(here, only="n+random")


def test_a_copy_that_broke_off_is_found_when_asked(tmp_path: Path) -> None:
    here, there = two(tmp_path)
    copy(there, here)
    arguments = ["status", str(tmp_path / "here" / "s.toml"), "--verify"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    (here.runs / here.name / "respond" / "n+random" / "rows-00000.parquet").unlink()
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert "respond/n+random: the files are not those that the manifest" in done.output
    assert "train/n+random" not in done.output.splitlines()[-1]
