"""A script in a process of its own: its CPU seconds and the most memory of it and all it started."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Done:
    """What a script took; memory is the proportional set size of all its processes, sampled."""

    cpu_seconds: float
    gigabytes: float
    output: str


def run_apart(script: str, *arguments: str) -> Done:
    """Run it to its end; SystemExit where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = 0
    with tempfile.TemporaryFile() as output:  # a pipe would be full before anybody reads it
        process = subprocess.Popen([sys.executable, script, *arguments], stdout=output)
        while process.poll() is None:
            peak = max(peak, sum(map(proportional_bytes, family(process.pid))))
            time.sleep(0.1)
        output.seek(0)
        said = output.read().decode()
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments[:1])} failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Done(used, peak / 1e9, said)


def family(pid: int) -> list[int]:
    """A process and all that it started; Linux only, else none."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def proportional_bytes(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
