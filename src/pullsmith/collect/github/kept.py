"""What was fetched, on disk, from the moment it was whole: nothing is asked for twice.

One SQLite file a repository, in WAL mode, so that kill -9 leaves the last commit:

    facts      name, value           what was found out once: the repository's name, how far the list is read
    responses  key, etag, …, body    whole answers, by address and form; the body is deflated
    listed     number, merged_at     closed pull requests that the list has shown; '' where not merged
    queue      position, number      the merged ones, in the order they are read in; never changed
    items      key, outcome          finished pull requests, as JSON
    taken      id, number            which pull request a record's id went to

Holds no token and no header but the ETag. Knows nothing of GitHub.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pullsmith.errors import OutsideError, RunFolderError

VERSION = 1
WAIT_SECONDS = 60.0
_SCHEMA = (
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE responses (key TEXT PRIMARY KEY, etag TEXT NOT NULL, more INTEGER, body BLOB NOT NULL)",
    "CREATE TABLE listed (number INTEGER PRIMARY KEY, merged_at TEXT NOT NULL)",
    "CREATE TABLE queue (position INTEGER PRIMARY KEY, number INTEGER NOT NULL UNIQUE)",
    "CREATE TABLE items (key TEXT PRIMARY KEY, kind TEXT NOT NULL, outcome BLOB NOT NULL)",
    "CREATE TABLE taken (id TEXT PRIMARY KEY, number INTEGER NOT NULL)",
    f"PRAGMA user_version = {VERSION}",
)


@dataclass(frozen=True)
class Response:
    """A whole answer; ``more`` says whether a page follows, None where the server does not say."""

    body: bytes
    etag: str
    more: bool | None


class Kept:
    """The open file; a context manager. Made where there is none.

    Raises RunFolderError for a file of another version, OutsideError when the disk fails.
    """

    def __init__(self, path: Path) -> None:
        """Open ``path``; its folder must exist."""
        self.path = path
        self._base = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._base.close()
            raise RunFolderError(
                f"{path}: cannot be read: {error}; delete it and run again"
            ) from error
        except BaseException:
            self._base.close()
            raise

    def _prepare(self) -> None:
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = NORMAL")
        with self.transaction():
            (found,) = self._base.execute("PRAGMA user_version").fetchone()
            for statement in _SCHEMA if found == 0 else ():
                self._base.execute(statement)
        if found not in (0, VERSION):
            raise RunFolderError(
                f"{self.path}: version {found}, expected {VERSION}; delete it and run again"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written within, or nothing."""
        try:
            self._base.execute("BEGIN IMMEDIATE")
            yield
            self._base.execute("COMMIT")
        except BaseException as error:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise OutsideError(
                    f"{self.path}: cannot be written: {error}; make room and run again to go on"
                ) from error
            raise

    # ── facts ──
    def fact(self, name: str) -> str | None:
        """What is known under that name."""
        row = self._base.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def learn(self, name: str, value: str) -> None:
        """Know it from now on."""
        self._base.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    # ── responses ──
    def response(self, key: str) -> Response | None:
        """The answer kept for that address."""
        row = self._base.execute(
            "SELECT body, etag, more FROM responses WHERE key = ?", (key,)
        ).fetchone()
        if row is None:
            return None
        return Response(zlib.decompress(row[0]), row[1], None if row[2] is None else bool(row[2]))

    def keep_response(self, key: str, response: Response) -> None:
        """Keep it, instead of an older one."""
        row = (key, response.etag, response.more, zlib.compress(response.body, 3))
        with self.transaction():
            self._base.execute("INSERT OR REPLACE INTO responses VALUES (?, ?, ?, ?)", row)

    # ── the list ──
    def list_closed(self, rows: Sequence[tuple[int, str]]) -> None:
        """(number, merged_at) of pull requests the list has shown; a number counts once."""
        self._base.executemany("INSERT OR IGNORE INTO listed VALUES (?, ?)", rows)

    def is_listed(self, number: int) -> bool:
        """Whether the list has shown it."""
        query = "SELECT 1 FROM listed WHERE number = ?"
        return self._base.execute(query, (number,)).fetchone() is not None

    def settled(self, above: str) -> int:
        """How many are merged later than ``above``, an hour as GitHub writes it."""
        (count,) = self._base.execute(
            "SELECT COUNT(*) FROM listed WHERE merged_at > ?", (above,)
        ).fetchone()
        return int(count)

    def queue_settled(self, above: str) -> None:
        """Put those that are not there yet behind the queue, the newest merge first."""
        self._base.execute(
            "INSERT INTO queue (number) SELECT number FROM listed WHERE merged_at > ? "
            "AND number NOT IN (SELECT number FROM queue) ORDER BY merged_at DESC, number DESC",
            (above,),
        )

    def queued(self, after: int, count: int) -> list[tuple[int, int, str]]:
        """(position, number, merged_at) of the next ones in the queue."""
        return self._base.execute(
            "SELECT position, queue.number, merged_at FROM queue JOIN listed USING (number) "
            "WHERE position > ? ORDER BY position LIMIT ?",
            (after, count),
        ).fetchall()

    def queue_length(self) -> int:
        """How many there are in the queue."""
        return int(self._base.execute("SELECT COUNT(*) FROM queue").fetchone()[0])

    # ── items ──
    def item(self, key: str) -> tuple[str, bytes] | None:
        """(kind, JSON) of a finished item."""
        row = self._base.execute("SELECT kind, outcome FROM items WHERE key = ?", (key,)).fetchone()
        return None if row is None else (row[0], zlib.decompress(row[1]))

    def finish_item(self, key: str, kind: str, outcome: str) -> None:
        """Keep a finished item; the first one stays."""
        row = (key, kind, zlib.compress(outcome.encode(), 3))
        with self.transaction():
            self._base.execute("INSERT OR IGNORE INTO items VALUES (?, ?, ?)", row)

    def take(self, record_id: str, number: int) -> int:
        """The pull request that has this id: the first that asked for it."""
        with self.transaction():
            self._base.execute("INSERT OR IGNORE INTO taken VALUES (?, ?)", (record_id, number))
        row = self._base.execute("SELECT number FROM taken WHERE id = ?", (record_id,)).fetchone()
        return int(row[0])
