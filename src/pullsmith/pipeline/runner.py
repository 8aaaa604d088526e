"""Running the jobs of a study that are not done yet.

A job (a stage, or one cell of it) is done when its manifest matches its settings and the digests
of its inputs. A job made with other settings is never overwritten: the run stops and says which
key changed; ``restart=True`` moves the old folder aside instead.
"""

from __future__ import annotations

import platform
import re
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
from pullsmith.pipeline.chosen import Job, chosen_jobs
from pullsmith.pipeline.stages import STAGES, StageSpec, jobs
from pullsmith.records import digest
from pullsmith.store import JobFolder, JobKey, Manifest, RunFolder, changed_settings, make_folder
from pullsmith.study import Study

_JOURNAL_NAME = re.compile(r"[\w+][\w.+-]{0,199}")


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


def run_folder(study: Study, *, journal: str = "") -> RunFolder:
    """The folder of the study's run, with the journal that all share or one by name.

    Raises StudyError for a name that is no file's.
    """
    if journal and not _JOURNAL_NAME.fullmatch(journal):
        raise StudyError(
            f"journal {journal!r}: expected a name of letters, digits and ._+-, such as a model's cell"
        )
    return RunFolder(study.runs / study.name, journal_name=journal)


def status(study: Study, stages: Sequence[StageSpec] = STAGES) -> list[JobStatus]:
    """Where every job stands; reads manifests only."""
    run = run_folder(study)
    return [_status(study, run, stage, key) for stage, key in jobs(study, stages)]


def check_files(study: Study, stages: Sequence[StageSpec] = STAGES) -> None:
    """Raise RunFolderError for jobs whose files are not those they finished with; reads every byte.

    A folder that was copied in part, or changed by hand, is caught here and nowhere else.
    """
    run = run_folder(study)
    broken = [
        str(job.path)
        for job in (run.job(key) for _, key in jobs(study, stages))
        if (manifest := job.manifest()) and manifest.output_digest != job.output_digest()
    ]
    if broken:
        raise RunFolderError(
            f"{', '.join(broken)}: the files are not those that the manifest was written for; copy "
            "the folder again, or remove it and run again"
        )


def run(  # noqa: PLR0913  # what to run is four of them, how to run it five
    study: Study,
    *,
    until: str | None = None,
    only: str | None = None,
    restart: bool = False,
    report: Callable[[str], None] = lambda _: None,
    workers: int | None = None,
    processes: Processes = ALONE,
    journal: str = "",
    stages: Sequence[StageSpec] = STAGES,
) -> list[JobStatus]:
    """Run every job that is not done, in order; the statuses at the end.

    ``until`` stops after a stage; ``only`` runs one stage, or one model's cells (``chosen_jobs``),
    and needs the stages before it done. ``journal`` names one of the process's own, which machines
    that work in one run folder need. ``workers`` is how many processes a stage may use, else
    one a core; it changes no result. ``processes`` are those that train one model together: the
    first one writes. Raises PullsmithError; whatever finished stays.
    """
    chosen = chosen_jobs(study, stages, until=until, only=only)
    if processes.count > 1 and {key.stage for _, key in chosen} != {"train"}:
        raise StudyError(_not_together(processes))
    check_terms(study.teacher, study.accept_terms)
    folder = run_folder(study, journal=journal)
    make_folder(folder.journal.parent)
    _check_outside(study, folder, stages, chosen)
    for stage, key in chosen:
        check_inputs(study, folder, stages, stage.needs(study, key.cell))
        context = StageContext(
            study=study, run=folder, job=folder.job(key), cell=key.cell, report=report,
            workers=workers or cores(), processes=processes,
        )  # fmt: skip
        run_job(context, stage, key, restart=restart)
    return status(study, stages)


def _not_together(processes: Processes) -> str:
    return (
        f"this is one of {processes.count} processes, and only training is shared among processes: "
        "start pullsmith train STUDY.toml, or pullsmith run STUDY.toml --only MODEL --until train, so; "
        "every other command by itself"
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


def _check_outside(
    study: Study, run: RunFolder, stages: Sequence[StageSpec], chosen: Sequence[Job]
) -> None:
    """Raise StudyError, before any work, where a job needs one that is neither done nor to be done."""
    inside, seen = {key for _, key in chosen}, set[JobKey]()
    lacking: list[str] = []
    for stage, key in chosen:
        outside = [need for need in stage.needs(study, key.cell) if need not in inside | seen]
        seen.update(outside)
        check_inputs(study, run, stages, outside)
        missing = [str(need) for need in outside if run.job(need).manifest() is None]
        lacking += [f"{key} needs {', '.join(missing)}"] * bool(missing)
    if lacking:
        raise StudyError(f"{'; '.join(lacking)} first; pullsmith run does them in order")


def check_inputs(
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


def run_job(context: StageContext, stage: StageSpec, key: JobKey, *, restart: bool = False) -> None:
    """Run one job unless it is done; raises as ``run``."""
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
