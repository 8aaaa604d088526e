"""How much the longer answer wins, and the rate had both been equally long.

A logistic model of "better" on the difference of lengths alone, with errors clustered by pull
request: logit P(better) = intercept + effect x tanh(difference / spread). The controlled rate is
the intercept's: what is left at no difference. ``tanh`` keeps one enormous answer from deciding.

Source: Dubois et al., Length-Controlled AlpacaEval, arXiv 2404.04475, without its terms for single
prompts.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
FEWEST = 10  # comparisons, below which two parameters are not worth fitting
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class LengthEffect:
    """``effect`` is in logits from equal length to much longer; rates are shares in 0..1."""

    effect: float
    effect_low: float
    effect_high: float
    rate: float
    rate_low: float
    rate_high: float


def length_effect(better: Array, longer_by: Array, groups: Sequence[str]) -> LengthEffect | None:
    """The effect of length; ``better`` in 0..1, ``longer_by`` in any unit, one entry a comparison.

    None where it cannot be told: fewer than FEWEST comparisons or three groups, results or lengths
    all alike, or length alone deciding every result.
    """
    import statsmodels.api as sm

    spread = float(longer_by.std()) if len(longer_by) else 0.0
    codes = np.unique(np.asarray(groups), return_inverse=True)[1]
    if len(better) < FEWEST or len(set(codes.tolist())) < 3 or not spread or not np.ptp(better):
        return None
    design = np.column_stack([np.ones_like(better), np.tanh(longer_by / spread)])
    model = sm.GLM(better, design, family=sm.families.Binomial())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fit = model.fit(cov_type="cluster", cov_kwds={"groups": codes})
        except (Warning, np.linalg.LinAlgError):
            return None  # separated: no finite effect fits best
    if not fit.converged or np.abs(fit.params).max() > 20:
        return None
    (level, effect), (level_error, effect_error) = fit.params, fit.bse
    rates = expit([level, level - _Z * level_error, level + _Z * level_error])
    return LengthEffect(
        effect=float(effect),
        effect_low=float(effect - _Z * effect_error),
        effect_high=float(effect + _Z * effect_error),
        rate=float(rates[0]),
        rate_low=float(rates[1]),
        rate_high=float(rates[2]),
    )
