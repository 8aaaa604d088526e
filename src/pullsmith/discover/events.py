"""The pull-request events of one hour file, put into a DuckDB table.

Takes a file, gives what could be read of it, counted. A file that is damaged, another schema's or
no archive at all is named, with its reason, and never ends the run.

What an event says changed twice. Before 2015 there was another schema, without event ids: such
files are refused. Until 7 October 2025 a ``closed`` event said whether the pull request was
``merged`` and whose it was. Since then the payload is cut: a merge is an action of its own,
``merged``, and the author is known only from an ``opened`` event. A ``closed`` event that does not
say is "not merged" in a file that knows the action ``merged``, and unknown in one that does not.
"""

from __future__ import annotations

import gzip
import zlib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.records import Record

if TYPE_CHECKING:
    import duckdb

LONGEST_LINE_BYTES = 1 << 24
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 16


class FileState(StrEnum):
    """How reading a file ended. READ and PARTIAL gave events."""

    READ = "read"
    PARTIAL = "partial"  # damaged or cut off: what came before was read
    EMPTY = "empty"
    HTML = "html"
    NO_EVENTS = "no_events"  # not one line is an event
    BEFORE_2015 = "before_2015"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    NOT_FETCHED = "not_fetched"


class FileRead(Record):
    """What was read of one file. ``hour`` is as GH Archive writes it, empty where the name holds none."""

    name: str
    hour: str = ""
    state: FileState
    detail: str = ""
    lines: int = 0
    pull_request_events: int = 0
    broken_lines: int = 0  # no JSON, or no event
    incomplete_events: int = 0  # about a pull request, but not of which one, or whose

    @property
    def usable(self) -> bool:
        """Whether it gave events."""
        return self.state in (FileState.READ, FileState.PARTIAL)


CREATE = """
CREATE TABLE events (
    file INTEGER, id VARCHAR, created_at VARCHAR, kind VARCHAR, repo_id UBIGINT, repo_name VARCHAR,
    number UBIGINT, actor VARCHAR, author VARCHAR, closed BOOLEAN, merged BOOLEAN, branch VARCHAR,
    bot_account VARCHAR
)
"""
# Only the fields that are needed, and of types given here: no guessing from the first lines.
_COLUMNS = """{
    id: 'VARCHAR', type: 'VARCHAR', created_at: 'VARCHAR', actor: 'STRUCT(login VARCHAR)',
    repo: 'STRUCT(id UBIGINT, name VARCHAR)',
    payload: 'STRUCT("action" VARCHAR, "number" UBIGINT, pull_request STRUCT("number" UBIGINT, merged BOOLEAN,
              merged_at VARCHAR, "user" STRUCT(login VARCHAR, "type" VARCHAR), head STRUCT("ref" VARCHAR)))'
}"""
# A line that is no JSON object comes as a row of nothing; one of the old schema has a type and no id.
_READ = f"""
CREATE OR REPLACE TEMP TABLE hour AS
WITH lines AS (
    SELECT *, payload.pull_request AS pull, payload."action" AS act,
        CASE type WHEN 'PullRequestEvent' THEN 'pull_request'
                  WHEN 'PullRequestReviewEvent' THEN 'review'
                  WHEN 'PullRequestReviewCommentEvent' THEN 'comment' END AS kind
    FROM read_json(?, format = 'newline_delimited', columns = {_COLUMNS}, auto_detect = false,
                   ignore_errors = true, compression = ?, maximum_object_size = {LONGEST_LINE_BYTES})
)
SELECT
    type IS NULL AS broken,
    type IS NOT NULL AND id IS NULL AS old,
    kind,
    coalesce(payload."number", pull."number") IS NOT NULL AND actor.login <> '' AND repo.id IS NOT NULL
        AND repo.name <> '' AND created_at <> '' AS complete,
    CASE WHEN kind IS NOT NULL THEN id END AS id,
    CASE WHEN kind IS NOT NULL THEN created_at END AS created_at,
    CASE WHEN kind IS NOT NULL THEN repo.id END AS repo_id,
    CASE WHEN kind IS NOT NULL THEN repo.name END AS repo_name,
    CASE WHEN kind IS NOT NULL THEN coalesce(payload."number", pull."number") END AS "number",
    CASE WHEN kind IS NOT NULL THEN actor.login END AS actor,
    CASE WHEN kind IS NOT NULL THEN coalesce(
        pull."user".login, CASE WHEN kind = 'pull_request' AND act = 'opened' THEN actor.login END
    ) END AS author,
    kind = 'pull_request' AND act IN ('closed', 'merged') AS closed,
    kind = 'pull_request' AND act = 'merged' AS merge_action,
    CASE WHEN kind = 'pull_request' AND act = 'merged' THEN true
         WHEN kind = 'pull_request' AND act = 'closed'
         THEN CASE WHEN pull.merged_at IS NOT NULL THEN true ELSE pull.merged END END AS merged,
    CASE WHEN kind IS NOT NULL THEN pull.head."ref" END AS branch,
    CASE WHEN pull."user"."type" = 'Bot' THEN pull."user".login END AS bot_account
FROM lines
"""
_COUNT = """
SELECT count(*), count(*) FILTER (broken), count(*) FILTER (old),
    count(*) FILTER (kind IS NOT NULL AND complete IS TRUE AND NOT old),
    count(*) FILTER (kind IS NOT NULL AND complete IS NOT TRUE AND NOT old)
FROM hour
"""
_KEEP = """
INSERT INTO events
SELECT ?, id, created_at, kind, repo_id, repo_name, number, actor, author, closed,
    CASE WHEN closed AND merged IS NULL AND (SELECT bool_or(merge_action) FROM hour) THEN false ELSE merged END,
    branch, bot_account
FROM hour WHERE kind IS NOT NULL AND complete IS TRUE AND NOT old
"""


def read_events(
    cursor: duckdb.DuckDBPyConnection, path: Path, *, number: int, folder: Path
) -> FileRead:
    """Put the file's pull-request events into ``events``; ``number`` is the file's, ``folder`` scratch.

    The result's name and hour are left to the caller. Raises nothing about the file's content.
    """
    try:
        with path.open("rb") as handle:
            start = handle.read(_PIECE)
    except FileNotFoundError:
        return FileRead(name="", state=FileState.MISSING, detail="no such file")
    except OSError as error:
        return FileRead(name="", state=FileState.UNREADABLE, detail=str(error.strerror))
    refused = _no_archive(start)
    if refused is not None:
        return refused
    return _read(cursor, path, number=number, folder=folder, zipped=start.startswith(_GZIP))


def _read(
    cursor: duckdb.DuckDBPyConnection, path: Path, *, number: int, folder: Path, zipped: bool
) -> FileRead:
    import duckdb

    # A name of our own: DuckDB would read a pattern, or an address, into what a file may be called.
    alias = folder / f"{number}.json"
    alias.unlink(missing_ok=True)
    alias.symlink_to(path.absolute())
    try:
        cursor.execute(_READ, [str(alias), "gzip" if zipped else "none"])
        damage = _damage(path) if zipped and _any_broken(cursor) else ""
        if not damage:
            return _keep(cursor, number)
    except duckdb.IOException as error:
        damage = str(error).removeprefix("IO Error: ").replace(f": {alias}", "").splitlines()[0]
    except duckdb.Error as error:
        return FileRead(name="", state=FileState.UNREADABLE, detail=str(error).splitlines()[0])
    finally:
        alias.unlink(missing_ok=True)
    return _salvage(
        cursor, path, number=number, whole=folder / f"{number}.whole.json", damage=damage
    )


def _any_broken(cursor: duckdb.DuckDBPyConnection) -> bool:
    return bool(cursor.execute("SELECT bool_or(broken) FROM hour").fetchone() == (True,))


def _damage(path: Path) -> str:
    """What is wrong with a zipped file as a whole; empty where its checksum is right.

    DuckDB does not look at checksums: flipped bytes make it stop early, at a line it then calls
    broken. So only files with such lines are unzipped once more.
    """
    try:
        with gzip.open(path, "rb") as source:
            while source.read(_PIECE):
                pass
    except (EOFError, OSError, zlib.error) as error:
        return f"damaged gzip: {error}"
    return ""


def _salvage(
    cursor: duckdb.DuckDBPyConnection, path: Path, *, number: int, whole: Path, damage: str
) -> FileRead:
    """The whole lines before the damage; DuckDB gives a damaged file up altogether."""
    try:
        if not _whole_lines(path, whole):
            return FileRead(name="", state=FileState.UNREADABLE, detail=damage)
        cursor.execute(_READ, [str(whole), "none"])
        found = _keep(cursor, number)
    finally:
        whole.unlink(missing_ok=True)
    if not found.usable:
        return found
    detail = f"{damage}; the {found.lines} lines before that were read"
    return found.model_copy(update={"state": FileState.PARTIAL, "detail": detail})


def _whole_lines(path: Path, into: Path) -> int:
    """Write what can be unzipped, up to its last line end; returns how many bytes."""
    with gzip.open(path, "rb") as source, into.open("wb") as sink:
        try:
            while piece := source.read1(_PIECE):
                sink.write(piece)
        except (EOFError, OSError, zlib.error):
            pass  # the damage itself: what came before it has been written
    with into.open("rb+") as handle:
        end = _after_last_line(handle.seek(0, 2), into)
        handle.truncate(end)
    return end


def _after_last_line(size: int, path: Path) -> int:
    with path.open("rb") as handle:
        while size > 0:
            start = max(0, size - _PIECE)
            handle.seek(start)
            found = handle.read(size - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            size = start
    return 0


def _keep(cursor: duckdb.DuckDBPyConnection, number: int) -> FileRead:
    counted = cursor.execute(_COUNT).fetchone()
    lines, broken, old, good, incomplete = counted or (0, 0, 0, 0, 0)
    if lines and old == lines - broken and old:
        detail = "events before 2015 have no id and another schema; use hours from 2015 on"
        return FileRead(name="", state=FileState.BEFORE_2015, detail=detail, lines=lines)
    if not lines:
        return FileRead(name="", state=FileState.EMPTY, detail="no line in it")
    if broken == lines:
        detail = f"none of the {lines} lines is an event"
        return FileRead(
            name="", state=FileState.NO_EVENTS, detail=detail, lines=lines, broken_lines=broken
        )
    cursor.execute(_KEEP, [number])
    return FileRead(
        name="", state=FileState.READ, lines=lines, pull_request_events=good,
        broken_lines=broken + old, incomplete_events=incomplete,
    )  # fmt: skip


def _no_archive(start: bytes) -> FileRead | None:
    """Why the first bytes are no hour file's; None where they may be."""
    if not start:
        return FileRead(name="", state=FileState.EMPTY, detail="no byte in it")
    text = start
    if start.startswith(_GZIP):
        unzip = zlib.decompressobj(wbits=31)
        try:
            text = unzip.decompress(start, _PIECE)
        except zlib.error as error:
            return FileRead(name="", state=FileState.UNREADABLE, detail=f"damaged gzip: {error}")
    if text.lstrip().startswith(b"<"):
        return FileRead(name="", state=FileState.HTML, detail="an HTML or XML page, not an archive")
    return None
