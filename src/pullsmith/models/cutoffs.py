"""Whether a change is newer than what a model may have learnt from.

Takes the time of a merge and the last day of a model's training data. There is no list of known
models yet: a study says ``cutoff`` for those it names.
"""

from __future__ import annotations

from datetime import date


def is_newer(merged_at: str, cutoff: date | None) -> bool | None:
    """Whether it was merged after that day (UTC); None where either is not known."""
    if cutoff is None or not merged_at:
        return None
    return merged_at[:10] > cutoff.isoformat()
