"""Who answered, which part they play, and what is known of them before anything was measured.

Takes the study and its checkpoints; gives Entrants in the study's order. Reads no file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pullsmith.models.names import LOCAL, MODEL_FREE, ModelKind, parse_model_name
from pullsmith.models.presets import preset_of
from pullsmith.records import Checkpoint, Phase, entrant_name
from pullsmith.report.board import NO_MODEL
from pullsmith.study import Study
from pullsmith.study.known import known_of
from pullsmith.study.roles import ReferenceRole, StudentRole
from pullsmith.study.study import BASELINES


@dataclass(frozen=True)
class Entrant:
    """A row to be; ``runs`` is as in ``board.Row``, what is not known is None."""

    name: str
    model: str
    phase: Phase
    role: str
    runs: str
    parameters: int | None = None
    size_billions: float | None = None
    licence: str | None = None
    cutoff: str | None = None


def entrants(
    study: Study, answered: Collection[str], checkpoints: Sequence[Checkpoint]
) -> list[Entrant]:
    """Everyone of ``answered``: students after and before, the rows without skill, the references."""
    found = [
        *(each for role in study.student for each in _students(role, checkpoints)),
        *(Entrant(name, name, Phase.NONE, "baseline", NO_MODEL) for name in BASELINES),
        *(_reference(role) for role in study.reference),
    ]
    return [entrant for entrant in found if entrant.name in answered]


def _students(role: StudentRole, checkpoints: Sequence[Checkpoint]) -> Iterator[Entrant]:
    known = known_of(role)
    for phase in (Phase.AFTER, Phase.BEFORE):
        mine = (each for each in checkpoints if (each.student, each.phase) == (role.cell, phase))
        weights = next((each.parameters for each in mine), None)
        counted = None if weights is None else round(weights / 1e9, 6)
        yield Entrant(
            entrant_name(role.label, phase), role.label, phase, "student", runs(role.model),
            parameters=weights,
            size_billions=known.size_billions.value or counted,
            licence=known.licence.value,
            cutoff=role.known_cutoff,
        )  # fmt: skip


def _reference(role: ReferenceRole) -> Entrant:
    name = parse_model_name(role.model)
    preset = preset_of(name.target) if name.kind is ModelKind.HUB else None
    return Entrant(
        role.label, role.label, Phase.NONE, "reference", runs(role.model),
        size_billions=preset.size_billions.value if preset else None,
        licence=preset.licence.value if preset else None,
        cutoff=role.cutoff.isoformat() if role.cutoff else None,
    )  # fmt: skip


def runs(model: str) -> str:
    """Where a model runs, as ``board.Row`` says it."""
    kind = parse_model_name(model).kind
    if kind in MODEL_FREE or kind is ModelKind.SCRIPTED:
        return NO_MODEL
    return "here" if kind in LOCAL else "endpoint"
