"""studies/grid.toml: nine cells from one file, killed and resumed; and cells brought from elsewhere."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pullsmith import pipeline
from pullsmith.pipeline import JobState
from pullsmith.store import JobKey
from pullsmith.study import Study, load_study
from tests.report.clock import without_clock

ROOT = Path(__file__).parents[1]
GRID = ROOT / "studies" / "grid.toml"
# Smaller than the file says: what is tested is that nothing is lost, not what is learnt.
SMALLER = ("train.steps=30", "train.checkpoint_steps=5", "train.probe_steps=0", "eval.per_tool=6")
SECONDS = 900


def grid(folder: Path) -> Study:
    return load_study(GRID, [f"runs={folder}", *SMALLER])


def command(folder: Path, *words: str) -> list[str]:
    program = [sys.executable, "-m", "pullsmith", "run", str(GRID), f"runs={folder}", *SMALLER]
    return [*program, *words]


def run(folder: Path, *words: str) -> None:
    subprocess.run(command(folder, *words), check=True, capture_output=True, timeout=SECONDS)


def kill_once(folder: Path, reached: Callable[[], bool]) -> None:
    """Start the run and kill it with -9 as soon as ``reached`` says so."""
    process = subprocess.Popen(
        command(folder), start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        until = time.monotonic() + SECONDS
        while not reached() and time.monotonic() < until:
            assert process.poll() is None, "it ended before it was killed"
            time.sleep(0.05)
        assert reached()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def left(folder: Path) -> dict[str, str]:
    """What a run leaves, by name: rows, weights, the board, and its page but for the clock's part."""
    run_folder = folder / "grid"
    kinds = ("*.parquet", "*.safetensors", "board.*", "index.html")
    files = [path for kind in kinds for path in run_folder.rglob(kind)]
    return {
        str(path.relative_to(run_folder)): hashlib.sha256(_timeless(path)).hexdigest()
        for path in sorted(files)
        if "work" not in path.parts
    }


def _timeless(path: Path) -> bytes:
    whole = path.read_bytes()
    return without_clock(whole.decode()).encode() if path.suffix == ".html" else whole


def test_three_students_in_six_cells_that_answer_before_and_after() -> None:
    study = load_study(GRID)
    assert study.student_cells == (
        "small+all", "small+random", "deep+all", "deep+random", "wide+all", "wide+random",
    )  # fmt: skip
    recipes = [study.train_of(student).tiny for student in study.student[::2]]
    assert [(recipe.layers, recipe.width) for recipe in recipes] == [(2, 128), (3, 128), (2, 192)]
    assert study.control_cells == ("random",)


@pytest.mark.slow
def test_killed_in_training_and_in_answering_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    run(whole)
    expected = left(whole)
    assert sum(name.endswith("final/model.safetensors") for name in expected) == 6
    assert "report/board.json" in expected

    def job(name: str) -> Path:
        return killed / "grid" / name

    kill_once(killed, lambda: any(job("train/small+random").glob("work/*/checkpoint-*")))
    assert not job("train/deep+all").exists()
    kill_once(killed, lambda: job("respond/deep+all").exists())
    assert not job("respond/wide+random").exists()
    states = {str(state.key): state.state for state in pipeline.status(grid(killed))}
    assert states["train/wide+random"] is JobState.DONE
    assert states["report"] is JobState.WAITING
    run(killed)
    assert left(killed) == expected


@pytest.mark.slow
def test_cells_from_another_machine_are_copied_in_and_not_done_again(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    run(here, "--until", "control")
    shutil.copytree(here, there)  # what all share, as it stands on both machines
    run(here, "--only", "rules")
    shutil.copytree(here / "grid" / "respond" / "rules", there / "grid" / "respond" / "rules")
    run(there, "--only", "wide")  # an entry: both its cells, judged as well
    run(here, "--only", "small")
    run(here, "--only", "deep+all", "--journal", "deep+all", "--until", "respond")
    assert (here / "grid" / "journals" / "deep+all.sqlite").exists()
    for stage in ("train", "respond", "judge"):
        for cell in ("wide+all", "wide+random"):
            shutil.copytree(there / "grid" / stage / cell, here / "grid" / stage / cell)
    copied = (here / "grid" / "train" / "wide+all" / "manifest.json").read_bytes()
    states = {str(state.key): state.state for state in pipeline.status(grid(here))}
    assert states["judge/wide+random"] is JobState.DONE
    assert states["train/deep+random"] is JobState.WAITING
    run(here)
    assert (here / "grid" / "train" / "wide+all" / "manifest.json").read_bytes() == copied
    board = (here / "grid" / "report" / "board.json").read_text()
    assert all(f'"{cell}@after"' in board for cell in grid(here).student_cells)
    # A cell that was made with other settings is told apart, and nothing is thrown away.
    other = subprocess.run(
        [*command(here), "student.2.train.tiny.width=256"], check=False, capture_output=True,
        text=True, timeout=SECONDS,
    )  # fmt: skip
    assert other.returncode == 1
    assert (
        "train/wide+all was made with other settings: train.tiny.width (192 → 256)" in other.stderr
    )
    assert (here / "grid" / "train" / "wide+all" / "manifest.json").read_bytes() == copied
    assert grid(here).student_of("wide+all").entry == "wide"
    assert pipeline.run_folder(grid(here)).job(JobKey("judge", "wide+all")).manifest() is not None
