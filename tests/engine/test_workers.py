"""Shards in processes: order, errors, crashes, Ctrl-C; and that two processes are two."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pullsmith.engine import cores, run_shards
from pullsmith.engine.workers import Report
from pullsmith.errors import AnswerError, OutsideError, PullsmithError, SourceError


@dataclass(frozen=True)
class Shard:
    """What ``work`` does with it is in its name: "fine", "steady", "killed", a kind of error."""

    name: str
    folder: Path


def work(shard: Shard, report: Report) -> str:
    report(f"{shard.name} …")
    what = shard.name.partition(" ")[0]
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "exits":
        os._exit(7)
    errors: dict[str, Exception] = {
        "outside": OutsideError(f"{shard.name}: the forge is away"),
        "source": SourceError(f"{shard.name}: no such place", reason="not_a_repository"),
        "bug": ZeroDivisionError(f"{shard.name}: by zero"),
        "odd": AnswerError("odd", "takes two arguments, so it does not pickle"),
    }
    if what in errors:
        raise errors[what]
    if what in ("slow", "steady"):
        time.sleep(30 if what == "slow" else 0.1)
    (shard.folder / shard.name).write_text(str(os.getpid()))
    return shard.name.upper()


def shards(folder: Path, *names: str) -> list[Shard]:
    return [Shard(name, folder) for name in names]


def done(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_results_are_in_order_and_progress_is_reported(tmp_path: Path, workers: int) -> None:
    names = [f"fine {number}" for number in range(5)]
    said: list[str] = []
    results = run_shards(shards(tmp_path, *names), work, workers=workers, report=said.append)
    assert results == [name.upper() for name in names]
    assert sorted(said) == [f"{name} …" for name in names]
    processes = {(tmp_path / name).read_text() for name in names}
    assert (processes == {str(os.getpid())}) is (workers == 1)


def test_nothing_to_do() -> None:
    assert run_shards([], work, workers=4, report=print) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_outside_error_waits_for_the_others(tmp_path: Path, workers: int) -> None:
    asked = shards(tmp_path, "outside 1", "fine 1", "fine 2", "fine 3")
    with pytest.raises(OutsideError, match=r"^outside 1: the forge is away$"):
        run_shards(asked, work, workers=workers, report=lambda _: None)
    assert done(tmp_path) == {"fine 1", "fine 2", "fine 3"}
    more = shards(tmp_path, "outside 1", "fine 4", "outside 2")
    with pytest.raises(
        OutsideError, match=r"^2 failed, the others are kept: outside 1: .*; outside 2"
    ):
        run_shards(more, work, workers=workers, report=lambda _: None)
    assert "fine 4" in done(tmp_path)


@pytest.mark.parametrize("workers", [1, 2])
def test_any_other_error_starts_no_further_shard(tmp_path: Path, workers: int) -> None:
    asked = shards(tmp_path, "source", *(f"steady {number}" for number in range(40)))
    with pytest.raises(SourceError, match="source: no such place") as caught:
        run_shards(asked, work, workers=workers, report=lambda _: None)
    assert caught.value.reason == "not_a_repository"
    assert len(done(tmp_path)) < 40


def test_a_bug_comes_with_its_traceback(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run_shards(shards(tmp_path, "fine", "bug"), work, workers=2, report=lambda _: None)
    assert "test_workers.py" in "".join(caught.value.__notes__)
    with pytest.raises(PullsmithError, match="AnswerError: odd: takes two arguments"):
        run_shards(shards(tmp_path, "fine", "odd"), work, workers=2, report=lambda _: None)


@pytest.mark.parametrize(("name", "how"), [("killed 1", "SIGKILL"), ("exits 1", "exit code 7")])
def test_a_worker_that_dies_is_named_and_the_others_are_done(
    tmp_path: Path, name: str, how: str
) -> None:
    asked = shards(tmp_path, name, *(f"fine {number}" for number in range(4)))
    with pytest.raises(OutsideError, match=f"^{name}: its worker process ended with {how}"):
        run_shards(asked, work, workers=2, report=lambda _: None)
    assert len(done(tmp_path)) == 4


def test_there_is_a_processor() -> None:
    assert cores() >= 1


# --- Ctrl-C and the death of the parent ----------------------------------------------------------

_SCRIPT = """
import os, sys, tempfile
from pathlib import Path
from pullsmith.engine import run_shards
from tests.engine.test_workers import Shard, stay

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    run_shards([Shard(f"slow {n}", folder) for n in range(2)], stay, workers=2, report=print)
"""


def stay(shard: Shard, report: Report) -> None:
    """A worker with a child of its own, which ignores Ctrl-C as all here do, and a file to remove."""
    temporary = shard.folder / f"temporary {shard.name}"
    child = subprocess.Popen(["sleep", "60"])
    temporary.touch()
    try:
        (shard.folder / f"pids {shard.name}").write_text(f"{os.getpid()} {child.pid}")
        child.wait()
    finally:
        child.kill()
        child.wait()
        temporary.unlink()


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _until(condition: object, seconds: float = 20.0) -> bool:
    assert callable(condition)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", ["ctrl-c", "kill -9 of the parent"])
def test_no_worker_outlives_the_run(tmp_path: Path, how: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT)
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])},
        start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert _until(lambda: len([*tmp_path.glob("pids *")]) == 2)
    assert _until(lambda: all(path.read_text() for path in tmp_path.glob("pids *")))
    pids = [int(pid) for path in tmp_path.glob("pids *") for pid in path.read_text().split()]
    if how == "ctrl-c":
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process
    else:
        process.kill()
    _, said = process.communicate(timeout=30)
    assert _until(lambda: not any(_alive(pid) for pid in pids)), said
    assert not list(tmp_path.glob("temporary *"))
    assert said.count("Traceback") == (1 if how == "ctrl-c" else 0), said
