"""Whether a training fits into the memory that is there, before it starts and when it did not.

Takes a planned training; gives its estimate (``fit``) beside what the device has.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.train.fit import Method, Run, memory, remedies, shape_of_model

if TYPE_CHECKING:
    from pullsmith.train.training import Training

# The estimate is within a quarter of published runs; only beyond that is it believed over the user.
_MARGIN = 1.25
_GIB = 1024**3


def run_of(training: Training) -> Run:
    """The largest batch of a training, as fit.py counts it."""
    import torch

    settings = training.settings
    sizes = []
    for batch in training.batches:
        lengths = [len(training.encoded[i].input_ids) for i in batch]
        padded = sum(lengths) if settings.packing else max(lengths) * len(lengths)
        trained = sum(training.encoded[i].trained_tokens for i in batch)
        sizes.append((padded, trained if training.student.compact_loss else padded))
    tokens, scored = max(sizes)
    adapter: Method = "qlora" if training.student.four_bits else "lora"
    method: Method = adapter if training.adapter else "full"
    half = torch.cuda.is_available() or settings.bf16_on_cpu
    return Run(
        method, tokens, scored, settings.activation_checkpointing, settings.lora.rank, half=half
    )  # fmt: skip


def available_bytes() -> int:
    """The memory of the first GPU, or of this machine where there is none."""
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.get_device_properties(0).total_memory)
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def check_room(training: Training, available: int) -> str:
    """A line with the estimate; raises TrainingError where it is far more than there is.

    Several processes may divide the weights, so there it only tells.
    """
    needed = memory(shape_of_model(training.student.model), run_of(training)).total
    if needed > _MARGIN * available and training.processes.count == 1:
        raise TrainingError(f"memory: {too_large(training, available)}")
    return f"memory: about {needed / _GIB:.1f} GiB by estimate, {available / _GIB:.1f} there"


def too_large(training: Training, available: int) -> str:
    """What is needed by estimate, and the settings under which it would fit."""
    run, shape = run_of(training), shape_of_model(training.student.model)
    fits = remedies(shape, run, available=available)
    needed, here = memory(shape, run).total / _GIB, available / _GIB
    return (
        f"by estimate this training needs {needed:.1f} GiB, and the device has "
        f"{here:.1f}; {'what would fit: ' + '; or '.join(fits) if fits else 'no setting would fit'}"
    )


@contextmanager
def told_when_full(training: Training) -> Iterator[None]:
    """Within it, memory that runs out is a TrainingError with the settings that would fit."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise TrainingError(f"out of memory: {too_large(training, available_bytes())}") from error


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device, or this machine, had no memory left; torch says so in several ways."""
    import torch

    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(
        word in str(error).lower() for word in words
    )
