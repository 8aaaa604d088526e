"""The journal's pages about batches: what is being sent, what was sent, which calls each holds.

Takes keys and tokens; gives open batches. A batch is on disk, with its calls, before it is sent, and
its id before it is waited for. Knows no provider.

    sending    on its way; whose process ended is looked for at the provider before it is sent again
    sent       the provider has it and its id is known
    collected  its answers are in the journal
    foreign    an id that was looked at and is not ours
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from pullsmith.llm.journal import Journal, in_parts
from pullsmith.llm.owners import is_running, this_process
from pullsmith.llm.protocol import Request


@dataclass(frozen=True)
class OpenBatch:
    """A batch whose answers are not in the journal. ``batch_id`` is empty while it is being sent."""

    token: str
    batch_id: str
    made_at: float
    abandoned: bool  # whoever was sending it has ended


class BatchBook:
    """The batches of one model in a journal; a context manager."""

    def __init__(
        self,
        path: Path,
        model: str,
        *,
        now: Callable[[], float] = time.time,
        runs: Callable[[str], bool | None] = is_running,
    ) -> None:
        """Open the journal at ``path`` on a connection of its own."""
        self._journal = Journal(path)
        self._model = model
        self._now, self._runs = now, runs
        self._owner = this_process()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._journal.close()

    def plan(self, keys: Sequence[str]) -> OpenBatch:
        """Write a new batch of ``keys`` down, which are claimed by this process."""
        token, made_at = secrets.token_hex(8), self._now()
        with self._journal.transaction() as base:
            row = (token, self._model, "", "sending", self._owner, made_at)
            base.execute("INSERT INTO batches VALUES (?,?,?,?,?,?)", row)
            base.executemany("INSERT INTO batch_keys VALUES (?,?)", [(key, token) for key in keys])
            base.executemany("DELETE FROM claims WHERE key = ?", [(key,) for key in keys])
        return OpenBatch(token, "", made_at, abandoned=False)

    def adopt(self, batch: OpenBatch) -> bool:
        """Take over the sending of an abandoned batch; False where another process was quicker."""
        with self._journal.transaction() as base:
            query = "SELECT state, owner FROM batches WHERE token = ?"
            state, owner = base.execute(query, (batch.token,)).fetchone()
            free = state == "sending" and self._is_free(owner)
            if free:
                base.execute(
                    "UPDATE batches SET owner = ? WHERE token = ?", (self._owner, batch.token)
                )
        return bool(free)

    def sent(self, token: str, batch_id: str) -> None:
        """The provider has it."""
        self._set("sent", token, batch_id)

    def foreign(self, token: str, batch_id: str) -> None:
        """``batch_id`` was taken for this batch and is another's: look further."""
        with self._journal.transaction() as base:
            row = (f"foreign-{batch_id}", self._model, batch_id, "foreign", "", self._now())
            base.execute("INSERT OR REPLACE INTO batches VALUES (?,?,?,?,?,?)", row)
            base.execute(
                "UPDATE batches SET state = 'sending', batch_id = '', owner = ? WHERE token = ?",
                (self._owner, token),
            )

    def collected(self, token: str) -> None:
        """Its answers are in the journal; calls without one may be asked again."""
        with self._journal.transaction() as base:
            base.execute("UPDATE batches SET state = 'collected' WHERE token = ?", (token,))
            base.execute("DELETE FROM batch_keys WHERE token = ?", (token,))

    def open(self) -> list[OpenBatch]:
        """The batches that are being sent or were sent, the oldest first."""
        with self._journal.transaction() as base:
            rows = base.execute(
                "SELECT token, batch_id, made_at, state, owner FROM batches "
                "WHERE model = ? AND state IN ('sending', 'sent') ORDER BY made_at, token",
                (self._model,),
            ).fetchall()
        return [
            OpenBatch(token, batch_id, made_at, state == "sending" and self._is_free(owner))
            for token, batch_id, made_at, state, owner in rows
        ]

    def ids(self) -> set[str]:
        """Every id of a batch that is known, ours or not."""
        with self._journal.transaction() as base:
            rows = base.execute("SELECT batch_id FROM batches WHERE batch_id <> ''").fetchall()
        return {batch_id for (batch_id,) in rows}

    def keys(self, token: str) -> list[str]:
        """The calls of an open batch."""
        with self._journal.transaction() as base:
            query = "SELECT key FROM batch_keys WHERE token = ? ORDER BY key"
            return [key for (key,) in base.execute(query, (token,)).fetchall()]

    def requests(self, keys: Sequence[str]) -> dict[str, Request]:
        """The requests of ``keys``, as they were written down."""
        found: dict[str, Request] = {}
        with self._journal.transaction() as base:
            for some in in_parts(keys):
                marks = ",".join("?" * len(some))
                query = f"SELECT key, request_json FROM requests WHERE key IN ({marks})"
                for key, text in base.execute(query, some):
                    found[key] = Request.model_validate_json(text)
        return found

    def _is_free(self, owner: str) -> bool:
        """Whether nobody else is at it. Where nobody can know, somebody may be."""
        return owner == self._owner or self._runs(owner) is False

    def _set(self, state: str, token: str, batch_id: str) -> None:
        with self._journal.transaction() as base:
            base.execute(
                "UPDATE batches SET state = ?, batch_id = ? WHERE token = ?",
                (state, batch_id, token),
            )
