"""What this machine is, in words: beside what was measured on it. Never its name or address."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

from pullsmith.engine.workers import cores

_CPU_INFO = Path("/proc/cpuinfo")
_GIB = 2**30


@cache
def machine() -> str:
    """Processor, cores that may be used, memory and GPUs, as "NAME, 2 cores, 8 GiB, 1 x GPU"."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _GIB
    count = cores()
    parts = [
        _processor(),
        f"{count} core{'' if count == 1 else 's'}",
        f"{memory:.0f} GiB",
        *_gpus(),
    ]
    return ", ".join(filter(None, parts))


def _processor() -> str:
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _gpus() -> list[str]:
    if shutil.which("nvidia-smi") is None:
        return []
    command = ("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    names = Counter(line.strip() for line in done.stdout.splitlines() if line.strip())
    return [f"{count} x {name}" for name, count in names.items()]
