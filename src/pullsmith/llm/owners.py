"""Which process something belongs to, and whether that process still runs.

Takes nothing but this machine's process table; gives names that no other process has. Where it
cannot be known whether a process runs (another container, no /proc) it says so.
"""

from __future__ import annotations

import os
from pathlib import Path

_START_FIELD = 19  # of what follows the program's name in /proc/PID/stat: when it started


def this_process() -> str:
    """The name of this process: namespace, number and start, so that a number used again is another."""
    return f"{_namespace()}/{os.getpid()}/{_started(os.getpid())}"


def is_running(owner: str) -> bool | None:
    """Whether ``owner`` still runs; None where nobody here can know."""
    namespace, _, rest = owner.partition("/")
    number, _, started = rest.partition("/")
    if namespace != _namespace() or not namespace or not number.isdigit():
        return None
    return _started(int(number)) == started


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink()).replace("/", "-")
    except OSError:
        return ""


def _started(number: int) -> str:
    """When the process started, in the kernel's ticks; empty where there is none."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    # A zombie has ended: only its parent has not looked yet.
    return "" if fields[0] in "ZX" else fields[_START_FIELD]
