"""What judges are like: how often they flip, favour a place, agree with themselves and each other.

Takes verdicts of entrants and references; gives Statistics. Verdicts by rule are left out: no judge
was asked. Knows no answer and no pull request beyond its name.

Names, each a share in 0..1 unless said: ``unreadable_rate``; ``flip_rate`` (the two orders of a
pair gave different results); ``first_rate`` (of the verdicts that chose, the first shown won; .5
is no preference); ``self_agreement`` (the same question again, the same verdict);
``people_agreement`` (two people, one pair, the same verdict); ``contradiction_rate`` (its scores say
otherwise); ``raw_agreement``, ``kappa`` and ``tau`` of two
judges; ``alpha`` of the panel (kappa, alpha and tau are 1 for perfect, 0 for chance).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pullsmith.rank.rates import ALL
from pullsmith.records import Order, Result, Statistic, Verdict, statistic_id
from pullsmith.stats.agreement import (
    cohen_kappa,
    coincidences,
    krippendorff_alpha,
)
from pullsmith.stats.bootstrap import Interval, Resampler
from pullsmith.study.judging import HUMAN, panel_of

LABELS = (Result.WIN, Result.TIE, Result.LOSS)
_PLACE = {label: place for place, label in enumerate(LABELS)}
Asked = tuple[str, str, str]  # prompt, candidate, reference
Item = tuple[str, str, str, Order, int]  # what was asked, its order and its repeat
Part = tuple[float, float]


def statistic(
    name: str,
    interval: Interval,
    *,
    judges: tuple[str, str] = (ALL, ""),
    rated: tuple[str, str] = ("", ""),
) -> Statistic:
    """The record of one number; ``judges`` is (judge, other), ``rated`` (entrant, reference)."""
    return Statistic(
        id=statistic_id(name, judges, rated),
        name=name,
        judge=judges[0],
        other=judges[1],
        entrant=rated[0],
        reference=rated[1],
        pull_requests=interval.pull_requests,
        count=interval.count,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        degenerate=interval.degenerate,
    )


def by_judge(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """The verdicts that a judge was asked for, by judge in the order of its name."""
    found: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if not verdict.by_rule:
            found[verdict.judge].append(verdict)
    return dict(sorted(found.items()))


def judge_statistics(
    judged: Mapping[str, Sequence[Verdict]], resampler: Resampler
) -> Iterator[Statistic]:
    """What each judge is like by itself; a number nothing was counted for is left out."""
    for judge, verdicts in judged.items():
        shares = {
            "unreadable_rate": _unreadable(verdicts),
            "flip_rate": _flips(verdicts),
            "first_rate": _first(verdicts),
            "self_agreement": _repeats(verdicts) if judge != HUMAN else (),
            "people_agreement": _between_people(verdicts) if judge == HUMAN else (),
            "contradiction_rate": _contradictions(verdicts),
        }
        columns = {name: _column(parts) for name, parts in shares.items()}
        columns = {name: column for name, column in columns.items() if column}
        intervals = resampler.intervals(list(columns.values()))
        for name, interval in zip(columns, intervals, strict=True):
            yield statistic(name, interval, judges=(judge, ""))


def agreement_statistics(
    judged: Mapping[str, Sequence[Verdict]], resampler: Resampler
) -> Iterator[Statistic]:
    """Agreement on single verdicts: every two judges, and the panel; none for one judge alone."""
    labels = {judge: _labels(verdicts) for judge, verdicts in judged.items()}
    for one, other in combinations(labels, 2):
        shared = sorted(labels[one].keys() & labels[other].keys())
        if not shared:
            continue
        tables: dict[str, NDArray[np.float64]] = {}
        for item in shared:
            (request, left), (_, right) = labels[one][item], labels[other][item]
            table = tables.setdefault(request, np.zeros((len(LABELS), len(LABELS))))
            table[_PLACE[left], _PLACE[right]] += 1
        same = {name: (float(table.trace()), float(table.sum())) for name, table in tables.items()}
        yield statistic("raw_agreement", resampler.intervals([same])[0], judges=(one, other))
        kappa = resampler.totals(tables).interval(cohen_kappa, count=len(shared))
        yield statistic("kappa", kappa, judges=(one, other))
    panel = {judge: labels[judge] for judge in sorted(panel_of(labels))}
    if len(panel) > 1 and (met := _coincidences(panel)):
        interval = resampler.totals(met).interval(
            krippendorff_alpha, count=len(set().union(*panel.values()))
        )
        yield statistic("alpha", interval)


def _column(parts: Iterable[tuple[str, float]]) -> dict[str, Part]:
    """(sum, count) by pull request."""
    found: dict[str, Part] = {}
    for request, value in parts:
        total, count = found.get(request, (0.0, 0.0))
        found[request] = (total + value, count + 1)
    return found


def _unreadable(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, float]]:
    for verdict in verdicts:
        yield verdict.pull_request_id, float(verdict.result is Result.UNREADABLE)


def _flips(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, float]]:
    for request, one, other in _both_orders(verdicts):
        yield request, float(one.result is not other.result)


def _first(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, float]]:
    for request, *pair in _both_orders(verdicts):
        for verdict in pair:
            if verdict.result in (Result.WIN, Result.LOSS):
                first = Result.WIN if verdict.order is Order.CANDIDATE_FIRST else Result.LOSS
                yield request, float(verdict.result is first)


def _repeats(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, float]]:
    again: dict[tuple[Asked, Order], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.result is not Result.UNREADABLE:
            again[_asked(verdict), verdict.order].append(verdict)
    for same in again.values():
        for one, other in combinations(sorted(same, key=lambda v: v.repeat), 2):
            yield one.pull_request_id, float(one.result is other.result)


def _between_people(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, float]]:
    """Of every two who looked at a pair, in whichever order: each is a repeat of their own."""
    same: dict[Asked, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        same[_asked(verdict)].append(verdict)
    for said in same.values():
        for one, other in combinations(said, 2):
            yield one.pull_request_id, float(one.result is other.result)


def _contradictions(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, float]]:
    for verdict in verdicts:
        if verdict.contradicts is not None:
            yield verdict.pull_request_id, float(verdict.contradicts)


def _both_orders(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, Verdict, Verdict]]:
    """Readable first verdicts on one pair in both orders."""
    found: dict[Asked, dict[Order, Verdict]] = defaultdict(dict)
    for verdict in verdicts:
        if verdict.repeat == 0 and verdict.result is not Result.UNREADABLE:
            found[_asked(verdict)][verdict.order] = verdict
    for pair in found.values():
        if len(pair) == len(Order):
            first = pair[Order.CANDIDATE_FIRST]
            yield first.pull_request_id, first, pair[Order.REFERENCE_FIRST]


def _labels(verdicts: Sequence[Verdict]) -> dict[Item, tuple[str, Result]]:
    """What a judge said, item by item; of people the first who looked at it in that order."""
    found: dict[Item, tuple[str, Result]] = {}
    for verdict in sorted(verdicts, key=lambda each: each.repeat):
        if verdict.result in _PLACE:
            # A person is a repeat, but no judge is asked again for as many people as there are.
            repeat = 0 if verdict.judge == HUMAN else verdict.repeat
            item = (*_asked(verdict), verdict.order, repeat)
            found.setdefault(item, (verdict.pull_request_id, verdict.result))
    return found


def _coincidences(
    labels: Mapping[str, Mapping[Item, tuple[str, Result]]],
) -> dict[str, NDArray[np.float64]]:
    """How often which labels met on one item, by pull request; empty where no two judges met."""
    counts: dict[Item, Counter[Result]] = defaultdict(Counter)
    requests: dict[Item, str] = {}
    for mine in labels.values():
        for item, (request, label) in mine.items():
            counts[item][label] += 1
            requests[item] = request
    items = sorted(item for item, seen in counts.items() if seen.total() > 1)
    table = np.array([[counts[item][label] for label in LABELS] for item in items], dtype=float)
    found: dict[str, NDArray[np.float64]] = {}
    for item, met in zip(items, coincidences(table) if items else (), strict=True):
        before = found.get(requests[item], 0.0)
        found[requests[item]] = before + met
    return found


def _asked(verdict: Verdict) -> Asked:
    return verdict.prompt_id, verdict.candidate, verdict.reference
