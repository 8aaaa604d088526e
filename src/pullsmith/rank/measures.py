"""What no judge decides: the shares of an entrant's answers that are valid, grounded, right.

Takes Scores, gives for each measure the (sum, count) of every task. Knows no interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pullsmith.rank.rates import Task
from pullsmith.scoring import CLAIM_TOOLS, PlantedScore, Score

Part = tuple[float, float]  # of a share: sum and count


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


# Invalid answers count in every share but precision, as not valid, not grounded, not right.
MEASURES = (
    Measure("valid_rate", lambda score: (score.valid, 1)),
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
