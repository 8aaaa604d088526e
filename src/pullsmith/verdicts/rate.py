"""Rates of verdicts alone: no study, no answers, no network; and a bridge from one judge to another.

Takes Verdicts; gives Ratings and Statistics, as rank gives them. What needs answers or pull requests
(validity, lengths, slices) is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from pullsmith.errors import StudyError
from pullsmith.rank.grid import fields
from pullsmith.rank.panel import agreement_statistics, by_judge, judge_statistics
from pullsmith.rank.rates import ALL, shares_by_task
from pullsmith.rank.standings import order_statistics, strength_statistics
from pullsmith.rank.tables import Entrant, ratings
from pullsmith.records import Phase, Rating, Statistic, Verdict
from pullsmith.stats.agreement import kendall_tau
from pullsmith.stats.bootstrap import Interval, Resampler

RESAMPLES = 2000


@dataclass(frozen=True)
class Rated:
    """What is to be said of a verdict store."""

    ratings: tuple[Rating, ...]
    statistics: tuple[Statistic, ...]


@dataclass(frozen=True)
class Bridge:
    """What changes when ``new`` judges in the place of ``old``, on the prompts both judged.

    ``shift`` is the new better rate minus the old, by entrant; ``tau`` of the entrants' order is
    None with fewer than two entrants; ``kappa`` is of single verdicts.
    """

    old: str
    new: str
    prompts: int
    tau: float | None
    kappa: Statistic | None
    shift: Mapping[str, Interval]


def rate(verdicts: Sequence[Verdict], *, resamples: int = RESAMPLES, seed: int = 0) -> Rated:
    """Ratings over all prompts and per tool, and what the judges are like."""
    shares = shares_by_task(verdicts)
    tasks = {task for by_task in shares.values() for task in by_task}
    draw = partial(Resampler, resamples=resamples, seed=seed)
    grid = fields({ALL: frozenset(tasks)}, draw)
    entrants = {name: Entrant(name, name, Phase.NONE) for name, _, _ in shares}
    draws = draw(sorted({task[0] for task in tasks}))
    judged = by_judge(verdicts)
    told = [
        *judge_statistics(judged, draws),
        *agreement_statistics(judged, draws),
        *order_statistics(shares, draws),
        *strength_statistics(verdicts, draws),
    ]
    return Rated(tuple(ratings(shares, entrants, grid)), tuple(told))


def bridge(
    verdicts: Sequence[Verdict], old: str, new: str, *, resamples: int = RESAMPLES, seed: int = 0
) -> Bridge:
    """How ``new`` judges what ``old`` judged; raises StudyError where they share no prompt."""
    mine = [v for v in verdicts if v.judge in (old, new) and not v.by_rule and not v.repeat]
    asked = {
        judge: {(v.prompt_id, v.candidate, v.reference, v.order) for v in mine if v.judge == judge}
        for judge in (old, new)
    }
    both = asked[old] & asked[new]
    if not both:
        raise StudyError(
            f"{old} and {new} judged no pair in the same order; let {new} judge a part of what "
            f"{old} has judged"
        )
    shared = [v for v in mine if (v.prompt_id, v.candidate, v.reference, v.order) in both]
    draws = Resampler(sorted({v.pull_request_id for v in shared}), resamples=resamples, seed=seed)
    kappas = agreement_statistics(by_judge(shared), draws)
    rates, shift = _shifts(shared, old, new, draws)
    tau = kendall_tau(np.array(rates[old]), np.array(rates[new])) if len(shift) > 1 else None
    return Bridge(
        old=old,
        new=new,
        prompts=len({prompt for prompt, *_ in both}),
        tau=None if tau is None or np.isnan(tau) else float(tau),
        kappa=next((one for one in kappas if one.name == "kappa"), None),
        shift=shift,
    )


def _shifts(
    shared: Sequence[Verdict], old: str, new: str, draws: Resampler
) -> tuple[dict[str, list[float]], dict[str, Interval]]:
    """Better rates by judge, in the order of entrants, and the paired differences."""
    shares = shares_by_task(shared)
    pairs = sorted({(entrant, reference) for entrant, reference, _ in shares})
    rates: dict[str, list[float]] = {old: [], new: []}
    columns: dict[str, dict[str, tuple[float, float]]] = {}
    for entrant, reference in pairs:
        column: dict[str, tuple[float, float]] = {}
        before, after = shares[entrant, reference, old], shares[entrant, reference, new]
        known = [
            (task, before[task].better, after[task].better)
            for task in sorted(before.keys() & after.keys())
        ]
        seen = [
            (task, one, other)
            for task, one, other in known
            if one is not None and other is not None
        ]
        for task, one, other in seen:
            total, count = column.get(task[0], (0.0, 0.0))
            column[task[0]] = total + other - one, count + 1
        if seen:
            rates[old].append(sum(one for _, one, _ in seen) / len(seen))
            rates[new].append(sum(other for _, _, other in seen) / len(seen))
            columns[f"{entrant} against {reference}"] = column
    intervals = draws.intervals(list(columns.values()), span=(-1.0, 1.0))
    return rates, dict(zip(columns, intervals, strict=True))
