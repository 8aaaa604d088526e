"""From what a person typed to a ranked list: fetch, read, rank, and say what is missing.

Files are read beside each other, each by itself, so that one that is broken costs only itself.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.discover.events import CREATE, FileRead, FileState, read_events
from pullsmith.discover.fetch import fetch, http_client
from pullsmith.discover.hour_files import HourFile, hour_files, hour_name, missing_hours, spans
from pullsmith.discover.ranking import Counts, RankedRepository, rank
from pullsmith.errors import MissingExtraError, OutsideError, SourceError
from pullsmith.records import Record

if TYPE_CHECKING:
    import duckdb
    import httpx


@dataclass(frozen=True)
class Wanted:
    """What the list should hold."""

    min_merged: int = 1
    top: int = 100


@dataclass(frozen=True)
class Machine:
    """What may be used: threads, each with a file of its own, and DuckDB's memory."""

    threads: int = 2
    memory_mb: int = 1024


class Discovered(Record):
    """The ranked list, and how whole what it was made from is."""

    schema_version: int = 1
    repositories: tuple[RankedRepository, ...]
    counts: Counts
    files: tuple[FileRead, ...]
    missing_hours: tuple[str, ...]  # between the first and the last; runs as "first to last (n)"


def discover(
    arguments: Sequence[str],
    *,
    wanted: Wanted = Wanted(),
    machine: Machine = Machine(),
    report: Callable[[FileRead], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Discovered:
    """Read every file and rank the repositories; ``report`` gets each file as it is done.

    Raises SourceError where no file gave an event, or OutsideError where one of those could not be
    fetched; MissingExtraError without DuckDB.
    """
    files = hour_files(arguments)
    with tempfile.TemporaryDirectory(prefix="pullsmith-discover-") as scratch:
        folder = Path(scratch)
        with _connect(folder, machine) as connection:
            connection.execute(CREATE)
            with http_client() as client, ThreadPoolExecutor(machine.threads) as pool:
                reader = _Reader(connection, client, folder, sleep)
                reads = []
                for read in pool.map(reader.read, files, range(len(files))):
                    report(read)
                    reads.append(read)
            _check(reads)
            ranked, counts = rank(connection, min_merged=wanted.min_merged, top=wanted.top)
    return Discovered(
        repositories=ranked,
        counts=counts,
        files=tuple(reads),
        missing_hours=tuple(spans(missing_hours(*_hours(files, reads)))),
    )


def _hours(
    files: Sequence[HourFile], reads: Sequence[FileRead]
) -> tuple[list[datetime], list[datetime]]:
    """The hours asked for, and those that gave events."""
    named = [(file.hour, read) for file, read in zip(files, reads, strict=True) if file.hour]
    return [hour for hour, _ in named], [hour for hour, read in named if read.usable]


@dataclass(frozen=True)
class _Reader:
    """Fetches and reads one file; may be called from several threads."""

    connection: duckdb.DuckDBPyConnection
    client: httpx.Client
    folder: Path
    sleep: Callable[[float], None]

    def read(self, file: HourFile, number: int) -> FileRead:
        """What the file gave, under its name; its copy, where it had to be fetched, is gone again."""
        hour = hour_name(file.hour) if file.hour else ""
        found = self._read(file, number)
        return found.model_copy(update={"name": file.name, "hour": hour})

    def _read(self, file: HourFile, number: int) -> FileRead:
        path = file.path or self.folder / f"{number}.fetched"
        try:
            if file.url:
                fetch(self.client, file.url, path, sleep=self.sleep)
            with self.connection.cursor() as cursor:
                return read_events(cursor, path, number=number, folder=self.folder)
        except OutsideError as error:
            return FileRead(name="", state=FileState.NOT_FETCHED, detail=str(error))
        finally:
            if file.url:
                path.unlink(missing_ok=True)


def _connect(folder: Path, machine: Machine) -> duckdb.DuckDBPyConnection:
    """A data base of its own on disk: it spills where memory ends, and loads nothing from anywhere."""
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtraError(
            "discover needs duckdb: pip install 'pullsmith[discover]'"
        ) from error
    return duckdb.connect(
        folder / "events.duckdb",
        config={
            "threads": machine.threads,
            "memory_limit": f"{machine.memory_mb}MB",
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )


def _check(reads: Sequence[FileRead]) -> None:
    """Refuse to rank nothing: an empty list would look like an answer."""
    if any(read.usable for read in reads):
        return
    named = "; ".join(f"{read.name}: {read.state}, {read.detail}" for read in reads[:3])
    more = f"; and {len(reads) - 3} more" if len(reads) > 3 else ""
    message = f"no hour file could be read: {named}{more}"
    if any(read.state is FileState.NOT_FETCHED for read in reads):
        raise OutsideError(f"{message}; run the same command again when the server answers")
    raise SourceError(message)
