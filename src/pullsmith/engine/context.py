"""What a stage is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pullsmith.engine.processes import ALONE, Processes
from pullsmith.engine.workers import Named, Work, cores, run_shards
from pullsmith.store import JobFolder, RunFolder
from pullsmith.study import Study
from pullsmith.study.cluster import Engine
from pullsmith.tally import Tally

S = TypeVar("S", bound=Named)
R = TypeVar("R")


def _silent(message: str) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class Unfinished:
    """A model, by its label, that is left out: its first stage that is not done, and where that stands."""

    label: str
    stage: str
    state: str


@dataclass(frozen=True)
class StageContext:
    """What a stage is given: the study, the run it belongs to, its own folder and cell.

    ``report``, ``workers`` and ``processes`` say how it runs; nothing of them may change what it gives.
    ``missing`` are the models of the study as it is written that this part of it is without.
    """

    study: Study
    run: RunFolder
    job: JobFolder
    cell: str | None = None
    report: Callable[[str], None] = _silent  # progress, for a person
    workers: int = field(default_factory=cores)  # processes at most
    processes: Processes = ALONE  # those that train one model together
    missing: tuple[Unfinished, ...] = ()

    def spread(self, shards: Sequence[S], work: Work[S, R], *, folder: Path) -> list[R]:
        """What ``work`` gives for each shard, in order, run by the study's engine.

        ``folder`` is named by a digest of all that decides what comes out; every machine of a
        cluster reaches it by the same path.
        """
        if self.study.engine is not Engine.LOCAL:
            from pullsmith.engine.cluster import run_on_cluster  # datatrove is an extra

            return run_on_cluster(shards, work, folder=folder, study=self.study, report=self.report)
        return run_shards(shards, work, workers=self.workers, report=self.report)


@dataclass(frozen=True)
class StageResult:
    """What a stage gives back: its counts, and seconds, tokens and dollars for the manifest."""

    tally: Tally
    measured: Mapping[str, float] = field(default_factory=dict)
