"""Select, split and clean, killed with -9 five times at random, end with an undisturbed run's bytes."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pullsmith.clean.stage import run as clean
from pullsmith.records import Answer, Drop, Prompt, PullRequest, Split
from pullsmith.render.stage import run as render
from pullsmith.rows import read_rows
from pullsmith.select.stage import run as select
from pullsmith.split.stage import run as split
from tests.clean.made import answer, review
from tests.curated import context, file, finish, finish_as_it_is, real, study

KILLS = 5
STAGES = {"select": select, "split": split, "render": render, "clean": clean}
# Small slices and slow writing, so that there is something to be killed in.
_SCRIPT = """
import os, sys, time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
import pullsmith.clean.shards, pullsmith.engine.steps
from tests.curated import context, study

def slow(handle, fsync=os.fsync):
    time.sleep(0.03)
    fsync(handle)
    time.sleep(0.03)

os.fsync = slow
pullsmith.engine.steps.SLICE_BYTES, pullsmith.clean.shards.SHARD_BYTES = 6000, 6000
folder, stage = Path(sys.argv[1]), sys.argv[2]
module = import_module(f"pullsmith.{stage}.stage")
module.run(replace(context(folder, stage, study()), workers=1))
"""


def collected(folder: Path) -> None:
    """Pull requests in many slices, with copies in other slices than their origins."""
    draw = random.Random(1)
    lines = [[f"value_{n}_{k} = compute({k})" for k in range(12)] for n in range(60)]
    rows = [
        real(
            str(n),
            file(*lines[n % 60], f"x = {n}", path=f"{n}.py"),
            author="jane@acme.io",
            repository=f"forge.test/{n % 7}/b",
        )
        for n in draw.sample(range(1, 240), 160)
    ]
    finish(context(folder, "select", study()).run, "collect", PullRequest, rows)


def answered(folder: Path) -> None:
    """Reviews of every training pull request, half of them of lines that are not there."""
    run = context(folder, "generate", study()).run
    asked = [p for p in run.read("render", Prompt) if p.tool == "review" and p.split is Split.TRAIN]
    answers = [
        answer(
            review(9 + 9 * (at % 2), p.coverage.shown[0].path),
            id=f"{p.id}~x/none/none/0",
            prompt_id=p.id,
            pull_request_id=p.pull_request_id,
        )
        for at, p in enumerate(asked)
    ]
    finish(run, "generate", Answer, answers)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which nothing was ever killed."""
    folder = tmp_path_factory.mktemp("whole")
    collected(folder)
    for name, stage in STAGES.items():
        if name == "clean":
            answered(folder)
        made = context(folder, name, study())
        stage(made)
        finish_as_it_is(made.job)
    return folder


def digests(folder: Path, stage: str) -> dict[str, str]:
    found = [*sorted((folder / stage).glob("*.parquet")), *sorted((folder / "splits").glob("*"))]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "reason"),
    [("select", "near_duplicate"), ("split", ""), ("clean", "line_not_shown")],
)
def test_kill_at_random_and_run_again_gives_the_same_bytes(
    tmp_path: Path, whole: Path, stage: str, reason: str
) -> None:
    killed = tmp_path / "killed"
    shutil.copytree(whole, killed)
    shutil.rmtree(killed / stage)
    if stage == "split":
        shutil.rmtree(killed / "splits")
    drops = list(read_rows(whole / stage / "dropped.parquet", Drop))
    assert not reason or sum(one.reason == reason for one in drops) > 20

    command = [sys.executable, "-c", _SCRIPT, str(killed), stage]
    root = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    moments, kills = random.Random(11), 0
    for _ in range(60):
        process = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": root}, start_new_session=True
        )
        if kills < KILLS:
            _wait_for_work(killed / stage, process)
            time.sleep(moments.uniform(0, 0.15 if stage == "split" else 0.4))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
        if process.wait() == 0:
            break
    assert kills == KILLS
    assert process.returncode == 0
    assert digests(killed, stage) == digests(whole, stage)


def _wait_for_work(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Until a file is there that was not there before: kills before that say nothing."""
    before = _files(folder)
    while process.poll() is None:
        if _files(folder) - before:
            return
        time.sleep(0.005)


def _files(folder: Path) -> set[tuple[str, int]]:
    """What is there and since when, files that are being written among them."""
    found = set()
    for path in folder.rglob("*") if folder.exists() else ():
        try:
            found.add((str(path), path.stat().st_mtime_ns))
        except FileNotFoundError:
            continue
    return found
