"""Running independent shards on a Ray cluster or by Slurm, through datatrove's executors.

Takes shards and a function of one shard, gives the results in the shards' order, as ``run_shards``
does on one machine. What a shard came to is a file of its own, written aside and renamed, in a
folder named by a digest of all that decides it: datatrove's marks are empty files, so they are in
there too and never speak of other settings. Refuses to know what a shard is.
"""

from __future__ import annotations

import pickle
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pullsmith.engine.workers import Named, Outcomes, Report, Work, attempt, portable
from pullsmith.errors import MissingExtraError, OutsideError
from pullsmith.store import make_folder, write_bytes
from pullsmith.study import Study
from pullsmith.study.cluster import Engine

S = TypeVar("S", bound=Named)
R = TypeVar("R")
POLL_SECONDS = 10.0  # between looks at what Slurm has done


def run_on_cluster(
    shards: Sequence[S], work: Work[S, R], *, folder: Path, study: Study, report: Report
) -> list[R]:
    """What ``work`` gives for each shard, those of an earlier try included.

    Raises what ``run_shards`` raises; an OutsideError that names the logs where a shard was not
    finished by anybody.
    """
    desk = _Desk(folder / study.engine)
    make_folder(desk.outcomes)
    write_bytes(desk.plan, pickle.dumps((list(shards), work)))
    waiting = [number for number in range(len(shards)) if not desk.is_done(number)]
    if waiting:
        report(f"{study.engine}: {len(waiting)} of {len(shards)} slices to do")
        desk.forget(waiting)
        _LAUNCH[study.engine](desk, len(shards), study)
    outcomes = Outcomes[R]()
    for number, shard in enumerate(shards):
        outcomes.put(number, desk.outcome(number, shard.name))
    return outcomes.results()


@dataclass(frozen=True)
class _Desk:
    """The folder where the machines meet."""

    folder: Path

    @property
    def plan(self) -> Path:
        """The shards and the function, as every task reads them."""
        return self.folder / "plan.pickle"

    @property
    def outcomes(self) -> Path:
        """A file a shard."""
        return self.folder / "outcomes"

    @property
    def logs(self) -> Path:
        """The logs of datatrove, and its marks of what is complete."""
        return self.folder / "logs"

    def outcome_file(self, number: int) -> Path:
        """What shard ``number`` came to; there once it is known."""
        return self.outcomes / f"{number:05d}.pickle"

    def is_done(self, number: int) -> bool:
        """Whether it went well: what failed is tried again."""
        return self.outcome_file(number).exists() and self.outcome(number, "")[0] == "done"

    def outcome(self, number: int, name: str) -> tuple[str, Any]:
        """As ``attempt`` gave it; a shard without one has failed."""
        path = self.outcome_file(number)
        if not path.exists():
            return ("failed", OutsideError(f"{name}: not done; read {self.logs}, then run again"))
        kind, value = pickle.loads(path.read_bytes())
        return kind, value

    def forget(self, numbers: Sequence[int]) -> None:
        """Take away what says that these shards are complete, though they left nothing."""
        for number in numbers:
            self.outcome_file(number).unlink(missing_ok=True)
            (self.logs / "completions" / f"{number:05d}").unlink(missing_ok=True)


@dataclass(frozen=True)
class ShardTask:
    """One step of a datatrove pipeline that makes shard ``rank`` of the plan."""

    desk: _Desk

    def __call__(self, _data: object, rank: int, _world_size: int) -> None:
        """Raise what the shard raised, so that datatrove does not call it complete."""
        shards, work = pickle.loads(self.desk.plan.read_bytes())
        kind, value = attempt(work, shards[rank], _silent)
        outcome = (kind, portable(value) if isinstance(value, Exception) else value)
        write_bytes(self.desk.outcome_file(rank), pickle.dumps(outcome))
        if isinstance(value, Exception):
            raise value


def _silent(message: str) -> None:
    """Nobody listens on another machine; datatrove logs when a task ends."""


def _on_ray(desk: _Desk, count: int, study: Study) -> None:
    try:
        import ray
        from datatrove.executor.ray import RayPipelineExecutor
    except ImportError as error:
        raise MissingExtraError('engine = "ray" needs: pip install "pullsmith[ray]"') from error
    settings = study.cluster
    started = not ray.is_initialized()
    if started:
        ray.init(address=settings.address or None, log_to_driver=False, include_dashboard=False)
    try:
        # A placement group, an actor and a pool are made for every task: slices are large.
        RayPipelineExecutor(
            pipeline=[ShardTask(desk)], tasks=count, workers=settings.processes or -1,
            mem_per_cpu_gb=settings.memory_gb, logging_dir=str(desk.logs),
        ).run()  # fmt: skip
    except ray.exceptions.RayError:
        pass  # a shard's own error, or a lost machine: the outcomes say which
    finally:
        if started:
            ray.shutdown()


def _by_slurm(desk: _Desk, count: int, study: Study) -> None:
    """Send an array of tasks and wait for it; a job that an earlier run sent is waited for first."""
    if shutil.which("sbatch") is None:
        raise OutsideError('engine = "slurm": no sbatch here; run on a login node of the cluster')
    job = desk.folder / "job"
    if not job.exists() or not _in_queue(job.read_text()):
        write_bytes(job, _sent(desk, count, study).encode())
    while not all(desk.is_done(number) for number in range(count)):
        if not _in_queue(job.read_text()):
            return
        time.sleep(POLL_SECONDS)


def _sent(desk: _Desk, count: int, study: Study) -> str:
    try:
        from datatrove.executor.slurm import SlurmPipelineExecutor
    except ImportError as error:
        raise MissingExtraError('engine = "slurm" needs: pip install "pullsmith[slurm]"') from error
    settings = study.cluster
    executor = SlurmPipelineExecutor(
        pipeline=[ShardTask(desk)], tasks=count, workers=settings.processes or -1,
        time=settings.time_limit, partition=settings.partition, qos=settings.qos,
        mem_per_cpu_gb=settings.memory_gb, env_command=settings.setup or None,
        job_name=f"pullsmith-{study.name}", logging_dir=str(desk.logs), requeue=False,
    )  # fmt: skip
    try:
        executor.run()
    except subprocess.CalledProcessError as error:
        raise OutsideError(f"sbatch ended with {error.returncode}; nothing was sent") from error
    return str(executor.job_id)


def _in_queue(job: str) -> bool:
    """Whether Slurm still knows the job as waiting or running."""
    command = ["squeue", "--noheader", "--jobs", job]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return not found.returncode and bool(found.stdout.strip())


_LAUNCH: dict[Engine, Callable[[_Desk, int, Study], None]] = {
    Engine.RAY: _on_ray,
    Engine.SLURM: _by_slurm,
}
