"""The ordered list of stages: the only place that knows the order.

A job (a stage, or one cell of it) is done when its manifest matches its settings and the digests
of its inputs. A job made with other settings is never overwritten: the run stops and says which
key changed; ``restart=True`` moves the old folder aside instead.
"""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pullsmith import __version__
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import PullsmithError, RunFolderError, StudyError
from pullsmith.models.names import ModelKind
from pullsmith.records import digest
from pullsmith.store import JobFolder, JobKey, Manifest, RunFolder, changed_settings, make_folder
from pullsmith.study import Study
from pullsmith.study.roles import Role

BASELINES = (ModelKind.CONSTANT.value, ModelKind.MAJORITY.value)


@dataclass(frozen=True)
class StageSpec:
    """A stage: where its code is, what it reads, which cells it has, which settings decide it."""

    name: str
    module: str
    needs: Callable[[Study, str | None], Sequence[JobKey]]
    settings: Callable[[Study, str | None], dict[str, Any]]
    cells: Callable[[Study], Sequence[str | None]] = lambda _: (None,)

    def run(self, context: StageContext) -> StageResult:
        """Import the stage and run it; only train and respond import a training library."""
        stage: Callable[[StageContext], StageResult] = import_module(self.module).run
        return stage(context)


def role_cell(role: Role) -> str:
    """The folder name of a role without a name of its own."""
    return "".join(c if c.isalnum() or c in "._-+" else "-" for c in role.model).strip("-.")


def student_cells(study: Study) -> list[str]:
    """One cell a student."""
    return [student.cell for student in study.student]


def candidate_cells(study: Study) -> list[str]:
    """What is compared with the references: students, and the rows without skill."""
    return student_cells(study) + (list(BASELINES) if study.baselines else [])


def reference_cells(study: Study) -> list[str]:
    """One cell a reference."""
    return [role_cell(reference) for reference in study.reference]


def respond_cells(study: Study) -> list[str]:
    """Everyone who answers the eval prompts."""
    return candidate_cells(study) + [
        c for c in reference_cells(study) if c not in candidate_cells(study)
    ]


def _after(*stages: str) -> Callable[[Study, str | None], Sequence[JobKey]]:
    return lambda _study, _cell: [JobKey(stage) for stage in stages]


def _respond_needs(study: Study, cell: str | None) -> Sequence[JobKey]:
    trained = [JobKey("train", cell)] if cell in student_cells(study) else []
    return [JobKey("render"), JobKey("split"), JobKey("clean"), *trained]


def _judge_needs(study: Study, cell: str | None) -> Sequence[JobKey]:
    return [
        JobKey("split"),
        JobKey("render"),
        *(JobKey("respond", c) for c in [cell, *reference_cells(study)]),
    ]


def _rank_needs(study: Study, _cell: str | None) -> Sequence[JobKey]:
    judged = [JobKey("judge", cell) for cell in candidate_cells(study)]
    answered = [JobKey("respond", cell) for cell in respond_cells(study)]
    return [JobKey("split"), *answered, *judged]


def _report_needs(study: Study, cell: str | None) -> Sequence[JobKey]:
    earlier = [JobKey(s) for s in ("collect", "select", "render", "generate", "clean", "rank")]
    return [
        *earlier,
        *_rank_needs(study, cell),
        *(JobKey("train", c) for c in student_cells(study)),
    ]


def _keys(*names: str) -> Callable[[Study, str | None], dict[str, Any]]:
    """Settings of a stage: the named parts of the study, as plain JSON values."""
    return lambda study, _cell: study.model_dump(mode="json", include={"seed", *names})


# What changes how fast a model is asked changes no answer, so it is in no digest.
_PACE = ("concurrency", "timeout_seconds", "tries")


def _roles(study: Study, *names: str) -> dict[str, Any]:
    values = study.model_dump(mode="json", include={"seed", *names})
    for name in names:
        if isinstance(values[name], list):
            values[name] = [
                {k: v for k, v in role.items() if k not in _PACE} for role in values[name]
            ]
    return values


def _role_settings(*names: str) -> Callable[[Study, str | None], dict[str, Any]]:
    return lambda study, _cell: _roles(study, *names)


def _student_settings(*names: str) -> Callable[[Study, str | None], dict[str, Any]]:
    """Settings of one cell: its own role only, so that adding a model leaves the others done."""

    def settings(study: Study, cell: str | None) -> dict[str, Any]:
        values = _roles(study, *names)
        roles = {
            **{role_cell(r): r for r in study.reference},
            **{s.cell: s for s in study.student},
        }
        if cell in roles:
            values["role"] = roles[cell].model_dump(mode="json", exclude=set(_PACE))
        return values

    return settings


def contracts_of(study: Study) -> list[str]:
    """Every contract a model of the study is asked in."""
    asked = [role.contract for role in study.teacher]
    asked += [role.contract for role in study.reference]
    asked += [role.contract for role in study.student]
    return sorted(set(asked))


def _render_settings(study: Study, _cell: str | None) -> dict[str, Any]:
    contracts = contracts_of(study)
    return {**study.model_dump(mode="json", include={"seed", "render"}), "contracts": contracts}


STAGES: tuple[StageSpec, ...] = (
    StageSpec("collect", "pullsmith.collect.stage", _after(), _keys("collect")),
    StageSpec("select", "pullsmith.select.stage", _after("collect"), _keys("select")),
    StageSpec("split", "pullsmith.split", _after("select"), _keys("split", "eval")),
    StageSpec("render", "pullsmith.render.stage", _after("split"), _render_settings),
    StageSpec("generate", "pullsmith.generate", _after("split", "render"), _role_settings("teacher")),
    StageSpec(
        "clean", "pullsmith.clean.stage", _after("split", "render", "generate"),
        lambda study, _cell: {
            **study.model_dump(mode="json", include={"clean"}),
            "contracts": sorted({s.contract for s in study.student}),
            "teacher": study.teacher[0].model,
        },
    ),
    StageSpec("train", "pullsmith.train.stage", _after("clean"), _student_settings("train"), student_cells),
    StageSpec("respond", "pullsmith.respond", _respond_needs, _student_settings(), respond_cells),
    StageSpec("judge", "pullsmith.judge.stage", _judge_needs, _role_settings("judge", "reference"), candidate_cells),
    StageSpec("rank", "pullsmith.rank.stage", _rank_needs, _keys("rank")),
    StageSpec("report", "pullsmith.report.stage", _report_needs, lambda study, _cell: {"name": study.name}),
)  # fmt: skip
STAGE_NAMES = tuple(stage.name for stage in STAGES)


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


def jobs(study: Study) -> Iterator[tuple[StageSpec, JobKey]]:
    """Every job of the study, in the order they run."""
    for stage in STAGES:
        for cell in stage.cells(study):
            yield stage, JobKey(stage.name, cell)


def status(study: Study) -> list[JobStatus]:
    """Where every job stands; reads manifests only."""
    run = run_folder(study)
    return [_status(study, run, stage, key) for stage, key in jobs(study)]


def run(
    study: Study,
    *,
    until: str | None = None,
    only: str | None = None,
    restart: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> list[JobStatus]:
    """Run every job that is not done, in order; the statuses at the end.

    ``until`` stops after a stage; ``only`` runs one stage, or one cell of every stage that has it,
    and needs the stages before it done. Raises PullsmithError; whatever finished stays.
    """
    for name in (until, only):
        known = {*STAGE_NAMES, *respond_cells(study)}
        if name is not None and name not in known:
            raise StudyError(f"unknown stage or model {name!r}; known: {', '.join(sorted(known))}")
    folder = run_folder(study)
    make_folder(folder.path)
    for stage, key in jobs(study):
        if only is None or only in (key.stage, key.cell):
            _run_job(study, folder, stage, key, restart=restart, report=report)
        if key.stage == until and key.cell == list(stage.cells(study))[-1]:
            break
    return status(study)


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


def _run_job(
    study: Study,
    run: RunFolder,
    stage: StageSpec,
    key: JobKey,
    *,
    restart: bool,
    report: Callable[[str], None],
) -> None:
    job = run.job(key)
    state = _status(study, run, stage, key)
    if state.state is JobState.DONE:
        return
    if state.state is JobState.STALE:
        if not restart:
            raise RunFolderError(
                f"{job.path}: {key} was made with {state.why}; give the study another name, "
                "or run with --restart to move the old results aside and make them anew"
            )
        _set_aside(run, job, key)
    inputs = _inputs(study, run, stage, key)
    missing = [name for name, found in inputs.items() if not found]
    if missing:
        raise StudyError(
            f"{key} needs {', '.join(missing)} first; pullsmith run does them in order"
        )
    make_folder(job.path)
    job.clear_rows()
    report(f"{key} …")
    started, used = time.perf_counter(), time.process_time()
    result = stage.run(StageContext(study=study, run=run, job=job, cell=key.cell, report=report))
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
    names = ("pydantic", "pyarrow", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


__all__ = [
    "STAGES",
    "STAGE_NAMES",
    "JobState",
    "JobStatus",
    "PullsmithError",
    "run",
    "run_folder",
    "status",
]
