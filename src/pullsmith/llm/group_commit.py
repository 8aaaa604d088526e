"""Group commits: what arrives while one commit runs goes into the next, all of it at once.

Takes journal entries from many calls at a time, gives each caller back when its entry is on disk.
Knows nothing of what the entries mean.
"""

from __future__ import annotations

import asyncio

from pullsmith.errors import OutsideError
from pullsmith.llm.journal import Entry, Journal

GATHER_SECONDS = 0.002  # hardly anything beside a call, and several answers a commit under load


class GroupCommit:
    """The one writer of an open journal in this process; use it inside one event loop."""

    def __init__(self, journal: Journal) -> None:
        """Nothing is written until something is kept."""
        self.journal = journal
        self._waiting: list[Entry] = []
        self._committed: asyncio.Future[None] | None = None
        self._writer: asyncio.Task[None] | None = None

    def note(self, entry: Entry) -> None:
        """Add ``entry`` to the next commit without waiting for it."""
        self._waiting.append(entry)

    async def keep(self, entry: Entry) -> None:
        """Come back when ``entry`` is on disk; raises OutsideError when the disk does not take it."""
        self._waiting.append(entry)
        if self._committed is None:
            self._committed = asyncio.get_running_loop().create_future()
        committed = self._committed
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        # A caller that is cancelled must not cancel the others' commit.
        await asyncio.shield(committed)

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER_SECONDS)
            entries, committed = self._waiting, self._committed
            self._waiting, self._committed = [], None
            try:
                await asyncio.to_thread(self.journal.write, entries)
            except OutsideError as error:
                if committed is not None:
                    committed.set_exception(error)
                    committed.exception()  # callers may be gone; the error is theirs, not asyncio's
            else:
                if committed is not None:
                    committed.set_result(None)

    async def drain(self) -> None:
        """Commit all that is still waiting; called once, when the calls are over."""
        if self._writer is not None:
            await self._writer
        if self._waiting:
            await asyncio.to_thread(self.journal.write, self._waiting)
            self._waiting = []
