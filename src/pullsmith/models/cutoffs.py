"""Whether a change is newer than what a model may have learnt from.

Takes the time of a merge and the last day, month or year of a model's training data.
"""

from __future__ import annotations


def is_newer(merged_at: str, cutoff: str | None) -> bool | None:
    """Whether it was merged after that day, month or year (UTC); None where either is not known."""
    if cutoff is None or not merged_at:
        return None
    return merged_at[: len(cutoff)] > cutoff
