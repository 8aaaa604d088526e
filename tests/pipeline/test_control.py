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
from tests.clean.made import PULL_REQUEST, answer, improve, prompt, review
from tests.curated import finish, study

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


def test_without_clean_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"pullsmith clean STUDY\.toml"):
        pipeline.write_control(study(runs=tmp_path))
