"""How many attempts may be in flight: as many as set, fewer while the endpoint cannot keep up.

Takes the setting; gives a gate that attempts go through. Every attempt that was rate limited or
timed out takes a slot away, every answer gives a tenth of one back: an endpoint that turns down one
attempt in twenty by chance keeps all its slots, one that takes twenty at a time ends near twenty.
Knows no model and no time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType

GIVEN_BACK = 0.1  # of a slot, for an answer


class Pace:
    """An async context manager around one attempt; first come, first served."""

    def __init__(self, most: int) -> None:
        """``most`` is the setting; the pace begins there."""
        self._most = most
        self._limit = float(most)
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._open = True
        self.in_flight = 0

    @property
    def limit(self) -> int:
        """How many attempts may be in flight now; at least one while the gate is open."""
        return int(self._limit) if self._open else 0

    async def __aenter__(self) -> None:
        if self.in_flight < self.limit and not self._waiting:
            self.in_flight += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn  # whoever wakes it has taken the slot for it
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def shut(self) -> None:
        """Let nobody through any more: the run ends."""
        self._open = False

    def slower(self) -> None:
        """The endpoint said that it is too much, or said nothing."""
        self._limit = max(1.0, self._limit - 1)

    def faster(self) -> None:
        """An answer came."""
        self._limit = min(float(self._most), self._limit + GIVEN_BACK)

    def _leave(self) -> None:
        self.in_flight -= 1
        while self._waiting and self.in_flight < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)
