"""One round of calls: what is missing is asked, at once or in fixed chunks, and kept as it comes.

Takes requests by key and gives nothing back: completions go to the journal, calls given up to
``failed``. Knows no journal file; the retries are the retry policy's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial

from pullsmith.llm.group_commit import GroupCommit
from pullsmith.llm.journal import Entry
from pullsmith.llm.protocol import AttemptError, BatchModel, ChatModel, Completion, Request
from pullsmith.llm.retry import ENDS_THE_RUN, Sleep, complete_with_retries
from pullsmith.records import Outcome
from pullsmith.study.roles import Role

FAILURES_IN_A_ROW = 8  # calls given up with no answer between them: the endpoint is gone
Calls = Mapping[str, Request]


class Round:
    """The calls of one model. ``failed`` holds those that were given up; they are not journalled."""

    def __init__(self, writer: GroupCommit, *, sleep: Sleep, done: Callable[[int], None]) -> None:
        """``done`` is told how many more calls ended."""
        self._writer = writer
        self._sleep = sleep
        self._done = done
        self._answered = 0
        self._failures_in_a_row = 0
        self._last_fault: AttemptError | None = None
        self.failed: dict[str, Completion] = {}

    async def at_once(self, model: ChatModel, missing: Calls, role: Role) -> None:
        """Ask ``missing`` with at most ``role.concurrency`` calls in flight.

        Raises AttemptError when the endpoint is gone: its key, model or credit is wrong, too many
        calls in a row were given up, or all of them.
        """
        todo = iter(missing.items())
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(min(role.concurrency, len(missing))):
                    tasks.create_task(self._work(model, todo, role))
        except BaseExceptionGroup as group:
            # One is enough to end the run; what the others met meanwhile is its echo.
            raise group.exceptions[0] from None
        if self._last_fault is not None and not self._answered:
            raise self._last_fault

    async def _work(
        self, model: ChatModel, todo: Iterator[tuple[str, Request]], role: Role
    ) -> None:
        for key, request in todo:
            self._writer.note(Entry(key, request))
            try:
                completion = await complete_with_retries(
                    model, request, role=role, sleep=self._sleep, on_fault=partial(self._note, key)
                )
            except AttemptError as fault:
                self._give_up(key, fault)
            else:
                # The slot stays taken until the answer is on disk: a kill costs no more calls than
                # are in flight.
                await self._writer.keep(Entry(key, completion))
                self._answered += 1
                self._failures_in_a_row = 0
            self._done(1)

    def _note(self, key: str, fault: AttemptError) -> None:
        self._writer.note(Entry(key, fault))

    def _give_up(self, key: str, fault: AttemptError) -> None:
        self._last_fault = fault
        self._failures_in_a_row += 1
        if fault.fault in ENDS_THE_RUN or self._failures_in_a_row >= FAILURES_IN_A_ROW:
            raise fault
        self.failed[key] = Completion(outcome=Outcome.FAILED, text="", detail=str(fault))

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
            await self._chunk(model, {key: calls[key] for key in keys})
            self._done(sum(key not in found for key in keys))

    async def _chunk(self, model: BatchModel, calls: Calls) -> None:
        for key, request in calls.items():
            self._writer.note(Entry(key, request))
        started = time.monotonic()
        completions = model.complete_many(list(calls.values()))
        latency = (time.monotonic() - started) / len(calls)
        *first, last = zip(calls, completions, strict=True)
        for key, completion in first:
            self._writer.note(_timed(key, completion, latency))
        await self._writer.keep(_timed(*last, latency))


def _length(request: Request) -> int:
    return sum(len(message.content) for message in request.messages)


def _timed(key: str, completion: Completion, seconds: float) -> Entry:
    return Entry(key, completion.model_copy(update={"latency_seconds": seconds}))
