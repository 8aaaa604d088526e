"""The journal: every request and every completion of a run, kept from the moment it is there.

Takes requests, faults and completions in groups, a transaction each; gives completions by key.
Knows no model and no retry. The file is SQLite in WAL mode and may be read by anyone:

    requests     key, model, checkpoint, sample, asked_at, request_json     when a call starts
    faults       key, fault, found, at                                      each attempt that failed
    completions  key, outcome, arrived_at, completion_json                  the answer; never replaced
    PRAGMA user_version is the version of this schema.

``key`` is Request.key: all that changes the answer. Two processes may share a journal: writers wait
for each other, and the first completion of a key stays.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pullsmith.errors import OutsideError, RunFolderError
from pullsmith.llm.protocol import AttemptError, Completion, Request

JOURNAL_VERSION = 1
WAIT_SECONDS = 60.0  # for another process that is writing
_KEYS_PER_QUERY = 500
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS requests (
        key TEXT PRIMARY KEY, model TEXT NOT NULL, checkpoint TEXT NOT NULL,
        sample INTEGER NOT NULL, asked_at TEXT NOT NULL, request_json TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS faults (
        key TEXT NOT NULL, fault TEXT NOT NULL, found TEXT NOT NULL, at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS completions (
        key TEXT PRIMARY KEY, outcome TEXT NOT NULL, arrived_at TEXT NOT NULL,
        completion_json TEXT NOT NULL)""",
    f"PRAGMA user_version = {JOURNAL_VERSION}",
)


@dataclass(frozen=True)
class Entry:
    """One thing that happened to a call: it started, an attempt failed, or it ended."""

    key: str
    what: Request | AttemptError | Completion


class Journal:
    """An open journal; a context manager. Made where there is none.

    Raises RunFolderError for a file that is no journal of this version, OutsideError when the disk
    fails; what was committed before stays readable.
    """

    def __init__(self, path: Path) -> None:
        """Open ``path``; its folder must exist."""
        self.path = path
        try:
            # The writer commits in a worker thread, one commit at a time.
            self._base = sqlite3.connect(
                path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            raise RunFolderError(f"{path}: the journal cannot be opened: {error}") from error
        try:
            self._prepare()
        except BaseException:
            self._base.close()
            raise

    def _prepare(self) -> None:
        try:
            self._base.execute("PRAGMA journal_mode = WAL")
            # FULL: an answer that was paid for survives a power cut, too.
            self._base.execute("PRAGMA synchronous = FULL")
            with self._transaction():
                (found,) = self._base.execute("PRAGMA user_version").fetchone()
                if found == 0:
                    for statement in _SCHEMA:
                        self._base.execute(statement)
        except sqlite3.DatabaseError as error:
            raise RunFolderError(f"{self.path}: is no usable journal: {error}") from error
        if found not in (0, JOURNAL_VERSION):
            raise RunFolderError(
                f"{self.path}: journal version {found}, expected {JOURNAL_VERSION}; use the "
                "pullsmith that wrote it, or another run folder with runs=FOLDER"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back; closing twice is harmless."""
        self._base.close()

    def find(self, keys: Sequence[str]) -> dict[str, Completion]:
        """The completions of those ``keys`` that have one."""
        found: dict[str, Completion] = {}
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            some = keys[start : start + _KEYS_PER_QUERY]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, completion_json FROM completions WHERE key IN ({marks})"
            for key, text in self._base.execute(query, some):
                found[key] = Completion.model_validate_json(text)
        return found

    def write(self, entries: Sequence[Entry]) -> None:
        """Commit ``entries`` in one transaction; raises OutsideError when the disk does not take it."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            with self._transaction():
                for entry in entries:
                    self._write_one(entry, now)
        except sqlite3.DatabaseError as error:
            raise OutsideError(
                f"{self.path}: the journal cannot be written: {error}; what it holds stays "
                "readable; make room and run the same command again to go on"
            ) from error

    def _write_one(self, entry: Entry, now: str) -> None:
        key, what = entry.key, entry.what
        if isinstance(what, Request):
            row = (key, what.model, what.checkpoint, what.sample, now)
            text = what.model_dump_json(exclude_defaults=True)
            self._base.execute("INSERT OR IGNORE INTO requests VALUES (?,?,?,?,?,?)", (*row, text))
        elif isinstance(what, AttemptError):
            self._base.execute(
                "INSERT INTO faults VALUES (?,?,?,?)", (key, what.fault, what.found, now)
            )
        else:
            text = what.model_dump_json(exclude_defaults=True)
            self._base.execute(
                "INSERT OR IGNORE INTO completions VALUES (?,?,?,?)",
                (key, what.outcome, now, text),
            )

    def read(self) -> Iterator[tuple[Request, Completion | None]]:
        """Every request with its completion, by key; None where it was asked but not answered."""
        query = (
            "SELECT request_json, completion_json FROM requests LEFT JOIN completions USING (key) "
            "ORDER BY key"
        )
        for request, completion in self._base.execute(query):
            answer = Completion.model_validate_json(completion) if completion else None
            yield Request.model_validate_json(request), answer

    def faults(self) -> dict[str, int]:
        """How many attempts failed, by fault."""
        query = "SELECT fault, COUNT(*) FROM faults GROUP BY fault ORDER BY fault"
        return dict(self._base.execute(query).fetchall())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE: a reader that turns into a writer could not wait for another writer.
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._base.in_transaction:  # a full disk has rolled it back already
                self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")
