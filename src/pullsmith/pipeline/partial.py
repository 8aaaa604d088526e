"""A board of what is finished so far, in a folder of its own, which says what it was made without.

Takes a study some of whose models are finished; leaves ``partial/rank`` and ``partial/report`` in the
run folder, made anew every time. The run's own rank and report wait for everything, as always.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pullsmith.engine import StageContext, Unfinished, cores
from pullsmith.errors import StudyError
from pullsmith.pipeline.runner import JobState, JobStatus, check_inputs, run_folder, run_job, status
from pullsmith.pipeline.stages import STAGES
from pullsmith.store import JobFolder, JobKey, RunFolder
from pullsmith.study import Study
from pullsmith.study.judging import CONTROLS_CELL
from pullsmith.study.study import BASELINES

PARTIAL = "partial"
_OF_MANY = ("rank", "report")  # what is made of all models together
_States = Mapping[JobKey, JobStatus]


@dataclass(frozen=True)
class PartialRun(RunFolder):
    """The run, whose rank and report are those of what is finished."""

    def job(self, key: JobKey) -> JobFolder:
        """As the run's; rank and report beside them."""
        if key.stage in _OF_MANY:
            return JobFolder(self.path / PARTIAL / key.stage)
        return super().job(key)


def write_partial(study: Study, *, report: Callable[[str], None] = lambda _: None) -> PartialRun:
    """Rank and report the finished models; the board names the others.

    Raises StudyError where no student is finished or a stage before them is not, RunFolderError
    where what was finished is of other settings.
    """
    part, missing = finished_part(study)
    run = PartialRun(run_folder(study).path)
    shutil.rmtree(run.path / PARTIAL, ignore_errors=True)
    for stage in STAGES:
        if stage.name in _OF_MANY:
            key = JobKey(stage.name)
            needs = [need for need in stage.needs(part, None) if need.stage not in _OF_MANY]
            check_inputs(study, run, STAGES, needs)
            context = StageContext(
                study=part, run=run, job=run.job(key), report=report, workers=cores(),
                missing=missing,
            )  # fmt: skip
            run_job(context, stage, key)
    return run


def finished_part(study: Study) -> tuple[Study, tuple[Unfinished, ...]]:
    """The study of the models that are finished, and the others; raises StudyError for no student."""
    states = {state.key: state for state in status(study)}
    open_ones = {student.cell: _unfinished(student.cell, states) for student in study.student}
    finished = tuple(student for student in study.student if not open_ones[student.cell])
    if not finished:
        raise StudyError(
            "no student is finished (trained, asked and judged), so there is nothing to rank; "
            "pullsmith status STUDY.toml says where each stands"
        )
    missing = [
        Unfinished(student.label, *where)
        for student in study.student
        if (where := open_ones[student.cell])
    ]
    baselines = list(_without_skill(study, states))
    controls = _unfinished(CONTROLS_CELL, states) if study.judging.controls else None
    missing += [*baselines, *([Unfinished(CONTROLS_CELL, *controls)] if controls else [])]
    judging = study.judging.model_copy(update={"controls": 0} if controls else {})
    update = {
        "student": finished, "baselines": study.baselines and not baselines, "judging": judging,
    }  # fmt: skip
    return study.model_copy(update=update), tuple(missing)


def _unfinished(cell: str, states: _States) -> tuple[str, str] | None:
    """The first stage of a cell that is not done, and where it stands; None where all are."""
    for key, state in states.items():
        if key.cell == cell and state.state is not JobState.DONE:
            return key.stage, state.state.value
    return None


def _without_skill(study: Study, states: _States) -> Iterator[Unfinished]:
    """The rows without skill, which come together or not at all."""
    cells = BASELINES if study.baselines else ()
    where = [found for cell in cells if (found := _unfinished(cell, states))]
    for cell in cells if where else ():
        yield Unfinished(cell, *(_unfinished(cell, states) or where[0]))
