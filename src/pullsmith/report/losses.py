"""The losses of a training as two lines of a drawing.

Takes the rows of a train job's ``loss.json``; gives points in drawing units. Knows no file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullsmith.errors import RunFolderError

WIDTH, HEIGHT = 320, 90  # units of the drawing, not pixels


@dataclass(frozen=True)
class Curve:
    """One training: its loss and, where some was held out, that loss; as points of polylines."""

    name: str
    trained: str
    held_out: str
    steps: int
    first: float
    last: float
    last_held_out: float | None


def read_curve(name: str, path: Path) -> Curve | None:
    """The curve in a file; None where a job has left none, raises RunFolderError for a broken one."""
    try:
        rows = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise RunFolderError(f"{path}: no list of losses ({error}); train again") from error
    return curve(name, rows)


def curve(name: str, rows: Sequence[Mapping[str, float]]) -> Curve | None:
    """The curve of some losses by step; None for fewer than two."""
    trained = [(row["step"], row["loss"]) for row in rows if "loss" in row]
    held_out = [(row["step"], row["eval_loss"]) for row in rows if "eval_loss" in row]
    if len(trained) < 2:
        return None
    every = [*trained, *held_out]
    steps = max(step for step, _ in every)
    low, high = min(loss for _, loss in every), max(loss for _, loss in every)

    def points(of: Sequence[tuple[float, float]]) -> str:
        span = (high - low) or 1.0
        return " ".join(
            f"{WIDTH * step / steps:.1f},{HEIGHT * (high - loss) / span:.1f}" for step, loss in of
        )

    return Curve(
        name, points(trained), points(held_out), int(steps), trained[0][1], trained[-1][1],
        held_out[-1][1] if held_out else None,
    )  # fmt: skip


def curve_text(found: Curve) -> str:
    """What the lines say, in numbers."""
    held = "" if found.last_held_out is None else f"; held out {found.last_held_out:.3f}"
    return f"{found.first:.3f} to {found.last:.3f} in {found.steps} steps{held}"
