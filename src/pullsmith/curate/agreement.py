"""How people agree: of every two who decided on the same things, the share and kappa, with intervals.

Takes what was said, by the things it is on; gives numbers. Things of one pull request are resampled
together. Knows no queue's own rules: a label is a label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pullsmith.curate.items import Agreement, Bounded, Queue
from pullsmith.curate.words import label
from pullsmith.decisions import Decision
from pullsmith.stats.agreement import cohen_kappa
from pullsmith.stats.bootstrap import Interval, Resampler

RESAMPLES = 2000


def agreements(
    queue: Queue,
    by_person: Mapping[str, Sequence[Decision]],
    pull_request_of: Callable[[str], str],
    *,
    seed: int,
) -> Iterator[Agreement]:
    """One of every two people, by their names, that have said something of the same thing."""
    said = _by_who(one for some in by_person.values() for one in some)
    for one, other in combinations(sorted(said), 2):
        shared = sorted(said[one].keys() & said[other].keys())
        if not shared:
            continue
        tables = _tables((said[one], said[other]), shared, pull_request_of)
        resampler = Resampler(sorted(tables), resamples=RESAMPLES, seed=seed)
        same = {name: (float(np.trace(met)), float(met.sum())) for name, met in tables.items()}
        yield Agreement(
            queue,
            one,
            other,
            items=len(shared),
            raw=_bounded(resampler.intervals([same])[0]),
            kappa=_bounded(resampler.totals(tables).interval(cohen_kappa, count=len(shared))),
            differ=tuple(name for name in shared if said[one][name] != said[other][name]),
        )


def _by_who(decisions: Iterable[Decision]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for one in decisions:
        found.setdefault(one.who, {})[one.record_id] = label(one)
    return found


def _tables(
    pair: tuple[Mapping[str, str], Mapping[str, str]],
    shared: Sequence[str],
    pull_request_of: Callable[[str], str],
) -> dict[str, NDArray[np.float64]]:
    """How often which labels met, by pull request."""
    one, other = pair
    labels = sorted({mine[name] for mine in pair for name in shared})
    place = {value: at for at, value in enumerate(labels)}
    tables: dict[str, NDArray[np.float64]] = {}
    for name in shared:
        empty = np.zeros((len(labels), len(labels)))
        table = tables.setdefault(pull_request_of(name), empty)
        table[place[one[name]], place[other[name]]] += 1
    return tables


def _bounded(found: Interval) -> Bounded:
    return Bounded(found.value, found.low, found.high)
