"""The published table of 2024, out of the presets: rates to show beside a board, never to rank with.

Takes nothing but what ships; gives rows, the best first. They were made with other prompts, a
reference and judges that are gone: no difference between them and a row of a study means anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pullsmith.models.presets import presets

LABEL = "published 2024, not rerun"


@dataclass(frozen=True)
class PublishedRow:
    """One model as published. Rates are shares in 0..1; ``before`` is None where none was published."""

    model: str  # its hub id
    size_billions: float | None
    after: float
    before: float | None
    source: str
    note: str  # where the table names the model otherwise
    label: str = LABEL


@cache
def published_rows() -> tuple[PublishedRow, ...]:
    """All fourteen models, by their rate after fine-tuning; equal rates in the order of their names."""
    rows = [
        PublishedRow(
            model=one.hub.value or name,
            size_billions=one.size_billions.value,
            after=one.published_rate.value / 100,
            before=None if one.published_before.value is None else one.published_before.value / 100,
            source=one.published_rate.source,
            note=one.note,
        )
        for name, one in presets().items()
        if one.published_rate.value is not None
    ]
    return tuple(sorted(rows, key=lambda row: (-row.after, row.model)))
