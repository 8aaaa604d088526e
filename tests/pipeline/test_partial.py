"""A board of the models that are finished: it names the others, and the run's own waits for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith import pipeline
from pullsmith.cli import main
from pullsmith.errors import RunFolderError, StudyError
from pullsmith.pipeline import JobState
from pullsmith.records import (
    Answer,
    Checkpoint,
    Example,
    Phase,
    Prompt,
    PullRequest,
    Result,
    Verdict,
)
from pullsmith.report.board import Board, MissingCell, read_board
from pullsmith.store import JobKey, make_folder
from pullsmith.study import Study, load_study
from tests.judged import DEFECT, answer, issue, prompt, pull_request, review, verdict
from tests.pipeline.done import finish

STUDY = """
name = "part"
baselines = BASELINES
judging.controls = CONTROLS
rank.resamples = 200
[[student]]
name = "n"
model = "tiny"
data = ["all", "random"]
[collect]
sources = [{ planted = "stdlib", count = 3 }]
"""
REQUESTS = [pull_request(f"bad{n}", defect=DEFECT) for n in range(3)]


def study_in(folder: Path, *, baselines: bool = False, controls: int = 0) -> Study:
    text = STUDY.replace("BASELINES", str(baselines).lower())
    (folder / "s.toml").write_text(text.replace("CONTROLS", str(controls)))
    return load_study(folder / "s.toml")


def shared(study: Study) -> None:
    """Everything that the students share, done; no student is."""
    for stage in ("collect", "select", "split"):
        finish(study, JobKey(stage), PullRequest, REQUESTS)
    finish(study, JobKey("render"), Prompt, [prompt(r, "review") for r in REQUESTS])
    finish(study, JobKey("generate"), Answer, [])
    for key in (JobKey("clean"), JobKey("control", "random")):
        finish(study, key, Example, [])
    rules = [answer(r, review(), model="rules") for r in REQUESTS]
    finish(study, JobKey("respond", "rules"), Answer, rules)


def student(study: Study, cell: str) -> None:
    """One student, trained, asked and judged."""
    finish(study, JobKey("train", cell), Checkpoint, [])
    answers = [
        answer(r, review(issue()), model=cell, phase=phase)
        for r in REQUESTS
        for phase in (Phase.BEFORE, Phase.AFTER)
    ]
    finish(study, JobKey("respond", cell), Answer, answers)
    verdicts = [
        verdict(r.id, Result.WIN, candidate=f"{cell}@{phase}")
        for r in REQUESTS
        for phase in ("before", "after")
    ]
    finish(study, JobKey("judge", cell), Verdict, verdicts)


def board_of(study: Study) -> Board:
    return read_board(pipeline.write_partial(study).job(JobKey("report")).path / "board.json")


def test_the_finished_ones_are_ranked_and_the_others_named(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    shared(study)
    student(study, "n+all")
    board = board_of(study)
    assert {row.model for row in board.models} == {"n+all", "rules"}
    assert board.missing == (MissingCell(model="n+random", stage="train", state="waiting"),)
    assert board.shows[0].startswith("This board is partial.")
    assert "without n+random (not finished: train)." in board.shows[0]
    folder = pipeline.run_folder(study).path / "partial" / "report"
    for name in ("board.md", "index.html"):
        assert "n+random (not finished: train)" in (folder / name).read_text(encoding="utf-8")
    # The run itself is as it was: nothing of it takes the part for the whole.
    states = {str(state.key): state.state for state in pipeline.status(study)}
    assert {states["rank"], states["report"]} == {JobState.WAITING}
    assert not (pipeline.run_folder(study).path / "rank").exists()


def test_it_is_made_anew_and_once_all_are_there_nothing_is_missing(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    shared(study)
    student(study, "n+all")
    make_folder(pipeline.run_folder(study).job(JobKey("train", "n+random")).path)
    assert [one.state for one in board_of(study).missing] == ["started"]
    student(study, "n+random")
    board = board_of(study)
    assert board.missing == ()
    assert "partial" not in " ".join(board.shows)
    whole = pipeline.run(study, until="report")
    assert {state.state for state in whole} == {JobState.DONE}
    ours = pipeline.run_folder(study).path
    assert (ours / "report" / "board.json").read_bytes() == (
        ours / "partial" / "report" / "board.json"
    ).read_bytes().replace(b"partial/", b"")


def test_without_a_finished_student_it_says_so(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    with pytest.raises(StudyError, match="no student is finished"):
        pipeline.write_partial(study)
    shared(study)
    finish(study, JobKey("train", "n+all"), Checkpoint, [])
    with pytest.raises(StudyError, match="no student is finished"):
        pipeline.write_partial(study)


def test_rows_without_skill_and_controls_are_named_as_well(tmp_path: Path) -> None:
    study = study_in(tmp_path, baselines=True, controls=5)
    shared(study)
    student(study, "n+all")
    student(study, "n+random")
    finish(study, JobKey("respond", "constant"), Answer, [])
    assert [(one.model, one.stage) for one in board_of(study).missing] == [
        ("constant", "judge"), ("majority", "respond"), ("controls", "judge"),
    ]  # fmt: skip


def test_a_student_of_other_settings_is_not_finished(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    shared(study)
    student(study, "n+all")
    student(study, "n+random")
    other = study.model_copy(update={"train": study.train.model_copy(update={"steps": 9})})
    with pytest.raises(StudyError, match="no student is finished"):
        pipeline.write_partial(other)
    changed = study.model_copy(update={"eval": study.eval.model_copy(update={"per_tool": 9})})
    with pytest.raises(RunFolderError, match=r"split was made with other settings: eval\.per_tool"):
        pipeline.write_partial(changed)


def test_the_command_prints_the_board_and_status_the_grid(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    shared(study)
    student(study, "n+all")
    done = CliRunner().invoke(main, ["report", str(tmp_path / "s.toml"), "--partial"])
    assert done.exit_code == 0, done.output
    assert "n+random (not finished: train)" in " ".join(done.output.split())
    assert "partial/report/index.html" in done.output
    lines = CliRunner().invoke(main, ["status", str(tmp_path / "s.toml")]).output.splitlines()
    assert "student   train    respond  judge    examples  seconds  cost" in lines
    at = next(n for n, line in enumerate(lines) if line.startswith("n+all"))
    assert lines[at].split() == ["n+all", "done", "done", "done", "0", "3.0"]
    assert lines[at + 1].split() == ["n+random", "waiting", "waiting", "waiting"]
    assert not any(line.startswith("train/") for line in lines)
    assert any(line.startswith("rank ") for line in lines)
