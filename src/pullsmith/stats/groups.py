"""How far apart two groups of models are, when other models might have been in them.

Takes each model's rate, as seen and in resamples of the pull requests; gives an interval and a
p-value. Resampling pull requests says how sure a difference of *these* models is; to speak of their
kind, the models' own spread counts as well, and there are few of them.

The variance is that between the models of a group (which holds the luck of each with its prompts)
plus that of resampling pull requests, less what both hold: the part of a model's resampled rate
that its group does not share. Bounds are Student's t, degrees of freedom by Satterthwaite. In
simulations (docs/log.md, 29 November 2026) they hold the truth in 93 to 98 of 100 studies; resampling models
and pull requests together held it in 89 to 100, least where there are three models to a group.

Sources: Welch, Biometrika 1947; Satterthwaite, Biometrics Bulletin 1946; Owen, The pigeonhole
bootstrap, Ann. Appl. Stat. 2007 (why resampling both ways counts some variance twice).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pullsmith.stats.power import LEVEL

FEWEST_MODELS = 3  # of a group, before anything is said of its kind
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """The values of some models: ``seen`` is (models,), ``drawn`` (resamples, models)."""

    seen: Array
    drawn: Array

    @property
    def between(self) -> float:
        """The variance of the group's mean by the spread of its models."""
        return float(self.seen.var(ddof=1)) / len(self.seen)

    @property
    def own(self) -> float:
        """The variance of the group's mean by what pull requests do to each model alone."""
        size = len(self.seen)
        apart = self.drawn - self.drawn.mean(1, keepdims=True)
        return float(apart.var(0, ddof=1).sum()) / (size * (size - 1))


@dataclass(frozen=True)
class Across:
    """The 95 % bounds of a difference, and the p-value of none, for models of these kinds."""

    low: float
    high: float
    p_value: float


def across_models(groups: Sequence[Group], *, pull_requests: int) -> Across | None:
    """The first group's mean minus the second's; of one group alone, its mean.

    One group is for values that are differences already, a model with itself. None where a group
    has fewer than FEWEST_MODELS, where there is one pull request, and where nothing varies at all.
    """
    enough = all(len(group.seen) >= FEWEST_MODELS for group in groups)
    if not groups or not enough or pull_requests < 2:
        return None
    signs = (1.0, -1.0)[: len(groups)]
    pairs = list(zip(signs, groups, strict=True))
    value = sum(sign * float(group.seen.mean()) for sign, group in pairs)
    drawn = sum(sign * group.drawn.mean(1) for sign, group in pairs)
    requests = float(np.var(drawn, ddof=1))
    between = sum(group.between for group in groups)
    shared = sum(group.own for group in groups)
    variance = max(between + requests - shared, between, requests)
    if variance < 1e-18:
        return None
    freedom = _freedom(groups, requests, variance, pull_requests)
    error = math.sqrt(variance)
    reach = float(stats.t.ppf(1 - LEVEL / 2, freedom)) * error
    p_value = 2 * float(stats.t.sf(abs(value) / error, freedom))
    return Across(value - reach, value + reach, p_value)


def _freedom(
    groups: Sequence[Group], requests: float, variance: float, pull_requests: int
) -> float:
    """Degrees of freedom of the summed variance, at most those of the pull requests."""
    parts = [group.between**2 / (len(group.seen) - 1) for group in groups]
    weighted = sum(parts) + requests**2 / (pull_requests - 1)
    return min(variance**2 / weighted, pull_requests - 1)
