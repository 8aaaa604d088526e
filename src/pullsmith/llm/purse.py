"""The budget of a run: no call is made whose dearest answer would not fit any more.

Takes the study's budget and what the journal says was spent; gives room for calls or says that
there is none. All roles of a run, and all processes on its journal, share one budget: what each
process's calls in flight may still cost is reserved in the journal, in lumps, so that few calls wait
for it. What a process that has ended reserved is free again.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping

from pullsmith.errors import StudyError
from pullsmith.llm.claims import LEASE_SECONDS
from pullsmith.llm.journal import Journal
from pullsmith.llm.owners import is_running, this_process
from pullsmith.llm.prices import Price
from pullsmith.llm.protocol import Request
from pullsmith.study.roles import Role

LOOK_AGAIN_SECONDS = 0.3  # at what others hold, where there was no room
_CALLS_AHEAD = 64  # reserved together
_SHARE_AHEAD = 1 / 8  # of what is left, at most: the last of it is nobody's in advance


class BudgetSpentError(StudyError):
    """The next call might cost more than is left; what was answered is kept."""

    def __init__(self, message: str, *, others_hold: bool) -> None:
        """``others_hold``: calls of another process may cost less than they might, and make room."""
        super().__init__(message)
        self.others_hold = others_hold


class Purse:
    """What is left of ``budget_usd``, and how much of that calls in flight may still cost.

    Close it when the calls are over. ``now`` is the clock of the leases, ``runs`` says whether the
    owner of a reservation still runs.
    """

    def __init__(  # noqa: PLR0913  # whose money it is, and two tests' doubles
        self,
        budget_usd: float | None,
        journal: Journal,
        role: Role,
        price: Price | None,
        *,
        now: Callable[[], float] = time.time,
        owner: str = "",
        runs: Callable[[str], bool | None] = is_running,
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
        self._owner = owner or this_process()
        self._runs = runs
        self._held: dict[str, float] = {}
        self._held_usd = 0.0
        self._reserved = 0.0  # what may be held in all without asking the journal again
        self._refused: tuple[float, BudgetSpentError] | None = None

    @property
    def holds(self) -> bool:
        """Whether calls in flight may still cost something."""
        return bool(self._held)

    def cost_usd(self, input_tokens: int, output_tokens: int) -> float | None:
        """What an answer cost; None where nobody knows."""
        return None if self._price is None else self._price.cost_usd(input_tokens, output_tokens)

    def hold(self, key: str, request: Request) -> None:
        """Keep room for the dearest answer to ``request``; raises BudgetSpentError for want of it."""
        if self._budget is None or self._price is None or key in self._held:
            return
        worst = self._dearest(request)
        if self._held_usd + worst > self._reserved:
            if self._refused and self._now() - self._refused[0] < LOOK_AGAIN_SECONDS:
                raise self._refused[1]
            self._reserve(worst, request.model)
        self._add(key, worst)

    def hold_for(self, calls: Mapping[str, Request]) -> None:
        """Keep room for calls that were sent already, whether there is any or not."""
        if self._budget is None or self._price is None:
            return
        for key, request in calls.items():
            self._add(key, self._dearest(request))
        with self._journal.transaction() as base:
            self._write(base, self._held_usd)
        self._reserved = 0.0  # it may be more than there is: the next call asks the journal

    def let_go(self, key: str, cost_usd: float = 0.0) -> None:
        """The call ended and cost this much; the journal has its answer, if there is one."""
        worst = self._held.pop(key, None)
        if worst is not None:
            self._held_usd = max(0.0, self._held_usd - worst) if self._held else 0.0
            self._reserved -= cost_usd
            self._refused = None

    def close(self) -> None:
        """Give back what is reserved."""
        if self._budget is not None:
            with self._journal.transaction() as base:
                base.execute("DELETE FROM reservations WHERE owner = ?", (self._owner,))
            self._reserved = 0.0

    def _add(self, key: str, worst: float) -> None:
        self._held_usd += worst - self._held.get(key, 0.0)
        self._held[key] = worst

    def _dearest(self, request: Request) -> float:
        """What it may cost; twice the prompt where a cut answer is asked for again."""
        assert self._price is not None
        inputs, outputs = most_input_tokens(request), request.max_tokens
        if request.longer_tokens > request.max_tokens:
            inputs, outputs = 2 * inputs, outputs + request.longer_tokens
        return self._price.cost_usd(inputs, outputs)

    def _reserve(self, worst: float, model: str) -> None:
        """Room for one call more, and for some after it; all in one transaction, as others do."""
        assert self._budget is not None
        with self._journal.transaction() as base:
            (spent,) = base.execute("SELECT TOTAL(cost_usd) FROM spending").fetchone()
            others = self._others(base)
            needed = self._held_usd + worst
            spare = self._budget - spent - others - needed
            ahead = max(0.0, min(_CALLS_AHEAD * worst, _SHARE_AHEAD * spare))
            self._write(base, self._held_usd if spare < 0 else needed + ahead)
        if spare < 0:
            error = BudgetSpentError(
                self._no_room(spent, others, worst, model), others_hold=others > 0
            )
            self._refused, self._reserved = (self._now(), error), 0.0
            raise error

    def _no_room(self, spent: float, others: float, worst: float, model: str) -> str:
        held = f", calls of other processes may cost ${others:.4f}" if others else ""
        return (
            f"budget_usd = {self._budget:g}: ${spent:.4f} is spent{held} and the next call to "
            f"{model} may cost ${worst:.4f}; what was answered is kept in "
            f"{self._journal.path}; raise budget_usd to go on"
        )

    def _others(self, base: sqlite3.Connection) -> float:
        """What other processes reserved; that of those that have ended is taken away."""
        rows = base.execute("SELECT owner, usd, until FROM reservations").fetchall()
        held = 0.0
        for owner, usd, until in rows:
            runs = self._runs(owner)
            if owner == self._owner:
                continue
            if runs or (runs is None and until > self._now()):
                held += usd
            else:
                base.execute("DELETE FROM reservations WHERE owner = ?", (owner,))
        return held

    def _write(self, base: sqlite3.Connection, usd: float) -> None:
        until = self._now() + LEASE_SECONDS
        base.execute(
            "INSERT OR REPLACE INTO reservations VALUES (?,?,?)", (self._owner, usd, until)
        )
        self._reserved = usd


def most_input_tokens(request: Request) -> int:
    """More tokens than a prompt has: a token of code is nearly never shorter than two bytes."""
    return sum(len(m.content.encode()) // 2 + 8 for m in request.messages)
