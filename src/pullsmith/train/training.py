"""What is trained, on what and how: one value that the trainer, its probe and its errors read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pullsmith.engine import ALONE, Processes
from pullsmith.study.train import TrainSettings
from pullsmith.train.batches import Batch
from pullsmith.train.encode import Encoded
from pullsmith.train.student import Student


@dataclass(frozen=True)
class Training:
    """All that decides the weights: ``batches`` are steps times the gradient accumulation.

    ``held_out`` are never trained: their loss says when to stop, and which state is kept.
    """

    student: Student
    encoded: Sequence[Encoded]
    batches: Sequence[Batch]
    settings: TrainSettings
    adapter: bool  # train a low-rank adapter instead of all weights
    seed: int
    held_out: Sequence[Encoded] = ()
    held_out_batches: Sequence[Batch] = ()
    processes: Processes = ALONE  # several share the batches of each step
    trackers: Sequence[str] = ()
