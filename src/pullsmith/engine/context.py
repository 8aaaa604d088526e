"""What a stage is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pullsmith.engine.workers import cores
from pullsmith.store import JobFolder, RunFolder
from pullsmith.study import Study
from pullsmith.tally import Tally


def _silent(message: str) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class StageContext:
    """What a stage is given: the study, the run it belongs to, its own folder and cell.

    ``report`` and ``workers`` say how it runs; nothing of them may change what it gives.
    """

    study: Study
    run: RunFolder
    job: JobFolder
    cell: str | None = None
    report: Callable[[str], None] = _silent  # progress, for a person
    workers: int = field(default_factory=cores)  # processes at most


@dataclass(frozen=True)
class StageResult:
    """What a stage gives back: its counts, and seconds, tokens and dollars for the manifest."""

    tally: Tally
    measured: Mapping[str, float] = field(default_factory=dict)
