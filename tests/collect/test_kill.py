"""A folder of clones, killed with -9 at several moments and collected again; a disk that is full."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.collect.repositories import FORGE, Content, Teller, git, numbered

STUDY = """
name = "killed"
student = [{{ model = "tiny", contract = "compact-1" }}]
[collect]
sources = [{{ git = "{clones}" }}]
"""
REPOSITORIES = 8


@pytest.fixture(scope="module")
def clones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clones that take a moment each, a twin, a bundle and a broken one."""
    folder = tmp_path_factory.mktemp("folder") / "clones"
    for seed in range(REPOSITORIES):
        teller = Teller()
        main = teller.commit(f"Start {seed}", {f"{n}.py": numbered(200) for n in range(40)})
        for number in range(1, 161):
            changed: dict[str | bytes, Content] = {
                f"{number % 40}.py": numbered(200, **{f"l{number}": f"changed by {number}"})
            }
            main = teller.commit(f"Change (#{number})", changed, main, committer=FORGE)
        teller.make(folder / f"owner/{seed}.git")
    git(folder, "clone", "--quiet", "--mirror", "owner/3.git", "twin.git")
    git(folder / "owner/4.git", "bundle", "create", "--quiet", "../4.bundle", "HEAD", "--all")
    git(folder, "init", "--quiet", "empty")
    return folder


def start(folder: Path, clones: Path, *options: str) -> subprocess.Popen[str]:
    study = folder / "killed.toml"
    folder.mkdir(exist_ok=True)
    study.write_text(STUDY.format(clones=clones))
    return subprocess.Popen(
        [sys.executable, "-m", "pullsmith", "collect", str(study), *options],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finished(folder: Path) -> int:
    return len(list((folder / "runs/killed/collect/work").glob("*/done")))


def digests(folder: Path) -> dict[str, str]:
    job = folder / "runs/killed/collect"
    assert (job / "manifest.json").exists()
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in job.glob("*.parquet")
    }


def kill_after(process: subprocess.Popen[str], folder: Path, shards: int, seconds: float) -> bool:
    """Kill everything ``seconds`` after that many shards are finished; False if it ended before."""
    while finished(folder) < shards:
        if process.poll() is not None:
            return False
        time.sleep(0.005)
    time.sleep(seconds)
    if process.poll() is not None:
        return False
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return True


def test_killed_in_a_folder_of_clones_and_run_again_gives_the_same_bytes(
    clones: Path, tmp_path: Path
) -> None:
    whole = start(tmp_path / "whole", clones, "--workers", "1")
    said = whole.communicate()[1]
    assert whole.returncode == 0, said
    expected = digests(tmp_path / "whole")
    assert {"rows-00000.parquet", "dropped.parquet"} <= expected.keys()
    killed, seen = tmp_path / "killed", []
    for shards, seconds in ((0, 0.8), (1, 0.0), (4, 0.02)):
        process = start(killed, clones, "--workers", "2")
        if kill_after(process, killed, shards, seconds):
            seen.append(finished(killed))
    assert len(seen) == 3
    assert seen == sorted(seen)  # nothing finished is lost
    assert seen[-1] >= 4
    last = start(killed, clones, "--workers", "3")
    said = last.communicate()[1]
    assert last.returncode == 0, said
    assert digests(killed) == expected
    assert said.count(" dropped\n") <= REPOSITORIES + 3 - seen[-1]  # and nothing is read again


_FULL = """
import resource, sys
from pullsmith.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
sys.argv = ["pullsmith", "collect", {study!r}, "--workers", "1"]
main()
"""


@pytest.mark.parametrize("size", [0, 5000])
def test_a_disk_without_room_is_one_clear_line(clones: Path, tmp_path: Path, size: int) -> None:
    """No file may grow: neither git's input in the temporary folder nor the rows."""
    study = tmp_path / "killed.toml"
    study.write_text(STUDY.format(clones=clones))
    script = _FULL.format(size=size, study=str(study))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    *_, last = done.stderr.strip().splitlines()
    assert done.returncode in (1, 3)
    assert last.startswith("pullsmith: ")
    assert "File too large" in last
    assert "Traceback" not in done.stderr
