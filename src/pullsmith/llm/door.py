"""The one door to models: what the journal has is not asked again; the rest is asked, and kept.

Takes requests and a model; gives their completions in the same order. Bounded concurrency, one
retry policy for all, every answer on disk before anyone sees it. Knows no tool and no contract.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pullsmith.errors import OutsideError, StudyError
from pullsmith.llm.calls import Round
from pullsmith.llm.group_commit import GroupCommit
from pullsmith.llm.journal import Journal
from pullsmith.llm.protocol import AttemptError, BatchModel, ChatModel, Completion, Request
from pullsmith.llm.retry import Sleep
from pullsmith.study.roles import Role


def _silent(message: str) -> None:
    """Report to nobody."""


class Door:
    """Answers from the journal, and from the model where the journal has none."""

    def __init__(
        self,
        journal_path: Path,
        *,
        sleep: Sleep = asyncio.sleep,
        report: Callable[[str], None] = _silent,
    ) -> None:
        """``sleep`` waits between attempts; ``report`` is told how far it is, for a person."""
        self._path = journal_path
        self._sleep = sleep
        self._report = report

    def ask(
        self, model: ChatModel | BatchModel, requests: Sequence[Request], role: Role
    ) -> list[Completion]:
        """``complete_all`` for code that is not async; closes the model at the end."""

        async def asked() -> list[Completion]:
            try:
                return await self.complete_all(model, requests, role)
            finally:
                if not isinstance(model, BatchModel):
                    await model.close()

        return asyncio.run(asked())

    async def complete_all(
        self, model: ChatModel | BatchModel, requests: Sequence[Request], role: Role
    ) -> list[Completion]:
        """One completion a request, in their order; equal requests are asked once.

        Raises StudyError for a request without the scan's mark, before anything is sent, and
        OutsideError when the endpoint is gone; all that was answered is in the journal then.
        A call that fails for itself alone is FAILED, and asked again by the next run.
        """
        _refuse_unscanned(requests)
        keys = [request.key for request in requests]
        calls = dict(zip(keys, requests, strict=True))
        with Journal(self._path) as journal:
            found = journal.find(list(calls))
            writer = GroupCommit(journal)
            progress = _Progress(self._report, role.model, total=len(calls), done=len(found))
            asked = Round(writer, sleep=self._sleep, done=progress.add)
            try:
                if isinstance(model, BatchModel):
                    await asked.in_chunks(model, calls, found)
                else:
                    missing = {key: calls[key] for key in calls if key not in found}
                    await asked.at_once(model, missing, role)
            except AttemptError as error:
                await writer.drain()
                raise self._gone(error, journal, list(calls)) from error
            finally:
                await writer.drain()
            # The first answer on disk counts, also where another process was quicker.
            kept = asked.failed | journal.find(list(calls))
        return [kept[key] for key in keys]

    def _gone(self, error: AttemptError, journal: Journal, keys: Sequence[str]) -> OutsideError:
        return OutsideError(
            f"{error}; {len(journal.find(keys))} of {len(keys)} answers are finished and kept in "
            f"{self._path}; run the same command again to go on"
        )


class _Progress:
    """Says how far it is, ten times a round."""

    def __init__(self, report: Callable[[str], None], name: str, *, total: int, done: int) -> None:
        self._report, self._name = report, name
        self._total, self._done = total, done

    def add(self, count: int) -> None:
        before, self._done = self._done, self._done + count
        if before * 10 // self._total != self._done * 10 // self._total:
            self._report(f"{self._name}: {self._done} of {self._total} answers")


def _refuse_unscanned(requests: Iterable[Request]) -> None:
    for request in requests:
        if request.scan is None:
            subject = request.task.pull_request.id if request.task else request.key
            raise StudyError(
                f"request to {request.model} about {subject}: scan is None, so its text was never "
                "searched for secrets; run select and render again"
            )
