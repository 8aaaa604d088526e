"""Counting: what came in equals what went out plus what was dropped, by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from pullsmith.errors import TallyError
from pullsmith.records import Drop


class StepTally(BaseModel):
    """The counts of one step of a stage, in the order the steps run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    records_in: int
    records_out: int
    dropped: dict[str, int] = {}

    def check(self) -> None:
        """Raise TallyError unless in = out + dropped."""
        _check(self.records_in, self.records_out, self.dropped, f"{self.name}: ")

    def plus(self, other: StepTally) -> StepTally:
        """The same step over both inputs."""
        dropped = Counter(self.dropped) + Counter(other.dropped)
        return StepTally(
            name=self.name,
            records_in=self.records_in + other.records_in,
            records_out=self.records_out + other.records_out,
            dropped=dict(sorted(dropped.items())),
        )


class Tally(BaseModel):
    """The counts of one stage.

    ``records_out`` counts inputs that were kept; ``rows`` the rows written, which differ where one
    input becomes several rows (render: one prompt a tool). ``steps`` are the stage's own, where it
    has some: each takes what the one before it gave.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    records_in: int
    records_out: int
    dropped: dict[str, int]
    rows: int
    steps: tuple[StepTally, ...] = ()

    @classmethod
    def of_steps(cls, steps: Sequence[StepTally], *, records_in: int) -> Tally:
        """The counts of a stage that is its steps; raises TallyError where one does not add up."""
        dropped = sum((Counter(step.dropped) for step in steps), Counter[str]())
        out = steps[-1].records_out if steps else records_in
        tally = cls(
            records_in=records_in,
            records_out=out,
            dropped=dict(sorted(dropped.items())),
            rows=out,
            steps=tuple(steps),
        )
        tally.check()
        return tally

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
        """Raise TallyError unless in = out + dropped, after every step too."""
        coming = self.records_in
        for step in self.steps:
            if step.records_in != coming:
                raise TallyError(f"{step.name}: {step.records_in} in, but {coming} came out before")
            step.check()
            coming = step.records_out
        _check(self.records_in, self.records_out, self.dropped, "")


def _check(records_in: int, records_out: int, dropped: dict[str, int], where: str) -> None:
    lost = records_in - records_out - sum(dropped.values())
    if lost:
        raise TallyError(
            f"{where}{records_in} records in, {records_out} out and "
            f"{sum(dropped.values())} dropped: {abs(lost)} {'lost' if lost > 0 else 'too many'}"
        )
