"""May judging stop? Five O'Brien-Fleming looks at "better or worse than the reference".

Only for that question: a rate that was stopped early is pushed away from .5, so boards ask all.

Source: O'Brien and Fleming, A multiple testing procedure for clinical trials, Biometrics 1979; the
constant for five two-sided looks at 5 %, 2.040, from Jennison and Turnbull, Group Sequential
Methods, 2000, table 2.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

LOOKS = 5
_CONSTANT = 2.040


def look_sizes(prompts: int) -> tuple[int, ...]:
    """After how many prompts one looks, the last being all; fewer looks where prompts are few.

    Raises ValueError without a prompt.
    """
    if prompts < 1:
        raise ValueError(f"prompts: {prompts}; there must be one at least")
    sizes = {math.ceil(prompts * look / LOOKS) for look in range(1, LOOKS + 1)}
    return tuple(sorted(size for size in sizes if size > 1 or prompts == 1))


def bound(size: int, prompts: int) -> float:
    """How many standard errors from the null stop the study after ``size`` of ``prompts``."""
    return _CONSTANT * math.sqrt(prompts / size)


def may_stop(values: Sequence[float], prompts: int, *, null: float = 0.5) -> bool:
    """Whether the mean of ``values``, one for each prompt asked so far, has left ``null`` for good.

    Never where fewer than two were asked, or where all are alike and equal the null.
    """
    size = len(values)
    if size < 2:
        return False
    mean = math.fsum(values) / size
    spread = math.fsum((value - mean) ** 2 for value in values) / (size - 1)
    # Alike so far is no proof of no spread: one prompt more could have been the other way.
    error = math.sqrt(max(spread, 1 / (4 * size)) / size)
    return abs(mean - null) / error > bound(size, prompts)
