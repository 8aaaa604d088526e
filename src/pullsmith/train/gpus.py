"""GPUs by name: what their makers say they can do, for estimates; nothing here was measured.

Takes a name; gives memory, the peak of dense bfloat16 products and the speed of memory, from the
makers' data sheets. What a training or an answering model reaches of a peak is an assumption: of
published trainings (docs/training.md) one reached 15 % of it and others 60 to 97 %, so an estimate
of hours may be wrong by a factor of three either way.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from pullsmith.errors import StudyError

GIB = 1024**3
TRAINING_SHARE = 0.3  # of the peak: 300 TFLOP/s of an H100
ANSWERING_SHARE = (
    0.5  # of the speed of memory, which is what writing one token after another hangs on
)


@dataclass(frozen=True)
class Gpu:
    """One GPU; ``memory`` in bytes, ``flops`` operations a second, ``bandwidth`` bytes a second."""

    name: str
    memory: int
    flops: float
    bandwidth: float


def _gpu(name: str, gib: int, teraflops: float, gigabytes_a_second: float) -> Gpu:
    return Gpu(name, gib * GIB, teraflops * 1e12, gigabytes_a_second * 1e9)


# Memory in the size they are sold by; teraflops without sparsity, summed in 32 bits.
GPUS = {
    gpu.name: gpu
    for gpu in (
        _gpu("rtx-4090", 24, 165, 1008),
        _gpu("a6000", 48, 155, 768),
        _gpu("l40s", 48, 362, 864),
        _gpu("a100", 80, 312, 2039),
        _gpu("h100", 80, 989, 3350),
        _gpu("h200", 141, 989, 4800),
        _gpu("b200", 180, 2250, 8000),
        _gpu("mi300x", 192, 1307, 5300),
    )
}


def gpu_of(name: str) -> Gpu:
    """The GPU called ``name``; raises StudyError with the nearest that is known."""
    if name.lower() in GPUS:
        return GPUS[name.lower()]
    near = difflib.get_close_matches(name.lower(), GPUS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(GPUS)}"
    raise StudyError(f"unknown GPU {name!r}: {hint}")
