"""Whether a change is newer than what a model may have learnt from.

Takes the time of a merge and the last day, month or year of a model's training data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pullsmith.models.presets import presets


@dataclass(frozen=True)
class Ages:
    """Models, by name, whose training data ends before the change, or not before it."""

    newer_than: tuple[str, ...] = ()
    older_than: tuple[str, ...] = ()


@cache
def shipped_cutoffs() -> Mapping[str, str]:
    """The cut-off of every preset that has one, by the preset's name."""
    return {name: one.cutoff.value for name, one in presets().items() if one.cutoff.value}


def ages(merged_at: str, cutoffs: Mapping[str, str]) -> Ages:
    """The change beside every cut-off; nothing is said of a model where either is not known."""
    said = {name: is_newer(merged_at, cutoff) for name, cutoff in cutoffs.items()}
    return Ages(
        newer_than=tuple(name for name, newer in said.items() if newer),
        older_than=tuple(name for name, newer in said.items() if newer is False),
    )


def is_newer(merged_at: str, cutoff: str | None) -> bool | None:
    """Whether it was merged after that day, month or year (UTC); None where either is not known."""
    if cutoff is None or not merged_at:
        return None
    return merged_at[: len(cutoff)] > cutoff
