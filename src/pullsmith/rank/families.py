"""Do judges favour their own family? A table of judge family by candidate family.

Takes shares by task and who is of which family; gives Statistics: ``family_rate`` (the better rate
that judges of family ``judge`` gave entrants of family ``entrant``) and ``own_family_preference``
(-1..1: a judge's rate of its own family's entrants minus the other families' judges', on the same
tasks). A family nobody named is never guessed: who has none is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from pullsmith.rank.panel import statistic
from pullsmith.rank.rates import ALL, Rated, Shares, Task
from pullsmith.records import Statistic
from pullsmith.stats.bootstrap import Column, Resampler

Families = Mapping[str, str]  # judge or entrant -> family
Rates = Mapping[Rated, Mapping[Task, Shares]]


def family_statistics(
    shares: Rates, families: Families, resampler: Resampler
) -> Iterator[Statistic]:
    """Both tables; nothing where no judge or no entrant has a family."""
    cells: dict[tuple[str, str], dict[str, tuple[float, float]]] = defaultdict(dict)
    for (entrant, reference, judge), by_task in sorted(shares.items()):
        pair = families.get(judge, ""), families.get(entrant, "")
        if judge == ALL or not all(pair) or entrant == reference:
            continue
        for task, share in by_task.items():
            if share.better is not None:
                _add(cells[pair], task[0], share.better)
    yield from _all("family_rate", cells, resampler, (0.0, 1.0))
    yield from _all("own_family_preference", _own(shares, families), resampler, (-1.0, 1.0))


def _own(shares: Rates, families: Families) -> dict[tuple[str, str], Column]:
    """By judge and family: its rate minus the mean of other families' judges, task by task."""
    found: dict[tuple[str, str], dict[str, tuple[float, float]]] = defaultdict(dict)
    for (entrant, reference, judge), by_task in sorted(shares.items()):
        family = families.get(judge, "")
        if judge == ALL or not family or families.get(entrant) != family:
            continue
        for task, share in by_task.items():
            others = [
                other.better
                for name, other in _beside(shares, (entrant, reference), task)
                if families.get(name, family) != family and other.better is not None
            ]
            if others and share.better is not None:
                _add(found[judge, family], task[0], share.better - sum(others) / len(others))
    return dict(found)


def _beside(shares: Rates, pair: tuple[str, str], task: Task) -> Iterator[tuple[str, Shares]]:
    for (entrant, reference, judge), by_task in shares.items():
        if (entrant, reference) == pair and judge != ALL and task in by_task:
            yield judge, by_task[task]


def _add(column: dict[str, tuple[float, float]], request: str, value: float) -> None:
    total, count = column.get(request, (0.0, 0.0))
    column[request] = total + value, count + 1


def _all(
    name: str,
    cells: Mapping[tuple[str, str], Column],
    resampler: Resampler,
    span: tuple[float, float],
) -> Iterator[Statistic]:
    intervals = resampler.intervals([cells[key] for key in sorted(cells)], span=span)
    for (judge, entrant), interval in zip(sorted(cells), intervals, strict=True):
        yield statistic(name, interval, judges=(judge, ""), rated=(entrant, ""))
