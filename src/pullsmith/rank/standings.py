"""Entrants beyond their rate: strengths over all comparisons, the same order or not by judge.

Takes shares by task and verdicts; gives Statistics: ``strength`` (Bradley-Terry, in logits, mean 0,
ties as half a win) of every entrant and reference under the panel together, and ``tau`` of two
judges (Kendall's tau-b of the entrants' order by better rate).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pullsmith.rank.panel import statistic
from pullsmith.rank.rates import ALL, OTHER_FAMILIES, Rated, Shares, Task
from pullsmith.records import Statistic, Verdict
from pullsmith.records.base import Result
from pullsmith.stats.agreement import kendall_tau
from pullsmith.stats.bootstrap import TAILS, Interval, Resampler
from pullsmith.stats.strengths import connected, strengths
from pullsmith.study.judging import panel_of

_RESULTS = {Result.WIN: 0, Result.LOSS: 1, Result.TIE: 2}
STRENGTH_RESAMPLES = 200  # each is a fit of its own; bounds of strengths are read to one digit
Matrix = NDArray[np.float64]


def strength_statistics(verdicts: Iterable[Verdict], resampler: Resampler) -> Iterator[Statistic]:
    """One strength an entrant; none where not everyone met everyone through others."""
    given = list(verdicts)
    panel = panel_of(verdict.judge for verdict in given)
    counts, requests = _results(verdict for verdict in given if verdict.judge in panel)
    pairs = sorted(counts)
    if not pairs or not connected(pairs):
        return
    place = {pair: number for number, pair in enumerate(pairs)}
    per_request: dict[str, Matrix] = defaultdict(lambda: np.zeros((len(pairs), 3)))
    for pair, by_request in requests.items():
        for request, results in by_request.items():
            per_request[request][place[pair]] += results
    totals = resampler.totals(per_request)
    seen = strengths(pairs, totals.seen)
    drawn = [strengths(pairs, each) for each in totals.drawn[:STRENGTH_RESAMPLES]]
    for name in sorted(seen):
        low, high = np.quantile([each[name] for each in drawn], TAILS)
        count = round(sum(float(counts[pair].sum()) for pair in pairs if name in pair))
        bounds = min(float(low), seen[name]), max(float(high), seen[name])
        interval = Interval(
            round(seen[name], 6), round(bounds[0], 6), round(bounds[1], 6),
            totals.pull_requests, count, degenerate=bool(np.ptp([each[name] for each in drawn]) < 1e-9),
        )  # fmt: skip
        yield statistic("strength", interval, rated=(name, ""))


def order_statistics(
    shares: Mapping[Rated, Mapping[Task, Shares]], resampler: Resampler
) -> Iterator[Statistic]:
    """Kendall's tau of every two judges over the entrants both rated against one reference."""
    judges: dict[str, dict[str, dict[str, Mapping[Task, Shares]]]] = {}
    for (entrant, reference, judge), by_task in shares.items():
        if judge not in (ALL, OTHER_FAMILIES):  # a mean of judges is no judge
            judges.setdefault(reference, {}).setdefault(judge, {})[entrant] = by_task
    for reference, rated in sorted(judges.items()):
        for one, other in combinations(sorted(rated), 2):
            both = sorted(rated[one].keys() & rated[other].keys())
            if len(both) > 1:
                sides = [[rated[judge][entrant] for entrant in both] for judge in (one, other)]
                interval = _tau(sides, resampler)
                yield statistic("tau", interval, judges=(one, other), rated=("", reference))


def _tau(sides: Sequence[Sequence[Mapping[Task, Shares]]], resampler: Resampler) -> Interval:
    """Columns: (sum, count) of each entrant's better shares, for the one judge and the other."""
    size = len(sides[0])
    counts: dict[str, Matrix] = defaultdict(lambda: np.zeros((2, size, 2)))
    for side, entrants in enumerate(sides):
        for place, by_task in enumerate(entrants):
            for task, shares in by_task.items():
                if shares.better is not None:
                    counts[task[0]][side, place] += (shares.better, 1)
    if not counts:
        return Interval(None, None, None, 0, size)

    def tau(sums: Matrix) -> Matrix:
        with np.errstate(invalid="ignore", divide="ignore"):
            rates = sums[..., 0] / sums[..., 1]
        return kendall_tau(rates[..., 0, :], rates[..., 1, :])

    return resampler.totals(counts).interval(tau, count=size)


def _results(
    verdicts: Iterable[Verdict],
) -> tuple[dict[tuple[str, str], Matrix], dict[tuple[str, str], dict[str, Matrix]]]:
    """Wins, losses and ties of each pair: in all, and by pull request."""
    counts: dict[tuple[str, str], Matrix] = defaultdict(lambda: np.zeros(3))
    requests: dict[tuple[str, str], dict[str, Matrix]] = defaultdict(
        lambda: defaultdict(lambda: np.zeros(3))
    )
    for verdict in verdicts:
        if verdict.result in _RESULTS and verdict.candidate != verdict.reference:
            pair = verdict.candidate, verdict.reference
            counts[pair][_RESULTS[verdict.result]] += 1
            requests[pair][verdict.pull_request_id][_RESULTS[verdict.result]] += 1
    return dict(counts), {pair: dict(found) for pair, found in requests.items()}
