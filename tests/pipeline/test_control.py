"""The control beside clean: as large, drawn whatever the rules say, touching nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith import pipeline
from pullsmith.cli import main
from pullsmith.errors import RunFolderError
from pullsmith.records import Answer, Example, Prompt, PullRequest
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import load_study
from tests.clean.made import PULL_REQUEST, answer, improve, prompt, review
from tests.curated import finish, study
from tests.pipeline.done import finish as finish_with_settings

STUDY = """
name = "test"
teacher = [{ model = "rules+truth", contract = "compact-1" }]
student = [{ model = "tiny", contract = "compact-1" }]
[collect]
sources = [{ planted = "stdlib", count = 1 }]
"""


def test_it_is_written_beside_and_as_large(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(STUDY)
    run = RunFolder(tmp_path / "runs" / "test")
    answers = [answer(review()), answer(improve("b = 2", "b = 2"))]
    finish(run, "split", PullRequest, [PULL_REQUEST])
    finish(run, "render", Prompt, [prompt("review"), prompt("improve")])
    finish(run, "generate", Answer, answers)
    done = CliRunner().invoke(main, ["clean", str(file), "--control", "random"])
    assert done.exit_code == 1
    assert "clean is not finished" in done.output
    finish(run, "clean", Example, [])
    before = (run.path / "clean" / "manifest.json").read_bytes()
    done = CliRunner().invoke(main, ["clean", str(file), "--control", "random"])
    assert done.exit_code == 0
    assert done.output.endswith("random: 1 of 2 answers\n")
    job = run.job(JobKey("control", "random"))
    assert [example.tool for example in job.read(Example)] == ["review"]
    assert [dropped.reason for dropped in job.drops()] == ["not_drawn"]
    assert (run.path / "clean" / "manifest.json").read_bytes() == before


def test_a_student_whose_data_is_random_takes_it_as_done(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(STUDY.replace('"compact-1" }]\n[', '"compact-1", data = ["random"] }]\n['))
    made = load_study(file)
    finish_with_settings(made, JobKey("collect"), PullRequest, [PULL_REQUEST])
    finish_with_settings(made, JobKey("select"), PullRequest, [PULL_REQUEST])
    finish_with_settings(made, JobKey("split"), PullRequest, [PULL_REQUEST])
    finish_with_settings(made, JobKey("render"), Prompt, [prompt("review")])
    finish_with_settings(made, JobKey("generate"), Answer, [answer(review())])
    finish_with_settings(made, JobKey("clean"), Example, [])

    def control() -> pipeline.JobState:
        return next(s.state for s in pipeline.status(made) if str(s.key) == "control/random")

    assert control() is pipeline.JobState.WAITING
    pipeline.write_control(made)
    assert control() is pipeline.JobState.DONE


def test_without_clean_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"pullsmith clean STUDY\.toml"):
        pipeline.write_control(study(runs=tmp_path))
