"""Counting: what came in equals what went out plus what was dropped, by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from pullsmith.errors import TallyError
from pullsmith.records import Drop


class Tally(BaseModel):
    """The counts of one stage.

    ``records_out`` counts inputs that were kept; ``rows`` the rows written, which differ where one
    input becomes several rows (render: one prompt a tool).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    records_in: int
    records_out: int
    dropped: dict[str, int]
    rows: int

    @classmethod
    def of(
        cls, *, records_in: int, records_out: int, drops: Iterable[Drop], rows: int | None = None
    ) -> Tally:
        """Count ``drops`` by reason and check the sum; raises TallyError when it does not add up."""
        reasons = Counter(drop.reason for drop in drops)
        tally = cls(
            records_in=records_in,
            records_out=records_out,
            dropped=dict(sorted(reasons.items())),
            rows=records_out if rows is None else rows,
        )
        tally.check()
        return tally

    def check(self) -> None:
        """Raise TallyError unless in = out + dropped."""
        lost = self.records_in - self.records_out - sum(self.dropped.values())
        if lost:
            raise TallyError(
                f"{self.records_in} records in, {self.records_out} out and "
                f"{sum(self.dropped.values())} dropped: {abs(lost)} {'lost' if lost > 0 else 'too many'}"
            )
