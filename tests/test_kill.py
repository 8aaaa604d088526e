"""Killed with -9 anywhere and started again, a study ends with the same bytes."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

STUDY = """
name = "kill"
student = [{ model = "tiny", contract = "compact-1", max_tokens = 24 }]
eval.per_tool = 6
rank.resamples = 100

[collect]
sources = [{ planted = "stdlib", count = 80, spots = 40 }]

[train]
steps = 60
checkpoint_steps = 10

[train.tiny]
vocabulary = 600
"""


def command(study: Path) -> list[str]:
    return [sys.executable, "-m", "pullsmith", "run", str(study)]


def start(study: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command(study), env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def digests(study: Path) -> dict[str, str]:
    run = study.parent / "runs" / "kill"
    files = [*run.rglob("*.parquet"), *run.rglob("*.safetensors"), *run.rglob("board.json")]
    return {
        str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
        if "work" not in path.parts
    }


@pytest.mark.slow
def test_kill_anywhere_and_run_again_gives_the_same_bytes(tmp_path: Path) -> None:
    whole = tmp_path / "whole" / "kill.toml"
    whole.parent.mkdir()
    whole.write_text(STUDY)
    began = time.monotonic()
    assert start(whole).wait() == 0
    seconds = time.monotonic() - began
    expected = digests(whole)
    assert any(name.endswith("board.json") for name in expected)
    assert any(name.endswith(".safetensors") for name in expected)

    killed = tmp_path / "killed" / "kill.toml"
    killed.parent.mkdir()
    killed.write_text(STUDY)
    moments = random.Random(7)
    kills = 0
    for _ in range(40):
        process = start(killed)
        try:
            # Mostly later than the imports take, anywhere in what is left.
            code = process.wait(timeout=moments.uniform(0.15, 0.6) * seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
            continue
        assert code == 0
        break
    assert kills >= 3
    assert digests(killed) == expected


@pytest.mark.slow
def test_ctrl_c_keeps_the_state_and_prints_the_command(tmp_path: Path) -> None:
    study = tmp_path / "kill.toml"
    study.write_text(STUDY)
    process = subprocess.Popen(
        command(study),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.strip().startswith("split"):
            break
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"Go on with: pullsmith run {study}" in stderr
    assert (tmp_path / "runs" / "kill" / "collect" / "manifest.json").exists()
