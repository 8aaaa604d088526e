"""Group commits: few transactions for many calls, and every caller learns how its entry fared."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from pullsmith.errors import OutsideError
from pullsmith.llm.group_commit import GroupCommit
from pullsmith.llm.journal import Entry, Journal
from pullsmith.llm.protocol import Completion
from pullsmith.records import Outcome

DONE = Completion(outcome=Outcome.OK, text="x")
KEYS = [f"k{number}" for number in range(50)]


class Counting(Journal):
    """A journal that counts its transactions, and whose disk fails on command."""

    def __init__(self, path: Path, *, fails: bool = False) -> None:
        super().__init__(path)
        self.groups: list[int] = []
        self._fails = fails

    def write(self, entries: Sequence[Entry]) -> None:
        self.groups.append(len(entries))
        if self._fails:
            raise OutsideError("the disk is gone")
        super().write(entries)


def test_many_entries_at_once_are_few_transactions(tmp_path: Path) -> None:
    async def kept(journal: Journal) -> None:
        writer = GroupCommit(journal)
        writer.note(Entry("noted", DONE))
        await asyncio.gather(*(writer.keep(Entry(key, DONE)) for key in KEYS))
        assert set(journal.find(KEYS)) == set(KEYS)  # on disk before the callers went on
        await writer.drain()

    with Counting(tmp_path / "j") as journal:
        asyncio.run(kept(journal))
        assert journal.groups == [51]
        assert journal.find(["noted"])


def test_a_caller_that_is_cancelled_loses_nothing(tmp_path: Path) -> None:
    async def kept(journal: Journal) -> None:
        writer = GroupCommit(journal)
        calls = [asyncio.create_task(writer.keep(Entry(key, DONE))) for key in KEYS]
        await asyncio.sleep(0)
        for call in calls[::2]:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await writer.drain()

    with Journal(tmp_path / "j") as journal:
        asyncio.run(kept(journal))
        assert set(journal.find(KEYS)) == set(KEYS)


def test_what_was_only_noted_is_there_after_the_end(tmp_path: Path) -> None:
    async def noted(journal: Journal) -> None:
        writer = GroupCommit(journal)
        writer.note(Entry("k", DONE))
        await writer.drain()
        await writer.drain()

    with Journal(tmp_path / "j") as journal:
        asyncio.run(noted(journal))
        assert journal.find(["k"])


def test_every_caller_learns_that_the_disk_failed(tmp_path: Path) -> None:
    async def kept(journal: Journal) -> list[BaseException | None]:
        writer = GroupCommit(journal)
        calls = (writer.keep(Entry(key, DONE)) for key in KEYS)
        return await asyncio.gather(*calls, return_exceptions=True)

    with Counting(tmp_path / "j", fails=True) as journal:
        outcomes = asyncio.run(kept(journal))
    assert len(outcomes) == len(KEYS)
    for outcome in outcomes:
        with pytest.raises(OutsideError, match="the disk is gone"):
            raise outcome or AssertionError("no error")
