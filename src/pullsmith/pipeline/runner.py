"""Running the jobs of a study that are not done yet.

A job (a stage, or one cell of it) is done when its manifest matches its settings and the digests
of its inputs. A job made with other settings is never overwritten: the run stops and says which
key changed; ``restart=True`` moves the old folder aside instead.
"""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

from pullsmith import __version__
from pullsmith.engine import ALONE, Processes, StageContext, StageResult, cores
from pullsmith.engine.machine import machine
from pullsmith.errors import RunFolderError, StudyError
from pullsmith.llm.terms import check_terms
from pullsmith.pipeline.stages import STAGES, StageSpec, jobs
from pullsmith.records import digest
from pullsmith.store import JobFolder, JobKey, Manifest, RunFolder, changed_settings, make_folder
from pullsmith.study import Study


class JobState(StrEnum):
    """Where a job stands."""

    DONE = "done"
    WAITING = "waiting"
    STARTED = "started"
    STALE = "stale"  # finished, but with other settings or inputs


@dataclass(frozen=True)
class JobStatus:
    """One line of ``pullsmith status``."""

    key: JobKey
    state: JobState
    manifest: Manifest | None
    why: str = ""


def run_folder(study: Study) -> RunFolder:
    """The folder of the study's run."""
    return RunFolder(study.runs / study.name)


def status(study: Study, stages: Sequence[StageSpec] = STAGES) -> list[JobStatus]:
    """Where every job stands; reads manifests only."""
    run = run_folder(study)
    return [_status(study, run, stage, key) for stage, key in jobs(study, stages)]


def run(  # noqa: PLR0913  # what to run is four of them, how to run it four
    study: Study,
    *,
    until: str | None = None,
    only: str | None = None,
    restart: bool = False,
    report: Callable[[str], None] = lambda _: None,
    workers: int | None = None,
    processes: Processes = ALONE,
    stages: Sequence[StageSpec] = STAGES,
) -> list[JobStatus]:
    """Run every job that is not done, in order; the statuses at the end.

    ``until`` stops after a stage; ``only`` runs one stage, or one cell of every stage that has it,
    and needs the stages before it done. ``workers`` is how many processes a stage may use, else
    one a core; it changes no result. ``processes`` are those that train one model together: the
    first one writes. Raises PullsmithError; whatever finished stays.
    """
    known = {stage.name for stage in stages} | {
        key.cell for _, key in jobs(study, stages) if key.cell
    }
    for name in (until, only):
        if name is not None and name not in known:
            raise StudyError(f"unknown stage or model {name!r}; known: {', '.join(sorted(known))}")
    if processes.count > 1 and only != "train":
        raise StudyError(_not_together(processes))
    check_terms(study.teacher, study.accept_terms)
    folder = run_folder(study)
    make_folder(folder.path)
    for stage, key in jobs(study, stages):
        if only is None or only in (key.stage, key.cell):
            _check_inputs(study, folder, stages, stage.needs(study, key.cell))
            context = StageContext(
                study=study, run=folder, job=folder.job(key), cell=key.cell, report=report,
                workers=workers or cores(), processes=processes,
            )  # fmt: skip
            _run_job(context, stage, key, restart=restart)
        if key.stage == until and key.cell == list(stage.cells(study))[-1]:
            break
    return status(study, stages)


def _not_together(processes: Processes) -> str:
    return (
        f"this is one of {processes.count} processes, and only training is shared among processes: "
        "start pullsmith train STUDY.toml so, every other command by itself"
    )


def _status(study: Study, run: RunFolder, stage: StageSpec, key: JobKey) -> JobStatus:
    job = run.job(key)
    manifest = job.manifest()
    if manifest is None:
        state = JobState.STARTED if job.path.exists() else JobState.WAITING
        return JobStatus(key, state, None)
    changes = changed_settings(manifest.settings, stage.settings(study, key.cell))
    if changes:
        return JobStatus(key, JobState.STALE, manifest, f"other settings: {', '.join(changes)}")
    inputs = _inputs(study, run, stage, key)
    stale = [name for name, found in inputs.items() if found != manifest.inputs.get(name)]
    if stale or inputs.keys() != manifest.inputs.keys():
        return JobStatus(
            key, JobState.STALE, manifest, f"other inputs: {', '.join(stale) or 'their list'}"
        )
    return JobStatus(key, JobState.DONE, manifest)


def _inputs(study: Study, run: RunFolder, stage: StageSpec, key: JobKey) -> dict[str, str]:
    found = {}
    for need in stage.needs(study, key.cell):
        manifest = run.job(need).manifest()
        found[str(need)] = manifest.output_digest if manifest else ""
    return found


def _check_inputs(
    study: Study, run: RunFolder, stages: Sequence[StageSpec], needs: Sequence[JobKey]
) -> None:
    """Raise RunFolderError where what a job reads was made with other settings than it says now."""
    specs = {stage.name: stage for stage in stages}
    for need in needs:
        state = _status(study, run, specs[need.stage], need)
        if state.state is JobState.STALE:
            raise RunFolderError(
                f"{run.job(need).path}: {need} was made with {state.why}; pullsmith {need.stage} "
                "STUDY.toml --restart makes it anew, then run this again"
            )


def _run_job(context: StageContext, stage: StageSpec, key: JobKey, *, restart: bool) -> None:
    study, run, job, report = context.study, context.run, context.job, context.report
    state = _status(study, run, stage, key)
    if state.state is JobState.DONE:
        return
    if state.state is JobState.STALE:
        if not restart:
            raise RunFolderError(
                f"{job.path}: {key} was made with {state.why}; give the study another name, "
                "or run with --restart to move the old results aside and make them anew"
            )
        if context.processes.first:
            _set_aside(run, job, key)
    inputs = _inputs(study, run, stage, key)
    missing = [name for name, found in inputs.items() if not found]
    if missing:
        raise StudyError(
            f"{key} needs {', '.join(missing)} first; pullsmith run does them in order"
        )
    if not context.processes.first:
        stage.run(context)
        return
    make_folder(job.path)
    job.clear_rows()
    report(f"{key} …")
    started, used = time.perf_counter(), time.process_time()
    result = stage.run(context)
    result.tally.check()
    job.finish(
        Manifest(
            pullsmith_version=__version__,
            stage=key.stage,
            cell=key.cell,
            settings=stage.settings(study, key.cell),
            inputs=inputs,
            tally=result.tally,
            output_digest=job.output_digest(),
            versions=_versions(),
            machine=machine(),
            measured={
                "wall_seconds": round(time.perf_counter() - started, 3),
                "cpu_seconds": round(time.process_time() - used, 3),
                **result.measured,
            },
        )
    )
    report(f"{key}: {result.tally.records_in} in, {result.tally.rows} out{_dropped(result)}")


def _dropped(result: StageResult) -> str:
    dropped = result.tally.dropped
    if not dropped:
        return ""
    return ", dropped " + ", ".join(f"{count} {reason}" for reason, count in dropped.items())


def _set_aside(run: RunFolder, job: JobFolder, key: JobKey) -> None:
    manifest = job.manifest()
    name = f"{str(key).replace('/', '-')}-{digest([manifest, time.time_ns()])}"
    aside: Path = run.path / "aside" / name
    make_folder(aside.parent)
    try:
        shutil.move(job.path, aside)
    except OSError as error:
        raise RunFolderError(f"{job.path}: cannot be moved to {aside}: {error}") from error


def _versions() -> dict[str, str]:
    names = ("pydantic", "pyarrow", "numpy", "rensa")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
