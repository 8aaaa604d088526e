"""How long answers took, by the journal's clock: the same for hosted, served and local models.

Takes calls (when each ended, how long its last attempt took, how many tokens came); gives figures for
a manifest. Waits between attempts are not in them. A model in this process answers in batches: each of
a batch takes as long as the batch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Timed:
    """One call that was answered; ``ended_at`` in seconds since 1970."""

    ended_at: float
    seconds: float
    output_tokens: int


def timing(calls: Iterable[Timed]) -> dict[str, float]:
    """Median and 95 % latency, and tokens a second while calls were in flight; empty where nobody timed.

    Answers of a batch API come hours later and are not timed. ``busy_seconds`` is the time in which at
    least one call was in flight, so that neither a pause between two starts nor the number of calls at
    once changes what a second is.
    """
    timed = [call for call in calls if call.seconds > 0]
    if not timed:
        return {}
    median, late = np.quantile([call.seconds for call in timed], (0.5, 0.95))
    busy = busy_seconds(timed)
    return {
        "timed_answers": float(len(timed)),
        "latency_median_seconds": round(float(median), 4),
        "latency_p95_seconds": round(float(late), 4),
        "busy_seconds": round(busy, 3),
        "output_tokens_per_second": round(sum(call.output_tokens for call in timed) / busy, 1),
    }


def busy_seconds(calls: Iterable[Timed]) -> float:
    """Seconds in which at least one call was in flight: the union of their times."""
    total, until = 0.0, float("-inf")
    for start, end in sorted((call.ended_at - call.seconds, call.ended_at) for call in calls):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total
