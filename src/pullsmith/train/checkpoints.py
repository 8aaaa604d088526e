"""States to resume from: sealed when whole, removed when not.

A process killed while it writes leaves a folder that looks like a checkpoint. So the last act of
saving is a seal that lists every file with its size; only a folder that agrees with its seal is
resumed from. Knows no tensors.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pullsmith.store import write_bytes

SEAL = "whole.json"


def seal(checkpoint: Path) -> None:
    """Mark a checkpoint as whole; the very last thing that is written into it."""
    write_bytes(checkpoint / SEAL, json.dumps(_sizes(checkpoint), sort_keys=True).encode())


def is_whole(checkpoint: Path) -> bool:
    """Whether every file the seal lists is there with its size; False without a readable seal."""
    try:
        listed = json.loads((checkpoint / SEAL).read_bytes())
    except (OSError, ValueError):
        return False
    return bool(listed) and listed == _sizes(checkpoint)


def newest_whole(folder: Path) -> Path | None:
    """The newest whole checkpoint under ``folder``, or None; half-written ones are removed."""
    found = sorted(folder.glob("checkpoint-*"), key=_step, reverse=True)
    whole = [checkpoint for checkpoint in found if is_whole(checkpoint)]
    for checkpoint in found:
        if checkpoint not in whole:
            shutil.rmtree(checkpoint)
    return whole[0] if whole else None


def _sizes(checkpoint: Path) -> dict[str, int]:
    return {
        path.relative_to(checkpoint).as_posix(): path.stat().st_size
        for path in checkpoint.rglob("*")
        if path.is_file() and path.name != SEAL
    }


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1
