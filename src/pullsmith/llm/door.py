"""The one door to models: what the journal has is not asked again; the rest is asked, and kept.

Takes requests and a model; gives their completions in the same order. Bounded concurrency, one
retry policy for all, every answer on disk before anyone sees it. Needs memory for the calls in
flight, not for all. Knows no tool and no contract.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pullsmith.errors import OutsideError
from pullsmith.llm.batch_book import BatchBook
from pullsmith.llm.batches import BatchRound, Desk
from pullsmith.llm.calls import Round
from pullsmith.llm.claims import RENEW_SECONDS, Claims
from pullsmith.llm.feed import Feed, refuse_unscanned
from pullsmith.llm.group_commit import GroupCommit
from pullsmith.llm.journal import Journal, in_parts
from pullsmith.llm.open_batches import batch_api_of
from pullsmith.llm.pace import Pace
from pullsmith.llm.prices import price_of, window_of
from pullsmith.llm.progress import Progress
from pullsmith.llm.protocol import AttemptError, BatchModel, ChatModel, Completion, Request
from pullsmith.llm.purse import Purse
from pullsmith.llm.retry import Policy, Sleep
from pullsmith.llm.timing import timing
from pullsmith.models.names import MODEL_FREE, parse_model_name
from pullsmith.records import Outcome
from pullsmith.study.roles import Role


def _silent(message: str) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class Completions:
    """One completion a request, in their order, read from the journal a part at a time."""

    path: Path
    keys: Sequence[str]
    failed: dict[str, Completion]  # given up, and in no journal
    answered: int = 0  # of them now; the others were in the journal before

    def __len__(self) -> int:
        return len(self.keys)

    def timing(self) -> dict[str, float]:
        """How long those in the journal took, for a manifest; see ``timing.timing``."""
        with Journal(self.path) as journal:
            return timing(journal.timed(sorted(set(self.keys))))

    def __iter__(self) -> Iterator[Completion]:
        with Journal(self.path) as journal:
            for some in in_parts(self.keys):
                # The first answer on disk counts, also where another process was quicker.
                found = self.failed | journal.find(some)
                yield from (found[key] for key in some)


class Door:
    """Answers from the journal, and from the model where the journal has none."""

    def __init__(
        self,
        journal_path: Path,
        *,
        sleep: Sleep = asyncio.sleep,
        report: Callable[[str], None] = _silent,
        budget_usd: float | None = None,
    ) -> None:
        """``sleep`` waits between attempts; ``report`` is told how far it is, for a person.

        ``budget_usd`` is for all that the journal holds and will hold.
        """
        self._path = journal_path
        self._sleep = sleep
        self._report = report
        self._budget_usd = budget_usd

    def ask(
        self, model: ChatModel | BatchModel, requests: Sequence[Request], role: Role
    ) -> list[Completion]:
        """``each`` for requests and completions that fit memory."""
        refuse_unscanned(requests)
        return list(self.each(model, requests, role))

    def each(
        self, model: ChatModel | BatchModel, requests: Iterable[Request], role: Role
    ) -> Completions:
        """``asked`` for code that is not async; closes the model at the end."""

        async def asked() -> Completions:
            try:
                return await self.asked(model, requests, role)
            finally:
                if not isinstance(model, BatchModel):
                    await model.close()

        return asyncio.run(asked())

    async def complete_all(
        self, model: ChatModel | BatchModel, requests: Sequence[Request], role: Role
    ) -> list[Completion]:
        """``asked`` for requests and completions that fit memory."""
        refuse_unscanned(requests)
        return list(await self.asked(model, requests, role))

    async def asked(
        self, model: ChatModel | BatchModel, requests: Iterable[Request], role: Role
    ) -> Completions:
        """One completion a request, in their order; equal requests are asked once.

        Raises StudyError for a request without the scan's mark and for a budget that is spent,
        OutsideError when the endpoint is gone; all that was answered is in the journal then.
        A call that fails for itself alone is FAILED, and asked again by the next run.
        """
        total = len(requests) if isinstance(requests, Sized) else 0
        progress = Progress(self._report, role.model, total)
        with Journal(self._path) as journal:
            purse = Purse(self._budget_usd, journal, role, price_of(role))
            writer = GroupCommit(journal)
            asked = Round(writer, purse, progress)
            try:
                if isinstance(model, BatchModel):
                    keys = await self._in_chunks(model, requests, asked, progress)
                elif role.batch:
                    keys = await self._in_batches(model, requests, asked, role)
                else:
                    keys = await self._at_once(model, requests, asked, role, progress)
            finally:
                purse.close()
        self._say_what_failed(role, asked.failed)
        return Completions(self._path, keys, asked.failed, asked.answered)

    async def _at_once(
        self,
        model: ChatModel,
        requests: Iterable[Request],
        asked: Round,
        role: Role,
        progress: Progress,
    ) -> list[str]:
        async with self._claims(role) as claims:
            feed = Feed(requests, asked.journal, claims, ahead=role.concurrency, done=progress.add)
            policy = Policy(role, Pace(role.concurrency), self._sleep)
            try:
                await asked.at_once(model, feed, policy, window_of(role))
            except AttemptError as error:
                await asked.drain()
                total = progress.total or len(feed.keys)
                raise self._gone(error, len(asked.journal.answered(feed.keys)), total) from error
            finally:
                await feed.close()
                await asked.drain()  # before the claims are given back
            return feed.keys

    async def _in_chunks(
        self, model: BatchModel, requests: Iterable[Request], asked: Round, progress: Progress
    ) -> list[str]:
        listed = list(requests)
        refuse_unscanned(listed)
        keys = [request.key for request in listed]
        calls = dict(zip(keys, listed, strict=True))
        found = asked.journal.answered(list(calls))
        progress.add(len(listed) - len(calls) + len(found))
        try:
            await asked.in_chunks(model, calls, found)
        finally:
            await asked.drain()
        return keys

    async def _in_batches(
        self, model: ChatModel, requests: Iterable[Request], asked: Round, role: Role
    ) -> list[str]:
        api = batch_api_of(model, role.model)
        async with self._claims(role) as claims:
            assert claims is not None
            with BatchBook(self._path, role.model) as book:
                desk = Desk(api, book, claims, role, self._sleep, self._report, window_of(role))
                sent = BatchRound(desk, asked)
                try:
                    await sent.run(requests)
                except AttemptError as error:
                    await asked.drain()
                    answered = len(asked.journal.answered(sent.keys))
                    raise self._gone(error, answered, len(sent.keys)) from error
                finally:
                    await asked.drain()
                return sent.keys

    @asynccontextmanager
    async def _claims(self, role: Role) -> AsyncIterator[Claims | None]:
        """Claims that are kept fresh; None for models that cost nothing to ask twice."""
        if parse_model_name(role.model).kind in MODEL_FREE:
            yield None
            return
        with Claims(self._path) as claims:
            renewing = asyncio.create_task(_renew(claims))
            try:
                yield claims
            finally:
                renewing.cancel()
                with suppress(asyncio.CancelledError):
                    await renewing

    def _say_what_failed(self, role: Role, failed: Mapping[str, Completion]) -> None:
        """A line for each way in which calls ended without an answer, with the first as its example."""
        by_outcome: dict[Outcome, list[Completion]] = defaultdict(list)
        for one in failed.values():
            by_outcome[one.outcome].append(one)
        for outcome, some in by_outcome.items():
            self._report(
                f"{role.model}: {len(some)} calls have no answer ({outcome}), "
                f"the first: {some[0].detail}"
            )

    def _gone(self, error: AttemptError, answered: int, total: int) -> OutsideError:
        return OutsideError(
            f"{error}; {answered} of {total} answers are finished and kept in "
            f"{self._path}; run the same command again to go on"
        )


async def _renew(claims: Claims) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        await asyncio.to_thread(claims.renew)
