"""One round of calls through a provider's batch API, which may be left at any moment and gone on with.

Takes requests; gives their keys when every call has ended. A batch is written down before it is
sent and its id before it is waited for; one whose sending was cut off is looked for at the provider
before it is sent again. Calls that failed or expired are sent once more, in a new batch. Knows no
provider's format.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from pullsmith.errors import OutsideError
from pullsmith.llm.batch_api import BatchApi, BatchState, Sent, custom_id, key_of
from pullsmith.llm.batch_book import BatchBook, OpenBatch
from pullsmith.llm.calls import Round, over_window
from pullsmith.llm.claims import Claims
from pullsmith.llm.feed import refuse_unscanned
from pullsmith.llm.journal import Entry
from pullsmith.llm.protocol import AttemptError, Completion, Fault, Request
from pullsmith.llm.purse import BudgetSpentError
from pullsmith.llm.retry import ENDS_THE_RUN, NOT_AGAIN, Sleep, wait_seconds
from pullsmith.records import Outcome
from pullsmith.study.roles import Role

T = TypeVar("T")
ROUNDS = 3  # how often a call is put into a batch before it is given up
CALL_SECONDS = 900.0  # for one upload or download
SETTLE_SECONDS = 3.0  # a request that was cut off may still be on its way
SHORTEST_POLL_SECONDS, LONGEST_POLL_SECONDS = 2.0, 60.0
QUEUE_FULL_SECONDS = 300.0
AT_A_TIME = 500
Calls = Iterable[tuple[str, Request]]


@dataclass(frozen=True)
class Desk:
    """What a batch round works with: the provider, the journal's pages, the role, a way to wait."""

    api: BatchApi
    book: BatchBook
    claims: Claims
    role: Role
    sleep: Sleep
    report: Callable[[str], None]
    window_tokens: int | None = None


class BatchRound:
    """The calls of one model, in batches. ``keys`` has the key of every request, in their order."""

    def __init__(self, desk: Desk, round_: Round) -> None:
        """``round_`` holds the journal's writer, the purse, and what was given up."""
        self._desk = desk
        self._round = round_
        self._ends: Counter[str] = Counter()
        self._queue_is_full = False
        self._cancelled: list[str] = []
        self._no_money: BudgetSpentError | None = None
        self._said = ""
        self.keys: list[str] = []

    async def run(self, requests: Iterable[Request]) -> None:
        """Send what is missing, wait for all of it, send what failed again.

        Raises AttemptError when the provider refuses or is gone, OutsideError for a batch that
        somebody cancelled, BudgetSpentError when all that was sent is collected.
        """
        for batch in self._desk.book.open():
            self._round.purse.hold_for(self._desk.book.requests(self._desk.book.keys(batch.token)))
        await self._send_abandoned()
        await self._send_all(self._missing(requests))
        await self._collect_all()
        while left := self._left():
            self._stop_if_told()
            taken = await asyncio.to_thread(self._desk.claims.take, left)
            if taken.ours:
                await self._wait_for_queue()
                await self._send_all(self._written_down(taken.ours))
            elif taken.others:
                await self._desk.sleep(SHORTEST_POLL_SECONDS)
            await self._collect_all()
        self._stop_if_told()

    def _stop_if_told(self) -> None:
        if self._no_money is not None:
            raise self._no_money
        if self._cancelled and self._left():
            raise OutsideError(
                f"batch {', '.join(self._cancelled)} of {self._desk.role.model} was cancelled at the "
                f"provider; {len(self._left())} calls have no answer; run the same command again to "
                "send them in a new batch"
            )

    def _left(self) -> list[str]:
        """The calls without an end, each once."""
        keys = list(dict.fromkeys(self.keys))
        answered = self._round.journal.answered(keys)
        return [key for key in keys if key not in answered and key not in self._round.failed]

    # ── what to send ──

    def _missing(self, requests: Iterable[Request]) -> Iterator[tuple[str, Request]]:
        """The calls that are neither answered nor in a batch nor another's, claimed."""
        stream, seen, watcher = iter(requests), set[str](), self._round.watcher
        while some := list(islice(stream, AT_A_TIME)):
            refuse_unscanned(some)
            calls = {request.key: request for request in some}
            self.keys += [request.key for request in some]
            new = [key for key in calls if key not in seen]
            seen.update(new)
            taken = self._desk.claims.take(new)
            watcher.add(len(some) - len(taken.ours) - len(taken.in_batches) - len(taken.others))
            yield from ((key, calls[key]) for key in taken.ours)

    def _written_down(self, keys: Sequence[str]) -> Iterator[tuple[str, Request]]:
        for start in range(0, len(keys), AT_A_TIME):
            yield from self._desk.book.requests(keys[start : start + AT_A_TIME]).items()

    async def _send_all(self, calls: Calls) -> None:
        """Send ``calls`` in as few batches as the provider's limits and the budget allow."""
        limits, held, size = self._desk.api.limits, dict[str, Request](), 0
        for key, request in calls:
            if over := over_window(request, self._desk.window_tokens):
                self._round.give_up(key, over)
                continue
            try:
                self._round.purse.hold(key, request)
            except BudgetSpentError as error:
                self._no_money = error
                break
            length = len(self._desk.api.line(custom_id("0" * 16, key), request)) + 1
            if held and (size + length > limits.bytes or len(held) == limits.requests):
                await self._send_new(held)
                held, size = {}, 0
            held[key] = request
            size += length
        if held:
            await self._send_new(held)

    async def _send_new(self, calls: dict[str, Request]) -> None:
        for key, request in calls.items():
            self._round.note(Entry(key, request))
        await self._round.drain()  # whoever goes on must be able to build the same lines
        batch = await asyncio.to_thread(self._desk.book.plan, list(calls))
        await self._send(batch, calls)

    async def _send(self, batch: OpenBatch, calls: dict[str, Request]) -> None:
        """Send until it is certain that the provider has it, and once."""
        api, book, tries = self._desk.api, self._desk.book, 0
        lines = [api.line(custom_id(batch.token, key), calls[key]) for key in sorted(calls)]
        while True:
            tries += 1
            try:
                batch_id = await self._within(api.send(batch.token, lines))
                break
            except AttemptError as fault:
                self._round.note_fault(batch.token, fault)
                if fault.fault in NOT_AGAIN:
                    book.collected(batch.token)  # nothing came into being
                    raise
                if tries >= self._desk.role.tries:
                    raise
                await self._desk.sleep(wait_seconds(fault, tries))
            if found := await self._find(batch, len(calls)):
                batch_id = found
                break
        book.sent(batch.token, batch_id)
        self._desk.report(f"{self._desk.role.model}: sent {len(calls)} calls as batch {batch_id}")

    async def _find(self, batch: OpenBatch, calls: int) -> str | None:
        sent = Sent(batch.token, calls, batch.made_at)
        return await self._again(lambda: self._desk.api.find(sent, self._desk.book.ids()))

    async def _send_abandoned(self) -> None:
        """Batches whose sending was cut off: found at the provider, else sent."""
        for batch in self._desk.book.open():
            if batch.abandoned and self._desk.book.adopt(batch):
                keys = self._desk.book.keys(batch.token)
                await self._desk.sleep(SETTLE_SECONDS)
                if batch_id := await self._find(batch, len(keys)):
                    self._desk.book.sent(batch.token, batch_id)
                else:
                    await self._send(batch, self._desk.book.requests(keys))

    async def _wait_for_queue(self) -> None:
        if self._queue_is_full:
            self._desk.report(
                f"{self._desk.role.model}: the provider takes no more batches; waiting"
            )
            await self._desk.sleep(QUEUE_FULL_SECONDS)
            self._queue_is_full = False

    # ── what comes back ──

    async def _collect_all(self) -> None:
        """Wait until no batch is open, collecting each as it ends."""
        pause = SHORTEST_POLL_SECONDS
        while batches := self._desk.book.open():
            states = [await self._look(batch) for batch in batches]
            if any(batch.abandoned for batch in batches):
                await self._send_abandoned()
            if not any(state is None or state.ended for state in states):
                self._say(len(batches), [state for state in states if state])
                await self._desk.sleep(pause)
                pause = min(LONGEST_POLL_SECONDS, pause * 1.5)

    async def _look(self, batch: OpenBatch) -> BatchState | None:
        """Where a batch stands, collected if it has ended; None where another state is to be seen."""
        if not batch.batch_id:
            return None if batch.abandoned else BatchState(ended=False)
        try:
            state = await self._again(lambda: self._desk.api.state(batch.batch_id))
        except AttemptError as fault:
            if fault.fault is not Fault.QUEUE_FULL:
                raise
            self._round.note_fault(batch.token, fault)
            self._desk.book.collected(batch.token)
            self._queue_is_full = True
            return None
        if state.ended:
            await self._collect(batch, state)
        return state

    async def _collect(self, batch: OpenBatch, state: BatchState) -> None:
        if state.problem:
            self._desk.book.collected(batch.token)
            found = f"batch {batch.batch_id} was refused: {state.problem}"
            raise AttemptError(Fault.BAD_REQUEST, where=self._desk.role.model, found=found)
        ended = await self._again(lambda: self._fetch(batch.batch_id))
        ours = {key: end for name, end in ended.items() if (key := key_of(name, batch.token))}
        if ended and not ours:
            self._desk.book.foreign(batch.token, batch.batch_id)
            return
        keys = self._desk.book.keys(batch.token)
        last: AttemptError | None = None
        for key in keys:
            last = self._keep(key, ours.get(key)) or last
        await self._round.drain()
        self._desk.book.collected(batch.token)
        if state.cancelled:
            self._cancelled.append(batch.batch_id)
        if last is not None and last.fault in ENDS_THE_RUN:
            raise last

    async def _fetch(self, batch_id: str) -> dict[str, Completion | AttemptError]:
        return {name: end async for name, end in self._desk.api.results(batch_id)}

    def _keep(self, key: str, end: Completion | AttemptError | None) -> AttemptError | None:
        """Write an answer down; the fault where there is none, and whether that was the last try."""
        self._ends[key] += 1
        last_try = self._ends[key] >= ROUNDS
        if isinstance(end, Completion) and (end.outcome is not Outcome.EMPTY or last_try):
            self._round.keep_soon(key, end.model_copy(update={"tries": self._ends[key]}))
            return None
        where = self._desk.role.model
        if end is None:
            fault = AttemptError(Fault.TIMED_OUT, where=where, found="it expired in its batch")
        elif isinstance(end, Completion):
            fault = AttemptError(Fault.EMPTY, where=where, found="an empty answer")
        else:
            fault = end
        self._round.note_fault(key, fault)
        self._round.purse.let_go(key)
        if last_try or fault.fault in NOT_AGAIN:
            failed = Completion(outcome=Outcome.FAILED, text="", cost_usd=0.0, detail=str(fault))
            self._round.give_up(key, failed)
        return fault

    # ── talking to the provider ──

    async def _again(self, call: Callable[[], Awaitable[T]]) -> T:
        """A call that changes nothing at the provider, made again as often as the role tries."""
        tries = 0
        while True:
            tries += 1
            try:
                return await self._within(call())
            except AttemptError as fault:
                last = tries >= self._desk.role.tries
                if last or fault.fault in NOT_AGAIN or fault.fault is Fault.QUEUE_FULL:
                    raise
                await self._desk.sleep(wait_seconds(fault, tries))

    async def _within(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await call
        except TimeoutError as error:
            found = f"no reply within {CALL_SECONDS:g} seconds"
            raise AttemptError(Fault.TIMED_OUT, where=self._desk.role.model, found=found) from error

    def _say(self, batches: int, states: Sequence[BatchState]) -> None:
        done, total = sum(s.done for s in states), sum(s.total for s in states)
        line = f"{self._desk.role.model}: {batches} batches open, {done} of {total} calls done"
        if line != self._said:
            self._said = line
            self._desk.report(line)
