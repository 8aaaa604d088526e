"""How far a round is, for a person: rate, tokens, cost, faults and time left.

Takes what happens to calls; gives a line now and then. Knows no terminal; the clock is passed in.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from pullsmith.llm.protocol import AttemptError, Completion

SAY_EVERY_SECONDS = 30.0
_MINUTE, _HOUR = 60, 3600


class Progress:
    """Tells ``report`` how far ``name`` is: at every tenth, and at the latest every half minute."""

    def __init__(
        self,
        report: Callable[[str], None],
        name: str,
        total: int,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``total`` is how many calls there are, answered ones included; 0 where nobody knows."""
        self._report, self._name, self._now = report, name, now
        self.total = total
        self._began = self._said = now()
        self._done = self._asked = self._faults = self._failed = 0
        self._input_tokens = self._output_tokens = self._unpriced = 0
        self._cost_usd = 0.0

    def add(self, count: int) -> None:
        """``count`` calls need no asking."""
        self._step(count)

    def answered(self, completion: Completion) -> None:
        """A call was answered."""
        self._asked += 1
        self._input_tokens += completion.input_tokens
        self._output_tokens += completion.output_tokens
        self._cost_usd += completion.cost_usd or 0.0
        self._unpriced += completion.cost_usd is None
        self._step(1)

    def failed(self) -> None:
        """A call was given up."""
        self._failed += 1
        self._step(1)

    def fault(self, fault: AttemptError) -> None:  # noqa: ARG002  # counted, whatever it is
        """An attempt failed."""
        self._faults += 1

    def _step(self, count: int) -> None:
        before, self._done = self._done, self._done + count
        now = self._now()
        tenth = self.total and before * 10 // self.total != self._done * 10 // self.total
        if count and (tenth or now - self._said >= SAY_EVERY_SECONDS):
            self._said = now
            self._report(self._line(now - self._began))

    def _line(self, seconds: float) -> str:
        of = f" of {self.total}" if self.total else ""
        parts = [f"{self._name}: {self._done}{of} answers"]
        if self._asked:
            rate = self._asked / max(seconds, 1e-3)
            parts.append(f"{rate:.1f} a second")
            if self._input_tokens:
                tokens = (
                    f"{_short(self._input_tokens)} tokens in, {_short(self._output_tokens)} out"
                )
                parts += [tokens, self._dollars()]
            left = self.total - self._done
            if left > 0:
                parts.append(f"{duration(left / rate)} left")
        if self._faults:
            parts.append(f"{self._faults} faults")
        if self._failed:
            parts.append(f"{self._failed} not answered")
        return ", ".join(part for part in parts if part)

    def _dollars(self) -> str:
        if self._unpriced:
            return f"price unknown of {self._unpriced}"
        return f"${self._cost_usd:.2f}" if self._cost_usd else ""


def duration(seconds: float) -> str:
    """About how long that is, in words."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def _short(count: int) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.3g}{letter}"
    return str(count)
