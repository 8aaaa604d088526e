"""What every benchmark shares: CPU seconds, peak memory, and how figures are shown."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path

Figures = dict[str, dict[str, object]]  # by name: value, unit, peer, ratio


def cpu_seconds(act: Callable[[], object]) -> float:
    """CPU seconds of this process and its children while ``act`` runs."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    before = used()
    act()
    return used() - before


def peak_bytes() -> int:
    """The most memory this process has had; Linux only.

    Not from getrusage: what that says of a process begins with the peak of its parent.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def show(figures: Mapping[str, Mapping[str, object]], *, as_json: bool) -> None:
    """Print them, as one object or a line each."""
    if as_json:
        print(json.dumps(figures, indent=2))
        return
    for name, facts in figures.items():
        print(
            f"{name:40} {facts['value']:>8} {facts['unit']}; {facts['peer']}; ratio {facts['ratio']}"
        )
