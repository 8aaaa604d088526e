"""The journal: every request and every completion of a run, kept from the moment it is there.

Takes requests, faults and completions in groups, a transaction each; gives completions by key.
Knows no model and no retry. The file is SQLite in WAL mode and may be read by anyone:

    requests     key, model, checkpoint, sample, asked_at, request_json     when a call starts
    faults       key, fault, found, at                                      each attempt that failed
    completions  key, outcome, arrived_at, completion_json                  the answer; never replaced
    spending     model, answers, input_tokens, output_tokens, cost_usd, unpriced    sums of completions
    claims       key, owner, until                                          who is asking it right now
    reservations owner, usd, until                                          what its calls in flight may cost
    batches      token, model, batch_id, state, owner, made_at              files of calls sent at once
    batch_keys   key, token                                                 what open batches hold
    PRAGMA user_version is the version of this schema.

``key`` is Request.key: all that changes the answer. Two processes may share a journal: writers wait
for each other, the first completion of a key stays, and claims keep them from asking the same.
Version 1 had no sums, claims and batches, version 2 no reservations; they are brought up to date
when they are opened.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Self

from pullsmith.errors import OutsideError, RunFolderError
from pullsmith.llm.protocol import AttemptError, Completion, Request
from pullsmith.llm.timing import Timed

JOURNAL_VERSION = 3
_OLD_VERSIONS = (0, 1, 2)  # 0 is a new file
_SUMS_SINCE = 2
WAIT_SECONDS = 60.0  # for another process that is writing
# Those of this process wait for each other here: SQLite would sleep 25 ms and more between two looks.
_WRITING = Lock()
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
    """CREATE TABLE IF NOT EXISTS spending (
        model TEXT PRIMARY KEY, answers INTEGER NOT NULL, input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, unpriced INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS claims (
        key TEXT PRIMARY KEY, owner TEXT NOT NULL, until REAL NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS reservations (
        owner TEXT PRIMARY KEY, usd REAL NOT NULL, until REAL NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS batches (
        token TEXT PRIMARY KEY, model TEXT NOT NULL, batch_id TEXT NOT NULL,
        state TEXT NOT NULL, owner TEXT NOT NULL, made_at REAL NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS batch_keys (key TEXT PRIMARY KEY, token TEXT NOT NULL)",
    f"PRAGMA user_version = {JOURNAL_VERSION}",
)


@dataclass(frozen=True)
class Spent:
    """What some answers came to. ``unpriced`` of them have a cost that nobody knows."""

    answers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    unpriced: int = 0

    @classmethod
    def of(cls, one: Completion) -> Spent:
        """What one answer came to."""
        cost = one.cost_usd
        return cls(1, one.input_tokens, one.output_tokens, cost or 0.0, int(cost is None))

    def __add__(self, other: Spent) -> Spent:
        return Spent(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def in_parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """``keys`` in parts that one query takes."""
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        yield keys[start : start + _KEYS_PER_QUERY]


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

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """Open ``path``; its folder must exist. What is not ``durable`` may go in a power cut."""
        self.path = path
        self._durable = durable
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
            self._base.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
            (found,) = self._base.execute("PRAGMA user_version").fetchone()
            if found in _OLD_VERSIONS:
                with self._transaction():
                    (found,) = self._base.execute("PRAGMA user_version").fetchone()
                    if found in _OLD_VERSIONS:
                        self._bring_up_to_date(found)
        except sqlite3.DatabaseError as error:
            raise RunFolderError(f"{self.path}: is no usable journal: {error}") from error
        if found not in (*_OLD_VERSIONS, JOURNAL_VERSION):
            raise RunFolderError(
                f"{self.path}: journal version {found}, expected {JOURNAL_VERSION}; use the "
                "pullsmith that wrote it, or another run folder with runs=FOLDER"
            )

    def _bring_up_to_date(self, version: int) -> None:
        for statement in _SCHEMA:
            self._base.execute(statement)
        if version >= _SUMS_SINCE:
            return
        sums: defaultdict[str, Spent] = defaultdict(Spent)
        query = "SELECT model, completion_json FROM completions LEFT JOIN requests USING (key)"
        for model, text in self._base.execute(query):
            sums[model or ""] += Spent.of(Completion.model_validate_json(text))
        self._add_up(sums)

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
        for some in in_parts(keys):
            marks = ",".join("?" * len(some))
            query = f"SELECT key, completion_json FROM completions WHERE key IN ({marks})"
            for key, text in self._base.execute(query, some):
                found[key] = Completion.model_validate_json(text)
        return found

    def timed(self, keys: Sequence[str]) -> Iterator[Timed]:
        """When the completions of those ``keys`` that have one came, and how long they took."""
        for some in in_parts(keys):
            marks = ",".join("?" * len(some))
            query = f"SELECT arrived_at, completion_json FROM completions WHERE key IN ({marks})"
            for arrived_at, text in self._base.execute(query, some):
                one = Completion.model_validate_json(text)
                ended_at = datetime.fromisoformat(arrived_at).timestamp()
                yield Timed(ended_at, one.latency_seconds, one.output_tokens)

    def answered(self, keys: Sequence[str]) -> set[str]:
        """Those of ``keys`` that have a completion."""
        found: set[str] = set()
        for some in in_parts(keys):
            marks = ",".join("?" * len(some))
            query = f"SELECT key FROM completions WHERE key IN ({marks})"
            found.update(key for (key,) in self._base.execute(query, some))
        return found

    def write(self, entries: Sequence[Entry]) -> None:
        """Commit ``entries`` in one transaction; raises OutsideError when the disk does not take it."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        sums: defaultdict[str, Spent] = defaultdict(Spent)
        try:
            with self._transaction():
                for entry in entries:
                    if self._write_one(entry, now) and isinstance(entry.what, Completion):
                        sums[self._model_of(entry.key)] += Spent.of(entry.what)
                self._add_up(sums)
        except sqlite3.DatabaseError as error:
            raise self._unwritten(error) from error

    def _write_one(self, entry: Entry, now: str) -> bool:
        """Whether it was new."""
        key, what = entry.key, entry.what
        if isinstance(what, Request):
            row = (key, what.model, what.checkpoint, what.sample, now)
            text = what.model_dump_json(exclude_defaults=True)
            done = self._base.execute(
                "INSERT OR IGNORE INTO requests VALUES (?,?,?,?,?,?)", (*row, text)
            )
        elif isinstance(what, AttemptError):
            done = self._base.execute(
                "INSERT INTO faults VALUES (?,?,?,?)", (key, what.fault, what.found, now)
            )
        else:
            text = what.model_dump_json(exclude_defaults=True)
            done = self._base.execute(
                "INSERT OR IGNORE INTO completions VALUES (?,?,?,?)",
                (key, what.outcome, now, text),
            )
            self._base.execute("DELETE FROM claims WHERE key = ?", (key,))
        return done.rowcount > 0

    def _model_of(self, key: str) -> str:
        row = self._base.execute("SELECT model FROM requests WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def _add_up(self, sums: Mapping[str, Spent]) -> None:
        for model, spent in sums.items():
            row = (model, *astuple(spent))
            self._base.execute(
                """INSERT INTO spending VALUES (?,?,?,?,?,?) ON CONFLICT (model) DO UPDATE SET
                answers = answers + excluded.answers,
                input_tokens = input_tokens + excluded.input_tokens,
                output_tokens = output_tokens + excluded.output_tokens,
                cost_usd = cost_usd + excluded.cost_usd,
                unpriced = unpriced + excluded.unpriced""",
                row,
            )

    def spending(self) -> dict[str, Spent]:
        """What all answers of each model came to."""
        rows = self._base.execute("SELECT * FROM spending ORDER BY model").fetchall()
        return {row[0]: Spent(*row[1:]) for row in rows}

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
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction of a caller's own; raises OutsideError when the disk does not take it."""
        try:
            with self._transaction():
                yield self._base
        except sqlite3.DatabaseError as error:
            raise self._unwritten(error) from error

    def _unwritten(self, error: sqlite3.DatabaseError) -> OutsideError:
        return OutsideError(
            f"{self.path}: the journal cannot be written: {error}; what it holds stays "
            "readable; make room and run the same command again to go on"
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _WRITING:
            # IMMEDIATE: a reader that turns into a writer could not wait for another writer.
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._base.in_transaction:  # a full disk has rolled it back already
                    self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")
