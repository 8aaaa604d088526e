"""Intervals by resampling pull requests: what is seen of one pull request is never two facts.

Or by resampling clusters of them, as the repositories they come from.

Takes columns of (sum, count) per pull request, gives their ratios with 95 % percentile intervals.
All columns of one population share the same resamples. Knows no verdict and no metric.

Where all pull requests are alike, resampling shows no spread, however few they are. Then the bound
is for what was not seen: with n pull requests, a share of up to b = 1 - 0.025^(1/n) could be
otherwise without showing up (b is .037 at 100, .975 at one), and could lie at either end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pullsmith.records import digest

Column = Mapping[str, tuple[float, float]]  # pull request -> (sum, count)
Matrix = NDArray[np.float64]
TAILS = (0.025, 0.975)
_AT_ONCE = 512  # columns; bounds the memory at resamples x 512 floats


@dataclass(frozen=True, slots=True)
class Interval:
    """A ratio with its 95 % bounds; all None where nothing was counted.

    ``degenerate`` says that all pull requests were alike, so that resampling had nothing to vary.
    """

    value: float | None
    low: float | None
    high: float | None
    pull_requests: int
    count: int
    degenerate: bool = False


@dataclass(frozen=True)
class Totals:
    """Sums of counts over a population, as seen and for each resample (the leading axis)."""

    seen: Matrix
    drawn: Matrix
    pull_requests: int

    def interval(self, statistic: Callable[[Matrix], Matrix], *, count: int) -> Interval:
        """``statistic`` of the sums, one number each, with its 95 % percentile bounds.

        Resamples in which it is not defined (nan) say nothing; without a defined value, all None.
        """
        value = float(statistic(self.seen))
        drawn = statistic(self.drawn)
        known = drawn[~np.isnan(drawn)]
        if np.isnan(value) or not len(known):
            return Interval(None, None, None, self.pull_requests, count)
        low, high = np.quantile(known, TAILS)
        bounds = min(float(low), value), max(float(high), value)
        alike = bool(np.ptp(known) < 1e-12)
        return Interval(
            round(value, 9), round(bounds[0], 9), round(bounds[1], 9),
            self.pull_requests, count, degenerate=alike,
        )  # fmt: skip


class Resampler:
    """Draws of one population of pull requests, the same for the same population and seed."""

    def __init__(
        self,
        pull_requests: Sequence[str],
        *,
        resamples: int,
        seed: int,
        clusters: Mapping[str, str] | None = None,
    ) -> None:
        """``pull_requests`` are distinct, in any order; those of one cluster are drawn together.

        Without ``clusters`` each stands for itself.
        """
        of = {name: clusters[name] if clusters else name for name in pull_requests}
        names = sorted(set(of.values()))
        number = {name: place for place, name in enumerate(names)}
        self._place = {name: number[cluster] for name, cluster in of.items()}
        random = np.random.default_rng(int(digest(["bootstrap", seed, names]), 16))
        size = len(names)
        # How often each pull request is drawn; nothing can be drawn from nobody.
        self._times: Matrix = np.zeros((1, 0))
        if size:
            draws = random.multinomial(size, np.full(size, 1 / size), resamples)
            self._times = draws.astype(np.float64)

    def intervals(
        self, columns: Sequence[Column], *, span: tuple[float, float] = (0.0, 1.0)
    ) -> list[Interval]:
        """The interval of each column; ``span`` is what a single value can be.

        Raises KeyError for a pull request outside the population.
        """
        found: list[Interval] = []
        for start in range(0, len(columns), _AT_ONCE):
            found += self._some(columns[start : start + _AT_ONCE], span)
        return found

    def totals(self, counts: Mapping[str, Matrix]) -> Totals:
        """The sum over all pull requests of ``counts``, arrays of one shape; as seen and resampled.

        Raises KeyError for a pull request outside the population, ValueError without any.
        """
        names = sorted(counts)
        if not names:
            raise ValueError("nothing was counted on any pull request")
        flat = np.stack([counts[name].ravel() for name in names])
        drawn = self._times[:, [self._place[name] for name in names]] @ flat
        shape = counts[names[0]].shape
        return Totals(flat.sum(0).reshape(shape), drawn.reshape(-1, *shape), len(names))

    def _some(self, columns: Sequence[Column], span: tuple[float, float]) -> list[Interval]:
        shape = (self._times.shape[1], len(columns))
        sums, counts = np.zeros(shape), np.zeros(shape)
        for number, column in enumerate(columns):
            for name, (total, count) in column.items():
                sums[self._place[name], number] += total
                counts[self._place[name], number] += count
        lows, highs = self._bounds(sums, counts)
        sizes = [sum(count > 0 for _, count in column.values()) for column in columns]
        return [
            _interval(sums[:, n], counts[:, n], (float(lows[n]), float(highs[n])), span, sizes[n])
            for n in range(len(columns))
        ]

    def _bounds(self, sums: Matrix, counts: Matrix) -> tuple[Matrix, Matrix]:
        drawn = self._times @ counts
        with np.errstate(invalid="ignore", divide="ignore"):
            ratios = (self._times @ sums) / drawn
        lows, highs = np.quantile(ratios, TAILS, axis=0)
        # A resample may miss the few pull requests that a column has: it says nothing then.
        for number in np.flatnonzero((drawn == 0).any(axis=0)):
            there = ratios[drawn[:, number] > 0, number]
            lows[number], highs[number] = np.quantile(there, TAILS) if len(there) else (0, 0)
        return lows, highs


def _interval(
    sums: Matrix,
    counts: Matrix,
    bounds: tuple[float, float],
    span: tuple[float, float],
    pull_requests: int,
) -> Interval:
    seen = counts > 0
    size, count = int(seen.sum()), round(float(counts.sum()))
    if not size:
        return Interval(None, None, None, 0, 0)
    value = float(sums.sum() / counts.sum())
    each = sums[seen] / counts[seen]
    alike = float(np.ptp(each)) < 1e-12
    if alike:
        unseen = 1 - TAILS[0] ** (1 / size)
        bounds = value - unseen * (value - span[0]), value + unseen * (span[1] - value)
    low, high = min(bounds[0], value), max(bounds[1], value)
    # Nine digits: the last bits hang on how many threads multiplied the matrices.
    found = round(value, 9), round(low, 9), round(high, 9)
    return Interval(*found, pull_requests, count, degenerate=alike)
