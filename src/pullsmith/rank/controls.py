"""How judges did on controls: the rate each kind got beside the reference, a tie as half.

Takes the verdicts on controls; gives Statistics named ``control_rate``, the kind as the entrant.
What the rate must be is said by ``pullsmith.controls``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pullsmith.rank.panel import statistic
from pullsmith.rank.rates import ALL, shares_by_task
from pullsmith.records import Statistic, Verdict
from pullsmith.stats.bootstrap import Column, Resampler


def control_statistics(verdicts: Iterable[Verdict], resampler: Resampler) -> Iterator[Statistic]:
    """One rate per kind, reference and judge; by-rule verdicts cannot occur, all answers are valid."""
    columns: dict[tuple[str, str, str], Column] = {}
    for key, by_task in sorted(shares_by_task(verdicts).items()):
        column: dict[str, tuple[float, float]] = {}
        for task, shares in by_task.items():
            if shares.ties_half is not None:
                total, count = column.get(task[0], (0.0, 0.0))
                column[task[0]] = total + shares.ties_half, count + 1
        if column and key[2] != ALL:
            columns[key] = column
    intervals = resampler.intervals(list(columns.values()))
    for (kind, reference, judge), interval in zip(columns, intervals, strict=True):
        yield statistic("control_rate", interval, judges=(judge, ""), rated=(kind, reference))
