"""The most memory that a model in this process took: on its GPUs, or of the process where there is none.

A context manager; gives figures for a manifest. The process's memory is looked at ten times a second,
so that what ran before in the same process does not count; where the system does not tell, nothing
is said.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Self

EVERY_SECONDS = 0.1
_STATM = Path("/proc/self/statm")  # sizes in pages; the second is what is in memory


class PeakMemory:
    """Watches while it is entered; ``figures`` are there afterwards, empty where nothing is known."""

    def __init__(self, *, statm: Path = _STATM) -> None:
        """``statm`` is where the system says how much memory the process has."""
        self._statm = statm
        self._most = 0
        self._over = Event()
        self._watch = Thread(target=self._look, daemon=True)
        self._gpu = False
        self.figures: dict[str, float] = {}

    def __enter__(self) -> Self:
        import torch

        self._gpu = torch.cuda.is_available()
        if self._gpu:
            for device in range(torch.cuda.device_count()):
                torch.cuda.reset_peak_memory_stats(device)
        else:
            self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._gpu:
            import torch

            devices = range(torch.cuda.device_count())
            used = sum(torch.cuda.max_memory_allocated(device) for device in devices)
            self.figures = {"peak_gpu_bytes": float(used)} if used else {}
            return
        self._over.set()
        self._watch.join()
        if self._most:
            self.figures = {"peak_process_bytes": float(self._most)}

    def _look(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        with suppress(OSError):
            while True:
                pages = int(self._statm.read_text(encoding="ascii").split()[1])
                self._most = max(self._most, pages * page)
                if self._over.wait(EVERY_SECONDS):
                    return
