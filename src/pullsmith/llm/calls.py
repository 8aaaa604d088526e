"""One round of calls: what is missing is asked, at once or in fixed chunks, and kept as it comes.

Takes calls from a feed and gives nothing back: completions go to the journal, calls given up to
``failed``. Knows no journal file; the retries are the retry policy's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from pullsmith.llm.feed import Feed
from pullsmith.llm.group_commit import GroupCommit
from pullsmith.llm.journal import Entry, Journal
from pullsmith.llm.protocol import AttemptError, BatchModel, ChatModel, Completion, Request
from pullsmith.llm.purse import BudgetSpentError, Purse
from pullsmith.llm.retry import ENDS_THE_RUN, Policy, complete_with_retries
from pullsmith.llm.silence import Silence
from pullsmith.records import Outcome
from pullsmith.tokens import count_tokens

FAILURES_IN_A_ROW = 8  # calls given up with no answer between them: the endpoint is gone
_LOOK_SECONDS = 0.02  # at the purse, while calls in flight, of anyone's, may give something back
Calls = Mapping[str, Request]


class Watcher(Protocol):
    """Who is told how a round goes."""

    def add(self, count: int) -> None:
        """``count`` calls need no asking."""

    def answered(self, completion: Completion) -> None:
        """A call was answered."""

    def failed(self) -> None:
        """A call was given up."""

    def fault(self, fault: AttemptError) -> None:
        """An attempt failed."""


@dataclass(frozen=True)
class _Asking:
    """Who is asked, and within which limits."""

    model: ChatModel
    policy: Policy
    silence: Silence
    window_tokens: int | None


class Round:
    """The calls of one model. ``failed`` holds those that were given up; they are not journalled."""

    def __init__(self, writer: GroupCommit, purse: Purse, watcher: Watcher) -> None:
        """Nothing is asked yet."""
        self._writer = writer
        self.purse = purse
        self.watcher = watcher
        self._answered = 0
        self._failures_in_a_row = 0
        self._last_fault: AttemptError | None = None
        self._no_money: BudgetSpentError | None = None
        self.failed: dict[str, Completion] = {}

    @property
    def answered(self) -> int:
        """How many calls were answered in this round; what the journal had already is not among them."""
        return self._answered

    @property
    def journal(self) -> Journal:
        """Where what comes is kept."""
        return self._writer.journal

    async def drain(self) -> None:
        """Commit all that came; called when the calls are over."""
        await self._writer.drain()

    def note(self, entry: Entry) -> None:
        """Write ``entry`` down with the next commit."""
        self._writer.note(entry)

    def _fault(self, key: str, silence: Silence, fault: AttemptError) -> None:
        self.note_fault(key, fault)
        silence.fault(fault)

    def note_fault(self, key: str, fault: AttemptError) -> None:
        """An attempt failed: written down with the next commit, and counted."""
        self._writer.note(Entry(key, fault))
        self.watcher.fault(fault)

    def give_up(self, key: str, completion: Completion) -> None:
        """The call ends without an answer that may be kept: the next run asks again."""
        self.failed[key] = completion
        self.watcher.failed()

    def keep_soon(self, key: str, completion: Completion) -> None:
        """An answer came: written down with the next commit."""
        completion = self._priced(completion)
        self._writer.note(Entry(key, completion))
        self._count(key, completion)

    def _priced(self, completion: Completion) -> Completion:
        cost = self.purse.cost_usd(completion.input_tokens, completion.output_tokens)
        return completion.model_copy(update={"cost_usd": cost})

    def _count(self, key: str, completion: Completion) -> None:
        self.purse.let_go(key, completion.cost_usd or 0.0)
        self._answered += 1
        self.watcher.answered(completion)

    async def at_once(
        self, model: ChatModel, feed: Feed, policy: Policy, window_tokens: int | None = None
    ) -> None:
        """Ask what ``feed`` gives with at most ``concurrency`` calls in flight.

        A prompt that does not fit ``window_tokens`` is OVER_BUDGET and not sent. Raises
        AttemptError when the endpoint is gone: its key, model or credit is wrong, nothing comes back
        for twice the time-out, too many calls in a row were given up, or all of them. Raises BudgetSpentError when the calls in flight ended.
        """
        asking = _Asking(model, policy, Silence(policy.role.timeout_seconds), window_tokens)
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(workers(policy.role.concurrency)):
                    tasks.create_task(self._work(asking, feed))
        except BaseExceptionGroup as group:
            # One is enough to end the run; what the others met meanwhile is its echo.
            raise group.exceptions[0] from None
        if self._no_money is not None:
            raise self._no_money
        if self._last_fault is not None and not self._answered:
            raise self._last_fault

    async def _work(self, asking: _Asking, feed: Feed) -> None:
        while self._no_money is None and (call := await feed.next()) is not None:
            if over := over_window(call[1], asking.window_tokens):
                self.give_up(call[0], over)
                continue
            if not await self._has_money(call):
                return
            await self._ask(asking, call)

    async def _has_money(self, call: tuple[str, Request]) -> bool:
        """Whether there is room for the call, maybe after those in flight cost less than they might."""
        while self._no_money is None:
            try:
                self.purse.hold(*call)
            except BudgetSpentError as error:
                if not self.purse.holds and not error.others_hold:
                    self._no_money = error
                await asyncio.sleep(_LOOK_SECONDS)
            else:
                return True
        return False

    async def _ask(self, asking: _Asking, call: tuple[str, Request]) -> None:
        key, request = call
        self._writer.note(Entry(key, request))
        try:
            completion = await complete_with_retries(
                asking.model,
                request,
                policy=asking.policy,
                on_fault=partial(self._fault, key, asking.silence),
            )
        except AttemptError as fault:
            self.purse.let_go(key)
            self._fail(key, fault)
        else:
            asking.silence.broken()
            completion = self._priced(completion)
            # Nobody asks anything else before the answer is on disk: a kill costs no more calls
            # than there are workers.
            await self._writer.keep(Entry(key, completion))
            self._failures_in_a_row = 0
            self._count(key, completion)

    def _fail(self, key: str, fault: AttemptError) -> None:
        self._last_fault = fault
        self._failures_in_a_row += 1
        if fault.fault in ENDS_THE_RUN or self._failures_in_a_row >= FAILURES_IN_A_ROW:
            raise fault
        failed = Completion(outcome=Outcome.FAILED, text="", cost_usd=0.0, detail=str(fault))
        self.give_up(key, failed)

    async def in_chunks(self, model: BatchModel, calls: Calls, found: Collection[str]) -> None:
        """Put ``calls`` to a local model, a batch at a time; none of a batch is missing or all are.

        Padding makes an answer depend on its batch, so the batches are the same whatever the
        journal holds already: sorted by length, then key, and redone whole.
        """
        order = sorted(calls, key=lambda key: (_length(calls[key]), key))
        for start in range(0, len(order), model.batch_size):
            keys = order[start : start + model.batch_size]
            if all(key in found for key in keys):
                continue
            completions = await self._chunk(model, {key: calls[key] for key in keys})
            for key in keys:
                if key not in found:
                    self._answered += 1
                    self.watcher.answered(completions[key])

    async def _chunk(self, model: BatchModel, calls: Calls) -> dict[str, Completion]:
        for key, request in calls.items():
            self._writer.note(Entry(key, request))
        started = time.monotonic()
        completions = model.complete_many(list(calls.values()))
        # Each answer is there when its batch is.
        ended = {"latency_seconds": time.monotonic() - started, "cost_usd": 0.0}
        done = {
            key: completion.model_copy(update=ended)
            for key, completion in zip(calls, completions, strict=True)
        }
        *first, last = (Entry(key, completion) for key, completion in done.items())
        for entry in first:
            self._writer.note(entry)
        await self._writer.keep(last)
        return done


def workers(concurrency: int) -> int:
    """How many calls are at hand at once: those in flight, and a sixteenth that is being written down.

    How many are in flight is the pace's to say; with no more workers than that, slots stay empty
    while answers go to disk.
    """
    return concurrency + concurrency // 16


def _length(request: Request) -> int:
    return sum(len(message.content) for message in request.messages)


def over_window(request: Request, window_tokens: int | None) -> Completion | None:
    """OVER_BUDGET for a prompt that leaves no room for its answer; None where it fits, or may."""
    # Nearly every prompt has fewer tokens than characters: counting them is for the others.
    if window_tokens is None or _length(request) + request.max_tokens <= window_tokens:
        return None
    tokens = sum(count_tokens(message.content) for message in request.messages)
    if tokens + request.max_tokens <= window_tokens:
        return None
    detail = (
        f"about {tokens} tokens and an answer of {request.max_tokens} do not fit the model's window "
        f"of {window_tokens}; nothing was sent"
    )
    return Completion(outcome=Outcome.OVER_BUDGET, text="", cost_usd=0.0, detail=detail)
