"""Shards on clusters: the same rows as on one machine, by a fake Slurm and by a real Ray."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from pullsmith.clean.stage import run as clean
from pullsmith.engine import StageContext
from pullsmith.engine.cluster import run_on_cluster
from pullsmith.engine.workers import Report
from pullsmith.errors import MissingExtraError, OutsideError, SourceError
from pullsmith.records import Answer, Prompt, PullRequest, Split
from pullsmith.render.stage import run as render
from pullsmith.select.stage import run as select
from pullsmith.split.stage import run as split
from pullsmith.study import Study
from tests.clean.made import answer, review
from tests.curated import context, file, finish, finish_as_it_is, real, study

NEEDS_DATATROVE = pytest.mark.skipif(not find_spec("datatrove"), reason="datatrove not installed")
NEEDS_RAY = pytest.mark.skipif(
    not (find_spec("datatrove") and find_spec("ray")), reason="ray not installed"
)

# A cluster of one machine: jobs run at once, one after the other, and leave the queue when done.
SBATCH = """#!{python}
import os, re, subprocess, sys
script = open(sys.argv[-1]).read()
here = {here!r}
number = len(os.listdir(here + "/jobs"))
open(f"{{here}}/jobs/{{number}}", "w").write(" ".join(sys.argv[1:-1]) + "\\n" + script)
tasks = int(re.search(r"#SBATCH --array=0-(\\d+)", script)[1]) + 1
for task in range(tasks):
    os.environ |= {{"SLURM_ARRAY_TASK_ID": str(task), "SLURM_NODELIST": "here", "SLURM_JOB_ID": "1",
                   "RUN_OFFSET": "0"}}
    if os.path.exists(f"{{here}}/lost-{{task}}") or "merge_stats" in script:
        continue
    subprocess.run(["bash", sys.argv[-1]], capture_output=True)
print("Submitted batch job", 40 + number)
"""
SRUN = '#!/bin/sh\nwhile [ "${1#-}" != "$1" ]; do [ "$1" = -n ] && shift; shift; done\nexec "$@"\n'
SCONTROL = "#!/bin/sh\necho here\n"
SQUEUE = "#!/bin/sh\nexit 0\n"


@dataclass(frozen=True)
class Shard:
    """``work`` writes the shard's name, or raises what it says."""

    name: str
    folder: Path


def work(shard: Shard, report: Report) -> str:
    with (shard.folder / "log").open("a") as log:
        log.write(shard.name + "\n")
    if shard.name.startswith("bad"):
        raise SourceError(f"{shard.name} cannot be used")
    return shard.name.upper()


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fake Slurm commands on PATH; their folder."""
    here = tmp_path / "slurm"
    (here / "jobs").mkdir(parents=True)
    commands = {"srun": SRUN, "scontrol": SCONTROL, "squeue": SQUEUE}
    commands["sbatch"] = SBATCH.format(python=sys.executable, here=str(here))
    for name, text in commands.items():
        (here / name).write_text(text)
        (here / name).chmod(stat.S_IRWXU)
    own = Path(sys.executable).parent
    monkeypatch.setenv("PATH", os.pathsep.join([str(here), str(own), os.environ["PATH"]]))
    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root), *sys.path]))
    return here


def on(engine: str, **cluster: object) -> Study:
    return study(engine=engine, cluster=cluster)


def spread(made: Study, folder: Path, *names: str) -> list[str]:
    shards = [Shard(name, folder) for name in names]
    return run_on_cluster(shards, work, folder=folder, study=made, report=lambda _: None)


@NEEDS_DATATROVE
def test_slurm_gives_results_in_order_and_asks_for_what_the_study_says(
    slurm: Path, tmp_path: Path
) -> None:
    made = on("slurm", partition="short", time_limit="00:30:00", memory_gb=3, processes=2, setup="export A=1")  # fmt: skip
    assert spread(made, tmp_path, "a", "b", "c") == ["A", "B", "C"]
    arguments, script = (slurm / "jobs" / "0").read_text().split("\n", 1)
    assert arguments.startswith("--export=ALL")
    asked = dict(re.findall(r"#SBATCH --([a-z-]+)=(.*)", script))
    assert asked["array"] == "0-2%2"
    assert (asked["partition"], asked["time"], asked["mem-per-cpu"]) == ("short", "00:30:00", "3G")
    assert asked["job-name"] == "pullsmith-test"
    assert "\nexport A=1\n" in script


@NEEDS_DATATROVE
def test_only_what_is_not_done_is_sent_again(slurm: Path, tmp_path: Path) -> None:
    (slurm / "lost-1").touch()
    with pytest.raises(OutsideError, match=r"b: not done; read .*slurm/logs, then run again"):
        spread(on("slurm"), tmp_path, "a", "b", "c")
    (slurm / "lost-1").unlink()
    assert spread(on("slurm"), tmp_path, "a", "b", "c") == ["A", "B", "C"]
    assert spread(on("slurm"), tmp_path, "a", "b", "c") == ["A", "B", "C"]
    assert (tmp_path / "log").read_text().split() == ["a", "c", "b"]


@NEEDS_DATATROVE
def test_what_a_shard_raises_is_raised_here_and_tried_again(slurm: Path, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(SourceError, match="bad cannot be used"):
            spread(on("slurm"), tmp_path, "a", "bad")
    assert (tmp_path / "log").read_text().split() == ["a", "bad", "bad"]


@NEEDS_DATATROVE
def test_a_mark_of_completion_without_an_outcome_is_not_believed(
    slurm: Path, tmp_path: Path
) -> None:
    """Trap 2: the marks are empty files and say nothing of what was done."""
    marks = tmp_path / "slurm" / "logs" / "completions"
    marks.mkdir(parents=True)
    for number in range(2):
        (marks / f"{number:05d}").touch()
    assert spread(on("slurm"), tmp_path, "a", "b") == ["A", "B"]


def test_no_slurm_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OutsideError, match="no sbatch here; run on a login node"):
        spread(on("slurm"), tmp_path, "a")


@pytest.mark.parametrize("engine", ["ray", "slurm"])
def test_a_missing_extra_is_named(
    slurm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    for name in (f"datatrove.executor.{engine}", "ray"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=rf"pullsmith\[{engine}\]"):
        spread(on(engine), tmp_path, "a")


def selected(folder: Path, made: Study, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The bytes that select leaves, in several slices, of twelve copies and twelve others."""
    monkeypatch.setattr("pullsmith.engine.steps.SLICE_BYTES", 700)
    asked: StageContext = replace(context(folder, "select", made), workers=1)
    lines = [f"value_{n} = compute({n})" for n in range(30)]
    rows = [real(str(n), file(*lines[n % 3 :], "x" * n)) for n in range(1, 13)]
    for n in range(1, 13):
        own = [f"own_{n}_{k} = other_{k}({n})" for k in range(25 + n)]
        rows.append(real(str(n), file(*own), repository=f"forge.test/{n % 4}/own"))
    finish(asked.run, "collect", PullRequest, rows)
    tally = select(asked).tally
    assert tally.dropped["near_duplicate"] > 3
    return {path.name: path.read_bytes() for path in asked.job.path.glob("*.parquet")}


def processed(folder: Path, made: Study, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What select, split, render and clean leave of these, one after the other, in several slices.

    The teacher's answers are the same review of every pull request; what it names is shown in some.
    """
    found = selected(folder, made, monkeypatch)
    monkeypatch.setattr("pullsmith.render.shards.SHARD_BYTES", 2000)
    monkeypatch.setattr("pullsmith.clean.shards.SHARD_BYTES", 1000)
    for name, run in (("select", None), ("split", split), ("render", render), ("clean", clean)):
        asked: StageContext = replace(context(folder, name, made), workers=1)
        if name == "clean":
            finish(asked.run, "generate", Answer, reviews(asked.run.read("render", Prompt)))
        if run:
            dropped = run(asked).tally.dropped
            assert name != "clean" or dropped["line_not_shown"] > 1
            found |= {f"{name}/{p.name}": p.read_bytes() for p in asked.job.path.glob("*.parquet")}
        finish_as_it_is(asked.job)
    return found


def reviews(prompts: Iterable[Prompt]) -> list[Answer]:
    """A review of line 31 to every training prompt of that tool."""
    value = review(31)
    return [
        answer(value, id=f"{p.id}~x/none/none/0", prompt_id=p.id, pull_request_id=p.pull_request_id)
        for p in prompts
        if p.tool == "review" and p.split is Split.TRAIN
    ]


@pytest.mark.slow
@NEEDS_DATATROVE
def test_slurm_gives_the_same_bytes_of_every_stage(
    slurm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = processed(tmp_path / "local", on("local"), monkeypatch)
    assert {name.partition("/")[0] for name in here} >= {"split", "render", "clean"}
    assert processed(tmp_path / "far", on("slurm"), monkeypatch) == here


@pytest.mark.slow
@NEEDS_RAY
@pytest.mark.filterwarnings("ignore")  # a warning raised in one of its threads would hang it
def test_two_processes_of_a_ray_cluster_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[2]), *sys.path]))
    here = processed(tmp_path / "local", on("local"), monkeypatch)
    ray.init(
        num_cpus=2, include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1",
        object_store_memory=100 << 20,
    )  # fmt: skip
    try:
        far = processed(tmp_path / "far", on("ray", processes=2, memory_gb=1), monkeypatch)
    finally:
        ray.shutdown()
    assert far == here
