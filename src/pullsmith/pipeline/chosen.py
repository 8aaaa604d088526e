"""Which jobs a run is to do: all, those up to a stage, of one stage, of one model, of one entry.

Takes a study and what a person asked for; gives jobs in their order. Knows no folder.
"""

from __future__ import annotations

from collections.abc import Sequence

from pullsmith.errors import StudyError
from pullsmith.pipeline.stages import STAGES, StageSpec, jobs
from pullsmith.store import JobKey
from pullsmith.study import Study

Job = tuple[StageSpec, JobKey]


def chosen_jobs(
    study: Study,
    stages: Sequence[StageSpec] = STAGES,
    *,
    until: str | None = None,
    only: str | None = None,
) -> list[Job]:
    """The jobs up to the last of a stage, and of those the ones that ``only`` names.

    ``only`` is a stage, a job (``train/CELL``), a model by its cell or label, or the name of a
    [[student]] entry, which is all its cells. Raises StudyError for a name that is none of these.
    """
    every = list(jobs(study, stages))
    names = {stage.name for stage in stages}
    if until is not None and until not in names:
        raise _unknown(until, study, stages, every)
    if only is None or only in names:
        wanted = [job for job in every if only in (None, job[1].stage)]
    else:
        cells = _cells(study, only)
        wanted = [job for job in every if job[1].cell in cells or str(job[1]) == only]
        if not wanted:
            raise _unknown(only, study, stages, every)
    found = [job for job in wanted if until is None or _before(job[0], until, stages)]
    if only is not None and not found:
        raise StudyError(f"{only!r} has no job up to {until or stages[-1].name}; nothing to do")
    return found


def _before(stage: StageSpec, until: str, stages: Sequence[StageSpec]) -> bool:
    order = [each.name for each in stages]
    return order.index(stage.name) <= order.index(until)


def _cells(study: Study, only: str) -> set[str]:
    """The cells of a name: of the one model that is called so, else of the entry."""
    roles = [*study.student, *study.reference]
    exact = {role.cell for role in roles if only in (role.cell, role.label)}
    return exact or {role.cell for role in study.student if role.entry == only} or {only}


def _unknown(
    name: str, study: Study, stages: Sequence[StageSpec], every: Sequence[Job]
) -> StudyError:
    cells = {key.cell for _, key in every if key.cell}
    known = {stage.name for stage in stages} | cells
    known |= {student.entry for student in study.student if student.cell in cells}
    return StudyError(f"unknown stage or model {name!r}; known: {', '.join(sorted(known))}")
