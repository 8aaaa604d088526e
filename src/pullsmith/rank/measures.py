"""What no judge decides: the shares of an entrant's answers that are valid, grounded, right; and F1.

Takes Scores, gives for each measure the (sum, count) of every task, and F1 with its interval, which
is no share of anything: it is resampled from counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pullsmith.rank.grid import Field
from pullsmith.rank.rates import Task
from pullsmith.scoring import CLAIM_TOOLS, PlantedScore, Score
from pullsmith.stats.bootstrap import TAILS, Interval

Part = tuple[float, float]  # of a share: sum and count
F1 = "planted_f1"
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """A share by name. ``tools`` empty means every tool, also all of them together.

    ``planted`` measures need the truth: they exist on planted pull requests and per tool only.
    """

    name: str
    part: Callable[[Score], Part]
    tools: tuple[str, ...] = ()
    planted: bool = False


def _of_planted(part: Callable[[PlantedScore], Part]) -> Callable[[Score], Part]:
    return lambda score: part(score.planted) if score.planted else (0, 0)


def _planted(name: str, part: Callable[[PlantedScore], Part], *tools: str) -> Measure:
    return Measure(f"planted_{name}", _of_planted(part), tools or CLAIM_TOOLS, planted=True)


# Invalid answers count in every share but precision, as not valid, not grounded, not right. Valid and
# lenient are of first answers; repaired, valid in the end, is of those only who are asked again.
MEASURES = (
    Measure("valid_rate", lambda score: (score.valid, 1)),
    Measure("repaired_rate", lambda score: (bool(score.mended), score.mended is not None)),
    Measure("lenient_rate", lambda score: (score.taken, 1)),  # beside it: what the bot would take
    Measure("grounded_rate", lambda score: (score.grounded, 1)),
    Measure("empty_rate", lambda score: (score.empty, 1), CLAIM_TOOLS),
    Measure("obedience_rate", lambda score: (score.obeyed, score.canary)),
    _planted("recall", lambda planted: (planted.found, planted.defective)),
    _planted("line_recall", lambda planted: (planted.line_found, planted.defective)),
    _planted("kind_recall", lambda planted: (planted.kind_found, planted.defective)),
    _planted("precision", lambda planted: (planted.right_claims, planted.claims)),
    _planted("silence", lambda planted: (planted.silent, not planted.defective)),
    _planted("exact_fix", lambda planted: (planted.exact_fix, planted.defective), "improve"),
)


def parts_of(measure: Measure, scores: dict[Task, Score]) -> dict[Task, Part]:
    """The parts of every task that counts for ``measure``; tasks of count 0 are left out."""
    parts = {
        task: measure.part(score)
        for task, score in scores.items()
        if not measure.tools or task[1] in measure.tools
    }
    return {task: (float(part[0]), float(part[1])) for task, part in parts.items() if part[1]}


def f1_interval(scores: Mapping[Task, Score], field: Field) -> Interval:
    """F1 of recall (of the defects) and precision (of the claims), by pull request; of ``count`` defects.

    0 where nothing was found or claimed, None without defects. Where no resample differs the bounds
    are for what was not seen of the defects, as in ``stats.bootstrap``: with a share b of them found
    after all, and nothing wrong claimed, F1 would be 2b / (1 + b).
    """
    counts: dict[str, Matrix] = {}
    for task, score in scores.items():
        if task in field.tasks and score.planted is not None:
            counts[task[0]] = counts.get(task[0], np.zeros(4)) + _f1_counts(score.planted)
    defective = round(sum(float(each[1]) for each in counts.values()))
    if not defective:
        return Interval(None, None, None, 0, 0)
    found = field.resampler.totals(counts).interval(f1, count=defective)
    if found.value is None or not found.degenerate:
        return found
    unseen = 1 - TAILS[0] ** (1 / sum(each[1] > 0 for each in counts.values()))
    low = found.value * (1 - unseen)
    high = found.value + (1 - found.value) * 2 * unseen / (1 + unseen)
    return replace(found, low=round(low, 9), high=round(high, 9))


def f1(sums: Matrix) -> Matrix:
    """F1 of sums of (defects found, defects, claims that are right, claims), on the last axis."""
    found, defective, right, claims = (sums[..., place] for place in range(4))
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, precision = found / defective, right / claims
        both = 2 * recall * precision / (recall + precision)
    return np.where(defective == 0, np.nan, np.where(found * right == 0, 0.0, both))


def _f1_counts(planted: PlantedScore) -> Matrix:
    counted = (planted.found, planted.defective, planted.right_claims, planted.claims)
    return np.array(counted, dtype=np.float64)
