"""What answers came to, as it is stored beside them: tokens and dollars. No second, no machine.

Takes some columns of answers, gives a Spent an entrant; reads no file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pullsmith.records import Outcome, Phase, entrant_name
from pullsmith.report.board import Spent

COLUMNS = (
    "model", "phase", "outcome", "parent_answer", "input_tokens", "output_tokens", "cost_usd",
)  # fmt: skip
_NEVER_ANSWERED = (Outcome.FAILED, Outcome.OVER_BUDGET)  # nobody counted a token of these


def spending(answers: Iterable[Mapping[str, Any]]) -> dict[str, Spent]:
    """The spending of every entrant, by name; ``answers`` have COLUMNS."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for answer in answers:
        found[entrant_name(answer["model"], Phase(answer["phase"]))].append(answer)
    return {name: _spent(mine) for name, mine in found.items()}


def _spent(answers: list[Mapping[str, Any]]) -> Spent:
    firsts = [answer for answer in answers if answer["parent_answer"] is None]
    asked = [answer for answer in answers if answer["outcome"] not in _NEVER_ANSWERED]
    # A prompt has tokens: 0 says that nobody counted, and then nobody counted those of the answer.
    counted = bool(asked) and all(answer["input_tokens"] for answer in asked)
    prompts = sum(answer["parent_answer"] is None for answer in asked)
    mean = counted and prompts > 0
    return Spent(
        prompts=len(firsts),
        calls=len(asked),
        input_tokens=_mean(asked, "input_tokens", prompts) if mean else None,
        output_tokens=_mean(asked, "output_tokens", prompts) if mean else None,
        cost_usd=round(sum(answer["cost_usd"] or 0.0 for answer in asked), 6),
        unpriced=sum(answer["cost_usd"] is None for answer in asked),
    )


def _mean(answers: list[Mapping[str, Any]], name: str, prompts: int) -> float:
    return round(float(sum(answer[name] for answer in answers)) / prompts, 3)
