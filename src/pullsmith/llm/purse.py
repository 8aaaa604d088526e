"""The budget of a run: no call is made whose dearest answer would not fit any more.

Takes the study's budget and what the journal says was spent; gives room for calls or says that
there is none. All roles of a run, and all processes on its journal, share what was spent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from pullsmith.errors import StudyError
from pullsmith.llm.journal import Journal
from pullsmith.llm.prices import Price
from pullsmith.llm.protocol import Request
from pullsmith.study.roles import Role

LOOK_AGAIN_SECONDS = 1.0  # at what other processes spent


class BudgetSpentError(StudyError):
    """The next call might cost more than is left; what was answered is kept."""


class Purse:
    """What is left of ``budget_usd``, and how much of that calls in flight may still cost."""

    def __init__(
        self,
        budget_usd: float | None,
        journal: Journal,
        role: Role,
        price: Price | None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises StudyError where there is a budget and no price for ``role``."""
        if budget_usd is not None and price is None:
            raise StudyError(
                f"model {role.model!r}: budget_usd is {budget_usd:g} and nobody knows its price; "
                "write price = { input = …, output = … } (dollars a million tokens) beside it"
            )
        self._budget = budget_usd
        self._journal = journal
        self._price = price
        self._now = now
        self._held: dict[str, float] = {}
        self._spent = 0.0
        self._looked = -LOOK_AGAIN_SECONDS

    @property
    def holds(self) -> bool:
        """Whether calls in flight may still cost something."""
        return bool(self._held)

    def cost_usd(self, input_tokens: int, output_tokens: int) -> float | None:
        """What an answer cost; None where nobody knows."""
        return None if self._price is None else self._price.cost_usd(input_tokens, output_tokens)

    def hold(self, key: str, request: Request) -> None:
        """Keep room for the dearest answer to ``request``; raises BudgetSpentError for want of it."""
        if self._budget is None or self._price is None:
            return
        worst = self._dearest(request)
        self._look()
        if key in self._held:
            return
        if self._spent + sum(self._held.values()) + worst > self._budget:
            raise BudgetSpentError(
                f"budget_usd = {self._budget:g}: ${self._spent:.4f} is spent and the next call to "
                f"{request.model} may cost ${worst:.4f}; what was answered is kept in "
                f"{self._journal.path}; raise budget_usd to go on"
            )
        self._held[key] = worst

    def _dearest(self, request: Request) -> float:
        """What it may cost; twice the prompt where a cut answer is asked for again."""
        assert self._price is not None
        inputs, outputs = most_input_tokens(request), request.max_tokens
        if request.longer_tokens > request.max_tokens:
            inputs, outputs = 2 * inputs, outputs + request.longer_tokens
        return self._price.cost_usd(inputs, outputs)

    def hold_for(self, calls: Mapping[str, Request]) -> None:
        """Keep room for calls that were sent already, whether there is any or not."""
        if self._budget is not None and self._price is not None:
            for key, request in calls.items():
                worst = self._dearest(request)
                self._held[key] = worst

    def let_go(self, key: str, cost_usd: float = 0.0) -> None:
        """The call ended and cost this much."""
        if self._held.pop(key, None) is not None:
            self._spent += cost_usd

    def _look(self) -> None:
        now = self._now()
        if now - self._looked >= LOOK_AGAIN_SECONDS:
            self._looked = now
            spent = sum(each.cost_usd for each in self._journal.spending().values())
            self._spent = max(self._spent, spent)


def most_input_tokens(request: Request) -> int:
    """More tokens than a prompt has: a token of code is nearly never shorter than two bytes."""
    return sum(len(m.content.encode()) // 2 + 8 for m in request.messages)
