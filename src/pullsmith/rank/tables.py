"""Ratings, metrics and contrasts: one record per rate and field of the grid.

Takes shares and scores by entrant; gives records. Reads and writes no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pullsmith.rank.grid import Field
from pullsmith.rank.measures import F1, MEASURES, Measure, Part, f1_interval, parts_of
from pullsmith.rank.rates import ALL, Rated, Shares, Task
from pullsmith.rank.slices import PARTS, PLANTED
from pullsmith.records import (
    Contrast,
    Metric,
    Phase,
    Rating,
    contrast_id,
    metric_id,
    rating_id,
)
from pullsmith.scoring import CLAIM_TOOLS, Score
from pullsmith.stats.bootstrap import Interval
from pullsmith.stats.power import half_width_error, holm, seen_difference, two_sided_p

RECALL = next(measure for measure in MEASURES if measure.name == "planted_recall")
BETTER = "better_rate"


@dataclass(frozen=True)
class Entrant:
    """Who is on the board; ``place`` orders contrasts: students after, before, then the others."""

    name: str
    model: str
    phase: Phase

    @property
    def place(self) -> tuple[int, str]:
        """Ascending: of two entrants the first stands on the left of their difference."""
        return {Phase.AFTER: 0, Phase.BEFORE: 1, Phase.NONE: 2}[self.phase], self.name


def ratings(
    shares: Mapping[Rated, Mapping[Task, Shares]],
    entrants: Mapping[str, Entrant],
    fields: Sequence[Field],
) -> Iterator[Rating]:
    """One rating per entrant, reference, judge and field; fields without verdicts have none."""
    for field in fields:
        rated = {key: _inside(by_task, field) for key, by_task in sorted(shares.items())}
        rated = {key: by_task for key, by_task in rated.items() if by_task}
        columns = [field.column(better_parts(by_task)) for by_task in rated.values()]
        intervals = field.resampler.intervals(columns)
        for (key, by_task), interval in zip(rated.items(), intervals, strict=True):
            yield _rating(key, entrants[key[0]], field, by_task, interval)


def _rating(
    key: Rated, entrant: Entrant, field: Field, by_task: Mapping[Task, Shares], interval: Interval
) -> Rating:
    return Rating(
        id=rating_id(key, tool=field.tool, slice_name=field.slice),
        entrant=entrant.name,
        model=entrant.model,
        phase=entrant.phase,
        reference=key[1],
        judge=key[2],
        tool=field.tool,
        slice=field.slice,
        pull_requests=len({task[0] for task in by_task}),
        verdicts=sum(shares.verdicts for shares in by_task.values()),
        unreadable=sum(shares.unreadable for shares in by_task.values()),
        better_rate=interval.value,
        better_low=interval.low,
        better_high=interval.high,
        ties_half_rate=_mean(shares.ties_half for shares in by_task.values()),
        all_win=_mean(shares.all_win for shares in by_task.values()),
        all_loss=_mean(shares.all_loss for shares in by_task.values()),
        degenerate=interval.degenerate,
    )


def metrics(scores: Mapping[str, dict[Task, Score]], fields: Sequence[Field]) -> Iterator[Metric]:
    """One metric per entrant, measure and field, F1 behind them; where nothing counts, there is none."""
    for measure in MEASURES:
        parts = {name: parts_of(measure, by_task) for name, by_task in sorted(scores.items())}
        for field in fields:
            if not _counts_in(measure, field):
                continue
            columns = {name: field.column(mine) for name, mine in parts.items()}
            columns = {name: column for name, column in columns.items() if column}
            intervals = field.resampler.intervals(list(columns.values()))
            for name, interval in zip(columns, intervals, strict=True):
                yield _metric(name, measure.name, field, interval)
    for field in fields:
        if field.slice == "planted" and field.tool in CLAIM_TOOLS:
            for name, by_task in sorted(scores.items()):
                interval = f1_interval(by_task, field)
                if interval.count:
                    yield _metric(name, F1, field, interval)


def _metric(entrant: str, name: str, field: Field, interval: Interval) -> Metric:
    return Metric(
        id=metric_id(entrant, name, tool=field.tool, slice_name=field.slice),
        entrant=entrant,
        name=name,
        tool=field.tool,
        slice=field.slice,
        pull_requests=interval.pull_requests,
        count=interval.count,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        degenerate=interval.degenerate,
    )


def better_contrasts(
    shares: Mapping[Rated, Mapping[Task, Shares]],
    entrants: Mapping[str, Entrant],
    fields: Sequence[Field],
) -> Iterator[Contrast]:
    """Differences of better rates: all pairs under ALL judges; before and after under each judge."""
    parts = {key: better_parts(by_task) for key, by_task in shares.items()}
    for reference, judge in sorted({(reference, judge) for _, reference, judge in parts}):
        mine = {
            entrants[key[0]]: by_task
            for key, by_task in parts.items()
            if key[1:] == (reference, judge)
        }
        pairs = [pair for pair in _pairs(mine) if judge == ALL or pair[0].model == pair[1].model]
        for field in fields:
            if field.main:
                yield from paired_contrasts(BETTER, mine, pairs, field, (reference, judge))


def recall_contrasts(
    scores: Mapping[str, dict[Task, Score]],
    entrants: Mapping[str, Entrant],
    fields: Sequence[Field],
) -> Iterator[Contrast]:
    """Differences of planted review recall between all pairs of entrants, references included."""
    mine = {entrants[name]: parts_of(RECALL, by_task) for name, by_task in scores.items()}
    for field in fields:
        if field.tool == "review" and field.slice == PLANTED:
            yield from paired_contrasts(RECALL.name, mine, _pairs(mine), field, ("", ""))


def paired_contrasts(
    name: str,
    parts: Mapping[Entrant, Mapping[Task, Part]],
    pairs: Sequence[tuple[Entrant, Entrant]],
    field: Field,
    judged: tuple[str, str],
) -> Iterator[Contrast]:
    """The difference of each pair on the tasks both have; p-values are adjusted for all of ``pairs``."""
    columns = [field.column(_paired(parts[one], parts[other])) for one, other in pairs]
    intervals = field.resampler.intervals(columns, span=(-1.0, 1.0))
    told = [
        (pair, interval)
        for pair, interval in zip(pairs, intervals, strict=True)
        if interval.value is not None
    ]
    errors = [half_width_error(i.low or 0.0, i.high or 0.0) for _, i in told]
    p_values = [two_sided_p(i.value or 0.0, e) for (_, i), e in zip(told, errors, strict=True)]
    table = zip(told, errors, p_values, holm(p_values), strict=True)
    for ((one, other), interval), error, p_value, adjusted in table:
        yield Contrast(
            id=contrast_id(
                (one.name, other.name), name, judged=judged, where=f"{field.tool}/{field.slice}"
            ),
            entrant=one.name,
            other=other.name,
            name=name,
            reference=judged[0],
            judge=judged[1],
            tool=field.tool,
            slice=field.slice,
            pull_requests=interval.pull_requests,
            prompts=interval.count,
            difference=interval.value,
            low=interval.low,
            high=interval.high,
            p_value=round(p_value, 9),
            adjusted_p=round(adjusted, 9),
            detectable=round(seen_difference(error), 9),
            degenerate=interval.degenerate,
        )


def _pairs(entrants: Iterable[Entrant]) -> list[tuple[Entrant, Entrant]]:
    return list(combinations(sorted(entrants, key=lambda entrant: entrant.place), 2))


def _paired(one: Mapping[Task, Part], other: Mapping[Task, Part]) -> dict[Task, Part]:
    """The difference on every task that both have."""
    return {
        task: (one[task][0] / one[task][1] - other[task][0] / other[task][1], 1.0)
        for task in one.keys() & other.keys()
    }


def better_parts(by_task: Mapping[Task, Shares]) -> dict[Task, Part]:
    """The better rate of every task that has one, as parts of a column."""
    return {
        task: (shares.better, 1.0) for task, shares in by_task.items() if shares.better is not None
    }


def _inside(by_task: Mapping[Task, Shares], field: Field) -> dict[Task, Shares]:
    return {task: shares for task, shares in by_task.items() if task in field.tasks}


def _counts_in(measure: Measure, field: Field) -> bool:
    if measure.planted:
        told = field.slice == PLANTED or field.slice.startswith(PARTS)
        return told and field.tool in measure.tools
    return field.main


def _mean(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None
