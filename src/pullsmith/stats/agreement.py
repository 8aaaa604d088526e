"""Agreement of judges: kappa, alpha and tau, each for many resamples at once.

Takes counts, gives one number a resample (the leading axis); nan where it is not defined, as when
every label is the same. Labels are nominal.

Sources: Cohen, Educ. Psychol. Meas. 1960; Krippendorff, Content Analysis, ch. 11 (alpha from
coincidences, missing labels allowed); Kendall, Biometrika 1945 (tau-b).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def cohen_kappa(tables: Array) -> Array:
    """Agreement beyond chance of two judges; ``tables`` is (..., labels, labels) of counts."""
    totals = tables.sum((-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        seen = _diagonal(tables) / totals
        chance = (tables.sum(-1) * tables.sum(-2)).sum(-1) / totals**2
        return np.where(chance < 1, (seen - chance) / (1 - chance), np.nan)


def coincidences(counts: Array) -> Array:
    """(items, labels, labels) from (items, labels): how often which labels met on one item.

    An item with fewer than two labels counts nothing.
    """
    labels = counts.sum(-1)
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs -= np.eye(counts.shape[1]) * counts[:, :, None]
    weights = np.where(labels > 1, 1 / np.maximum(labels - 1, 1), 0.0)
    met: Array = pairs * weights[:, None, None]
    return met


def krippendorff_alpha(met: Array) -> Array:
    """Agreement beyond chance of any number of judges; ``met`` is (..., labels, labels), summed."""
    each = met.sum(-1)
    total = each.sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        seen = 1 - _diagonal(met) / total
        chance = 1 - (each * (each - 1)).sum(-1) / (total * (total - 1))
        return np.where(chance > 0, 1 - seen / chance, np.nan)


def kendall_tau(one: Array, other: Array) -> Array:
    """Agreement of two orders, ties as in tau-b; both (..., models) of rates.

    nan with fewer than two models, and where one side ties them all.
    """
    first, second = np.triu_indices(one.shape[-1], 1)
    # Rates that differ in the last bits are tied.
    left = np.sign(np.round(one[..., first] - one[..., second], 12))
    right = np.sign(np.round(other[..., first] - other[..., second], 12))
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.abs(left).sum(-1) * np.abs(right).sum(-1))
        tau: Array = np.where(root > 0, (left * right).sum(-1) / root, np.nan)
    return tau


def _diagonal(tables: Array) -> Array:
    diagonal: Array = np.einsum("...ii->...", tables)
    return diagonal
