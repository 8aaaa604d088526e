"""How small a difference a study can see, before it is paid for and after.

Two-sided test at 5 %, power 80 %: a difference is seen if it is at least
(z_.975 + z_.80) x its standard error. Planning uses the binomial spread of a share; once there are
results, their own standard error (from the clustered bootstrap) takes its place.

Source: Cohen, Statistical Power Analysis, 2nd ed. 1988, ch. 6; paired form: Var(a - b) =
2 s^2 (1 - correlation).
"""

from __future__ import annotations

import math
from statistics import NormalDist

LEVEL = 0.05
POWER = 0.8
PAIRED_CORRELATION = 0.5  # of two models' results on the same prompts, where none was measured
PLANNED_RATE = 0.4
_NORMAL = NormalDist()
_REACH = _NORMAL.inv_cdf(1 - LEVEL / 2) + _NORMAL.inv_cdf(POWER)  # 2.80


def planned_difference(
    prompts: int, *, rate: float = PLANNED_RATE, correlation: float = PAIRED_CORRELATION
) -> float:
    """The smallest difference of two rates that ``prompts`` shared prompts show, as a share.

    ``correlation`` 0 is for models that were asked different prompts. Raises ValueError without a
    prompt, and for a rate or correlation outside its range.
    """
    if prompts < 1:
        raise ValueError(f"prompts: {prompts}; there must be one at least")
    if not 0 < rate < 1 or not 0 <= correlation < 1:
        raise ValueError(f"rate {rate} must be inside 0..1, correlation {correlation} in 0..1")
    return _REACH * math.sqrt(2 * rate * (1 - rate) * (1 - correlation) / prompts)


def seen_difference(standard_error: float) -> float:
    """The smallest difference that a contrast of this standard error shows, in the same unit."""
    return _REACH * standard_error


def prompts_for(
    difference: float, *, rate: float = PLANNED_RATE, correlation: float = PAIRED_CORRELATION
) -> int:
    """How many shared prompts show ``difference``; raises ValueError unless it is above 0."""
    if difference <= 0:
        raise ValueError(f"difference: {difference}; it must be above 0")
    return math.ceil((planned_difference(1, rate=rate, correlation=correlation) / difference) ** 2)


def half_width_error(low: float, high: float) -> float:
    """The standard error that a 95 % interval stands for."""
    return (high - low) / (2 * _NORMAL.inv_cdf(1 - LEVEL / 2))


def two_sided_p(difference: float, standard_error: float) -> float:
    """The p-value of no difference, by the normal law; 1 where there is neither spread nor gap."""
    if standard_error <= 0:
        return 1.0 if difference == 0 else 0.0
    return 2 * (1 - _NORMAL.cdf(abs(difference) / standard_error))


def holm(p_values: list[float]) -> list[float]:
    """The p-values adjusted for their number, in their order; empty for none.

    Source: Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 1979.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted
