"""A mean from few human labels and many judge labels: prediction-powered inference (PPI++).

Takes human and judge labels of the same prompts, and judge labels of others; gives the mean human
label with its 95 % bounds. The judges' bias falls out: it is measured where people labelled too.

Source: Angelopoulos, Duchi and Zrnic, PPI++: Efficient Prediction-Powered Inference,
arXiv 2311.01453, eq. 3 and the variance-minimising lambda of section 6, clipped to 0..1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.float64]
_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class PoweredMean:
    """The mean human label, its bounds, and what of the judges was used.

    ``weight`` is lambda: 0 is the human mean alone. ``saved`` is the share of human labels that an
    interval as narrow would have cost more without the judges.
    """

    value: float
    low: float
    high: float
    weight: float
    bias: float  # judge minus human on the prompts both labelled
    saved: float


def powered_mean(human: Labels, judged: Labels, unlabelled: Labels) -> PoweredMean:
    """The mean of ``human`` over all prompts; ``judged`` are the judges' labels of the same ones.

    Raises ValueError where the two do not match, or there are fewer than two labels of either kind.
    """
    labels, rest = len(human), len(unlabelled)
    if labels != len(judged):
        raise ValueError(f"{labels} human labels, but {len(judged)} judge labels of the same")
    if labels < 2 or rest < 2:
        raise ValueError(f"{labels} human and {rest} other labels; there must be two of each")
    weight = _weight(human, judged, np.concatenate([judged, unlabelled]).var(ddof=1), rest)
    value = human.mean() + weight * (unlabelled.mean() - judged.mean())
    variance = (human - weight * judged).var(ddof=1) / labels
    variance += weight**2 * unlabelled.var(ddof=1) / rest
    half = _Z * math.sqrt(variance)
    alone = human.var(ddof=1) / labels
    return PoweredMean(
        value=float(value),
        low=float(value - half),
        high=float(value + half),
        weight=weight,
        bias=float(judged.mean() - human.mean()),
        saved=float(1 - variance / alone) if alone > 0 else 0.0,
    )


def _weight(human: Labels, judged: Labels, spread: float, rest: int) -> float:
    if spread <= 0:
        return 0.0  # judges who always say the same tell nothing
    shared = float(np.cov(human, judged, ddof=1)[0, 1])
    return min(1.0, max(0.0, shared / ((1 + len(human) / rest) * spread)))
