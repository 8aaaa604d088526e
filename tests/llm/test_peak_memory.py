"""The most memory of a while: what was there before does not count, what nobody tells is not there."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from pullsmith.llm.peak_memory import EVERY_SECONDS, PeakMemory

torch = pytest.importorskip("torch")
SIZE = 200 * 2**20


@pytest.mark.skipif(torch.cuda.is_available(), reason="on a GPU its memory is what is told")
def test_memory_that_was_given_back_counts_and_what_was_before_does_not() -> None:
    earlier = np.ones(SIZE // 8)
    del earlier
    with PeakMemory() as idle:
        time.sleep(EVERY_SECONDS)
    with PeakMemory() as busy:
        held = np.ones(SIZE // 8)
        time.sleep(3 * EVERY_SECONDS)
        del held
    grown = busy.figures["peak_process_bytes"] - idle.figures["peak_process_bytes"]
    assert 0.9 * SIZE < grown < 1.5 * SIZE


@pytest.mark.skipif(torch.cuda.is_available(), reason="on a GPU its memory is what is told")
def test_where_the_system_does_not_tell_nothing_is_said(tmp_path: Path) -> None:
    with PeakMemory(statm=tmp_path / "none") as peak:
        pass
    assert peak.figures == {}


class TwoGpus:
    """Two GPUs; what was on them before is forgotten when it is reset."""

    def __init__(self) -> None:
        self.most = [100, 200]

    def is_available(self) -> bool:
        return True

    def device_count(self) -> int:
        return 2

    def reset_peak_memory_stats(self, device: int) -> None:
        self.most[device] = 0

    def max_memory_allocated(self, device: int) -> int:
        return self.most[device]


def test_on_gpus_it_is_what_they_had_together_since() -> None:
    gpus = TwoGpus()
    with PeakMemory(cuda=gpus) as peak:
        gpus.most = [30, 12]
    assert peak.figures == {"peak_gpu_bytes": 42}
    with PeakMemory(cuda=gpus) as idle:
        pass
    assert idle.figures == {}
