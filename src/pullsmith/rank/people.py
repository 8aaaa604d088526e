"""What people would say of all, from what they said of some: few human labels and many of judges.

Takes shares by task; gives Statistics of each entrant that people judged: ``human_rate`` (the better
rate people would give on all pull requests, PPI++) and ``judges_minus_human`` (-1..1: how much
kinder the judges are, on what both looked at). Where all were looked at by people, human_rate is
their own mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from pullsmith.rank.panel import statistic
from pullsmith.rank.rates import ALL, OTHER_FAMILIES, Rated, Shares, Task
from pullsmith.records import Statistic
from pullsmith.stats.bootstrap import Interval, Resampler
from pullsmith.stats.ppi import powered_mean
from pullsmith.study.judging import HUMAN, panel_of

FEWEST = 10  # pull requests that people looked at: below, a bias cannot be told
Means = dict[str, float]  # by pull request


def human_statistics(
    shares: Mapping[Rated, Mapping[Task, Shares]], resampler: Resampler
) -> Iterator[Statistic]:
    """Both numbers; none of an entrant with fewer than FEWEST pull requests judged by people."""
    asked = panel_of({judge for *_, judge in shares} - {ALL, OTHER_FAMILIES}) - {HUMAN}
    for (entrant, reference, judge), by_task in sorted(shares.items()):
        if judge != HUMAN:
            continue
        human = _means([by_task])
        judged = _means(
            mine
            for (one, other, name), mine in shares.items()
            if (one, other) == (entrant, reference) and name in asked
        )
        both = sorted(human.keys() & judged.keys())
        if len(both) < FEWEST:
            continue
        rated = entrant, reference
        interval = _powered(human, judged, both)
        yield statistic("human_rate", interval, judges=(HUMAN, ""), rated=rated)
        gaps = {name: (judged[name] - human[name], 1.0) for name in both}
        bias = resampler.intervals([gaps], span=(-1.0, 1.0))[0]
        yield statistic("judges_minus_human", bias, judges=(HUMAN, ""), rated=rated)


def _powered(human: Means, judged: Means, both: list[str]) -> Interval:
    rest = sorted(judged.keys() - human.keys())
    labels = np.array([human[name] for name in both])
    if len(rest) < 2:
        error = labels.std(ddof=1) / len(labels) ** 0.5
        value, low, high = labels.mean(), labels.mean() - 1.96 * error, labels.mean() + 1.96 * error
    else:
        found = powered_mean(
            labels,
            np.array([judged[name] for name in both]),
            np.array([judged[name] for name in rest]),
        )
        value, low, high = found.value, found.low, found.high
    low, high = max(float(low), 0.0), min(float(high), 1.0)
    found_at = (round(float(value), 9), round(low, 9), round(high, 9))
    return Interval(*found_at, len(both) + len(rest), len(both))


def _means(tables: Iterable[Mapping[Task, Shares]]) -> Means:
    """The mean over judges and tasks of each pull request."""
    found: dict[str, list[float]] = {}
    for by_task in tables:
        for task, share in by_task.items():
            if share.better is not None:
                found.setdefault(task[0], []).append(share.better)
    return {name: sum(values) / len(values) for name, values in found.items()}
