"""The most memory that a model in this process took: on its GPUs, or of the process where there is none.

A context manager; gives figures for a manifest. The process's memory is looked at ten times a second,
so that what ran before in the same process does not count; where the system does not tell, nothing
is said.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Protocol, Self

EVERY_SECONDS = 0.1
_STATM = Path("/proc/self/statm")  # sizes in pages; the second is what is in memory


class Cuda(Protocol):
    """What is asked of ``torch.cuda``."""

    def is_available(self) -> bool:
        """Whether there is a GPU."""

    def device_count(self) -> int:
        """How many."""

    def reset_peak_memory_stats(self, device: int) -> None:
        """Count from here."""

    def max_memory_allocated(self, device: int) -> int:
        """The most bytes since then."""


class PeakMemory:
    """Watches while it is entered; ``figures`` are there afterwards, empty where nothing is known."""

    def __init__(self, *, statm: Path = _STATM, cuda: Cuda | None = None) -> None:
        """``statm`` is where the system says how much memory the process has, ``cuda`` torch's own."""
        self._statm = statm
        self._cuda = cuda
        self._gpus: Sequence[int] = ()
        self._most = 0
        self._over = Event()
        self._watch = Thread(target=self._look, daemon=True)
        self.figures: dict[str, float] = {}

    def __enter__(self) -> Self:
        cuda = self._asked()
        self._gpus = range(cuda.device_count()) if cuda.is_available() else ()
        for device in self._gpus:
            cuda.reset_peak_memory_stats(device)
        if not self._gpus:
            self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        cuda = self._asked()
        if self._gpus:
            used = sum(cuda.max_memory_allocated(device) for device in self._gpus)
            self.figures = {"peak_gpu_bytes": float(used)} if used else {}
            return
        self._over.set()
        self._watch.join()
        if self._most:
            self.figures = {"peak_process_bytes": float(self._most)}

    def _asked(self) -> Cuda:
        if self._cuda is not None:
            return self._cuda
        import torch

        found: Cuda = torch.cuda
        return found

    def _look(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        with suppress(OSError):
            while True:
                pages = int(self._statm.read_text(encoding="ascii").split()[1])
                self._most = max(self._most, pages * page)
                if self._over.wait(EVERY_SECONDS):
                    return
