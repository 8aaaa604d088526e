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
