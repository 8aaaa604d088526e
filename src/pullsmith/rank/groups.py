"""Differences between groups of models: each claim with its estimate and both of its intervals.

Takes shares, comparisons and the grid's fields; gives GroupContrasts. A model's rate is the mean
over its tasks, a group's the mean over its models. The pull request is what is resampled: all that
is known of one is one fact. Where both groups have models enough, the models vary as well
(``stats.groups``): that interval, and not the first, is about their kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pullsmith.rank.comparisons import Comparison
from pullsmith.rank.grid import Field
from pullsmith.rank.rates import ALL, Rated, Shares, Task
from pullsmith.rank.slices import LONGEST, PROMPT_SIZES
from pullsmith.records import Claim, GroupContrast, group_contrast_id
from pullsmith.stats.bootstrap import TAILS, Interval, Totals
from pullsmith.stats.groups import Across, Group, across_models
from pullsmith.stats.power import half_width_error, holm, two_sided_p

Matrix = NDArray[np.float64]
Rates = Mapping[Rated, Mapping[Task, Shares]]


@dataclass(frozen=True)
class _Found:
    """A comparison and what came of it, before its kind is counted."""

    comparison: Comparison
    interval: Interval
    across: Across | None
    p_value: float


def longest_and_shortest(fields: Sequence[Field]) -> tuple[str, str] | None:
    """The slices of the longest and of the shortest prompts, or None where there are not two."""
    names = [f"prompt:{name}" for name in (*(name for _, name in PROMPT_SIZES), LONGEST)]
    there = [name for name in names if any(field.slice == name for field in fields)]
    return (there[-1], there[0]) if len(there) > 1 else None


def group_contrasts(
    shares: Rates, comparisons: Sequence[Comparison], fields: Sequence[Field]
) -> Iterator[GroupContrast]:
    """One row a comparison and reference that has verdicts on both sides; none for no students."""
    for reference in sorted({reference for _, reference, judge in shares if judge == ALL}):
        mine = {
            entrant: by_task
            for (entrant, other, judge), by_task in shares.items()
            if (other, judge) == (reference, ALL)
        }
        found = [each for one in comparisons if (each := _found(_there(one, mine), mine, fields))]
        yield from _counted(found, reference)


def _there(one: Comparison, mine: Mapping[str, object]) -> Comparison:
    """The comparison of those who were judged; of pairs, where both were."""
    if not one.paired:
        sides = ([name for name in side if name in mine] for side in (one.left, one.right))
        left, right = map(tuple, sides)
        return replace(one, left=left, right=right)
    pairs = [p for p in zip(one.left, one.right, strict=True) if p[0] in mine and p[1] in mine]
    return replace(one, left=tuple(p[0] for p in pairs), right=tuple(p[1] for p in pairs))


def _found(
    one: Comparison, mine: Mapping[str, Mapping[Task, Shares]], fields: Sequence[Field]
) -> _Found | None:
    by_place = {(field.slice, field.tool): field for field in fields}
    whole = by_place.get((ALL, one.tool))
    sides = [by_place.get((name, one.tool)) for name in one.slices]
    if whole is None or None in sides or not one.left or not one.right:
        return None
    if one.claim is Claim.FINE_TUNING_MEAN and len(one.left) == 1:  # told of the model itself
        return None
    columns = [
        _column(mine[name], side.tasks)
        for names, side in zip((one.left, one.right), sides, strict=True)
        if side is not None
        for name in names
    ]
    counts = _by_request(columns)
    if not counts:
        return None
    totals = whole.resampler.totals(counts)
    tasks = {task for side in sides if side for task in side.tasks}
    return _told(one, totals, len(tasks))


def _told(one: Comparison, totals: Totals, prompts: int) -> _Found | None:
    left = len(one.left)
    interval = totals.interval(lambda sums: _difference(_rates(sums), left), count=prompts)
    if interval.value is None:
        return None
    interval = _unseen(interval)
    error = half_width_error(interval.low or 0.0, interval.high or 0.0)
    groups = _groups(one, _rates(totals.seen), _rates(totals.drawn))
    across = across_models(groups, pull_requests=totals.pull_requests)
    return _Found(one, interval, across, two_sided_p(interval.value or 0.0, error))


def _groups(one: Comparison, seen: Matrix, drawn: Matrix) -> list[Group]:
    """The models' rates on either side; of pairs, one group of their differences."""
    drawn = drawn[~np.isnan(drawn).any(1)]
    sides = [slice(0, len(one.left)), slice(len(one.left), None)]
    left, right = (Group(seen[side], drawn[:, side]) for side in sides)
    if one.paired:
        return [Group(left.seen - right.seen, left.drawn - right.drawn)]
    return [left, right]


def _counted(found: Sequence[_Found], reference: str) -> Iterator[GroupContrast]:
    """The rows, each p-value adjusted for the number of its kind of claim (Holm)."""
    for claim in dict.fromkeys(each.comparison.claim for each in found):
        kind = [each for each in found if each.comparison.claim is claim]
        adjusted = holm([each.p_value for each in kind])
        across = [each for each in kind if each.across]
        models = holm([each.across.p_value for each in across if each.across])
        by_models = dict(zip(map(id, across), models, strict=True))
        for each, adjusted_p in zip(kind, adjusted, strict=True):
            yield _row(each, reference, adjusted_p, by_models.get(id(each)))


def _row(
    found: _Found, reference: str, adjusted_p: float, models_adjusted_p: float | None
) -> GroupContrast:
    one, interval, across = found.comparison, found.interval, found.across
    return GroupContrast(
        id=group_contrast_id(one.claim, one.subject, reference=reference, where=one.tool),
        claim=one.claim,
        subject=one.subject,
        threshold=one.threshold,
        left=one.left,
        right=one.right,
        paired=one.paired,
        reference=reference,
        tool=one.tool,
        pull_requests=interval.pull_requests,
        prompts=interval.count,
        difference=interval.value or 0.0,
        low=interval.low or 0.0,
        high=interval.high or 0.0,
        p_value=round(found.p_value, 9),
        adjusted_p=round(adjusted_p, 9),
        models_low=_share(across.low) if across else None,
        models_high=_share(across.high) if across else None,
        models_p=round(across.p_value, 9) if across else None,
        models_adjusted_p=None if models_adjusted_p is None else round(models_adjusted_p, 9),
        degenerate=interval.degenerate,
    )


def _share(bound: float) -> float:
    """A bound of a difference, which is inside -1..1."""
    return round(min(1.0, max(-1.0, bound)), 9)


def _rates(sums: Matrix) -> Matrix:
    """(…, models) from (…, models, 2): nan where a resample has nothing of a model."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rates: Matrix = sums[..., 0] / sums[..., 1]
    return rates


def _difference(rates: Matrix, left: int) -> Matrix:
    difference: Matrix = rates[..., :left].mean(-1) - rates[..., left:].mean(-1)
    return difference


def _unseen(interval: Interval) -> Interval:
    """Wider where all pull requests are alike, for what was not seen (``stats.bootstrap``)."""
    if not interval.degenerate or interval.value is None:
        return interval
    value, unseen = interval.value, 1 - TAILS[0] ** (1 / interval.pull_requests)
    low, high = value - unseen * (value + 1), value + unseen * (1 - value)
    return replace(interval, low=round(low, 9), high=round(high, 9))


def _column(
    by_task: Mapping[Task, Shares], tasks: frozenset[Task]
) -> dict[str, tuple[float, float]]:
    """(sum, count) of the better shares, by pull request."""
    found: dict[str, tuple[float, float]] = {}
    for task in tasks:
        share = by_task.get(task)
        if share is not None and share.better is not None:
            total, count = found.get(task[0], (0.0, 0.0))
            found[task[0]] = total + share.better, count + 1
    return found


def _by_request(columns: Sequence[Mapping[str, tuple[float, float]]]) -> dict[str, Matrix]:
    """By pull request, (columns, 2) of sums and counts."""
    found: dict[str, Matrix] = defaultdict(lambda: np.zeros((len(columns), 2)))
    for place, column in enumerate(columns):
        for request, part in column.items():
            found[request][place] = part
    return dict(found)
