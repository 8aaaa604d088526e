"""Claims: which process is asking what, so that two on one journal never pay for the same answer.

Takes keys; gives those that this process may ask now. A claim ends with its answer, with its
process, or with its lease where nobody can know whether the process still runs. Knows no request.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from pullsmith.llm.journal import Journal, in_parts
from pullsmith.llm.owners import is_running, this_process

LEASE_SECONDS = 120.0
RENEW_SECONDS = 20.0


@dataclass(frozen=True)
class Taken:
    """What became of some keys: ours to ask, in a batch that was sent, or another process's."""

    ours: list[str]
    in_batches: list[str]
    others: list[str]


class Claims:
    """The claims of one process, on a connection of its own; a context manager that gives them back.

    ``now`` is the clock of the leases, ``runs`` says whether an owner still runs.
    """

    def __init__(
        self,
        path: Path,
        *,
        owner: str = "",
        now: Callable[[], float] = time.time,
        runs: Callable[[str], bool | None] = is_running,
    ) -> None:
        """Open the journal at ``path``."""
        # A claim need not outlive a power cut: nobody asks any more then.
        self._journal = Journal(path, durable=False)
        self.owner = owner or this_process()
        self._now = now
        self._runs = runs
        self._lock = Lock()  # taking and renewing come from different threads

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def take(self, keys: Sequence[str]) -> Taken:
        """Claim those ``keys`` that have no answer and are nobody's; answered ones are in no list."""
        taken = Taken([], [], [])
        with self._lock, self._journal.transaction() as base:
            for some in in_parts(keys):
                answered = _among(base, "completions", some)
                batched = _among(base, "batch_keys", some)
                held = self._held(base, some)
                for key in some:
                    if key not in answered:
                        left = taken.others if key in held else taken.ours
                        (taken.in_batches if key in batched else left).append(key)
            lease = self._now() + LEASE_SECONDS
            base.executemany(
                "INSERT OR REPLACE INTO claims VALUES (?,?,?)",
                [(key, self.owner, lease) for key in taken.ours],
            )
        return taken

    def renew(self) -> None:
        """Make all claims of this process last a lease from now, and what it reserved."""
        with self._lock, self._journal.transaction() as base:
            until = self._now() + LEASE_SECONDS
            base.execute("UPDATE claims SET until = ? WHERE owner = ?", (until, self.owner))
            base.execute("UPDATE reservations SET until = ? WHERE owner = ?", (until, self.owner))

    def give_back(self, keys: Sequence[str]) -> None:
        """Let others ask ``keys``: they were given up here."""
        with self._lock, self._journal.transaction() as base:
            base.executemany(
                "DELETE FROM claims WHERE key = ? AND owner = ?",
                [(key, self.owner) for key in keys],
            )

    def close(self) -> None:
        """Give back all claims and the file."""
        try:
            with self._lock, self._journal.transaction() as base:
                base.execute("DELETE FROM claims WHERE owner = ?", (self.owner,))
        finally:
            self._journal.close()

    def _held(self, base: sqlite3.Connection, keys: Sequence[str]) -> set[str]:
        query = f"SELECT key, owner, until FROM claims WHERE key IN ({_marks(keys)})"
        rows = base.execute(query, keys).fetchall()
        return {k for k, owner, until in rows if owner != self.owner and self._holds(owner, until)}

    def _holds(self, owner: str, until: float) -> bool:
        runs = self._runs(owner)
        return until > self._now() if runs is None else runs


def _marks(keys: Sequence[str]) -> str:
    return ",".join("?" * len(keys))


def _among(base: sqlite3.Connection, table: str, keys: Sequence[str]) -> set[str]:
    """Those of ``keys`` that ``table`` has."""
    query = f"SELECT key FROM {table} WHERE key IN ({_marks(keys)})"
    return {key for (key,) in base.execute(query, keys)}
