"""What is still to be asked, a few calls at a time: neither answered nor in anyone else's hands.

Takes requests as they come, maybe too many for memory; gives those that this process is to ask,
claimed. Keeps every key in order, and waits at the end for what another process is asking. Knows no
model and no retry.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from pullsmith.errors import StudyError
from pullsmith.llm.claims import Claims, Taken
from pullsmith.llm.journal import Journal
from pullsmith.llm.protocol import Request

LEAST_AT_A_TIME = 64  # requests that are claimed together: a claim waits for the commit before it
POLL_SECONDS = 0.3  # how often it is looked whether another process has its answer


class Feed:
    """The calls of one round. ``keys`` grows to hold the key of every request, in their order."""

    def __init__(
        self,
        requests: Iterable[Request],
        journal: Journal,
        claims: Claims | None,
        *,
        ahead: int,
        done: Callable[[int], None],
    ) -> None:
        """Without ``claims`` nothing is claimed; ``done`` is told how many need no asking here.

        ``ahead`` calls are got ready before they are wanted, so that nobody waits for a claim.
        """
        self._requests = iter(requests)
        self._journal, self._claims = journal, claims
        self._ahead = ahead
        self._done = done
        self._ready: deque[tuple[str, Request]] = deque()
        self._others: dict[str, Request] = {}
        self._seen: set[str] = set()
        self._over = False
        self._filling: asyncio.Task[None] | None = None
        self.keys: list[str] = []

    async def next(self) -> tuple[str, Request] | None:
        """The next call to make; None when all are answered, or in hands that are at work."""
        while not self._ready:
            if self._over and not self._others:
                return None
            # Whoever is cancelled while it waits must not cancel it for the others.
            await asyncio.shield(self._fill_soon())
        call = self._ready.popleft()
        if len(self._ready) < self._ahead and not self._over:
            self._fill_soon()
        return call

    async def close(self) -> None:
        """Let a claim that is under way end, before the claims are given back."""
        if self._filling is not None:
            await asyncio.gather(self._filling, return_exceptions=True)

    def _fill_soon(self) -> asyncio.Task[None]:
        """The filling that is under way, or a new one; raises what ended the one before."""
        if self._filling is not None and self._filling.done():
            self._filling.result()
            self._filling = None
        if self._filling is None:
            self._filling = asyncio.create_task(self._fill())
        return self._filling

    async def _fill(self) -> None:
        if some := list(islice(self._requests, max(self._ahead, LEAST_AT_A_TIME))):
            await self._admit(some)
        elif not self._over:
            self._over = True
        elif self._others:
            await self._look_at_others()

    async def _admit(self, requests: Sequence[Request]) -> None:
        refuse_unscanned(requests)
        calls: dict[str, Request] = {}
        for request in requests:
            key = request.key
            self.keys.append(key)
            if key in self._seen:
                self._done(1)
            else:
                self._seen.add(key)
                calls[key] = request
        found = self._journal.answered(list(calls))
        missing = {key: request for key, request in calls.items() if key not in found}
        self._done(len(found))
        if missing and self._claims is None:
            self._ready.extend(missing.items())
        elif missing:
            self._sort(await self._take(missing), missing)

    async def _look_at_others(self) -> None:
        waited = self._others
        self._others = {}
        taken = await self._take(waited)
        self._sort(taken, waited)
        if not self._ready and self._others:
            await asyncio.sleep(POLL_SECONDS)

    async def _take(self, calls: dict[str, Request]) -> Taken:
        assert self._claims is not None
        return await asyncio.to_thread(self._claims.take, list(calls))

    def _sort(self, taken: Taken, calls: dict[str, Request]) -> None:
        if taken.in_batches:
            raise StudyError(
                f"{len(taken.in_batches)} of the calls to {calls[taken.in_batches[0]].model} are in "
                "a batch that was sent and is not collected; run the same command with --batch"
            )
        self._ready.extend((key, calls[key]) for key in taken.ours)
        self._others |= {key: calls[key] for key in taken.others}
        self._done(len(calls) - len(taken.ours) - len(taken.others))


def refuse_unscanned(requests: Iterable[Request]) -> None:
    """Raise StudyError for a request that nobody searched for secrets."""
    for request in requests:
        if request.scan is None:
            subject = request.task.pull_request.id if request.task else request.key
            raise StudyError(
                f"request to {request.model} about {subject}: scan is None, so its text was never "
                "searched for secrets; run select and render again"
            )
