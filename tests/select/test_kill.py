"""Select killed with -9 five times at random moments ends with the bytes of an undisturbed run."""

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

from pullsmith.records import Drop, PullRequest
from pullsmith.rows import read_rows
from pullsmith.select.stage import run
from tests.curated import context, file, finish, real, study

KILLS = 5
# Small slices, and a pause in each step, so that there is something to be killed in.
_SCRIPT = """
import sys, time
from pathlib import Path
from dataclasses import replace
import pullsmith.engine.steps as steps
from pullsmith.select.stage import run
from tests.curated import context, study

make = steps._make

def slow(shard):
    time.sleep(0.05)
    made = make(shard)
    time.sleep(0.05)
    return made

steps.SLICE_BYTES, steps._make = 6000, slow
run(replace(context(Path(sys.argv[1]), "select", study()), workers=1))
"""


def collected(folder: Path) -> None:
    """Pull requests in many slices, with copies in other slices than their origins."""
    draw = random.Random(1)
    lines = [[f"value_{n}_{k} = compute({k})" for k in range(12)] for n in range(40)]
    rows = [
        real(str(n), file(*lines[n % 40], f"x = {n}", path=f"{n}.py"), author="jane@acme.io")
        for n in draw.sample(range(1, 200), 160)
    ]
    finish(context(folder, "select", study()).run, "collect", PullRequest, rows)


def digests(folder: Path) -> dict[str, str]:
    found = sorted((folder / "select").glob("*.parquet"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.mark.slow
def test_kill_at_random_and_run_again_gives_the_same_bytes(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        collected(folder)
    run(context(whole, "select", study()))
    drops = list(read_rows(whole / "select" / "dropped.parquet", Drop))
    assert sum(one.reason == "near_duplicate" for one in drops) > 50

    command = [sys.executable, "-c", _SCRIPT, str(killed)]
    root = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    moments, kills = random.Random(11), 0
    for _ in range(60):
        process = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": root}, start_new_session=True
        )
        if kills < KILLS:
            _wait_for_work(killed, process)
            time.sleep(moments.uniform(0, 0.4))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
        if process.wait() == 0:
            break
    assert kills == KILLS
    assert digests(killed) == digests(whole)


def _wait_for_work(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Until a slice more than before is finished: kills before that say nothing."""
    before = len([*(folder / "select" / "work").rglob("*.counts.json")])
    while process.poll() is None:
        if len([*(folder / "select" / "work").rglob("*.counts.json")]) > before:
            return
        time.sleep(0.01)
