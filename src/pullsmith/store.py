"""Run folders: Parquet rows, a manifest written last, nothing half-done under a final name.

    runs/STUDY/STAGE[/CELL]/rows-00000.parquet …   records, sorted by id
    runs/STUDY/STAGE[/CELL]/dropped.parquet        what was not passed on, whole, with its reason
    runs/STUDY/STAGE[/CELL]/manifest.json          counts, digests, versions; written last

Everything is written aside and renamed, so a file that is there is whole. The schema of the rows
is derived from the record's fields, never from the data, so every shard has the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from pullsmith.errors import RunFolderError
from pullsmith.records import SCHEMA_VERSION, Drop, Record
from pullsmith.rows import (
    count_rows,
    drop_repeated,
    merge_tables,
    read_rows,
    read_tables,
    records_of,
    write_rows,
    write_sorted,
    write_tables,
    written_aside,
)
from pullsmith.stored import Stored, read_columns
from pullsmith.tally import Tally

R = TypeVar("R", bound=Record)
ROWS_PER_SHARD = 2000
FAN_IN = 32  # files that are merged at a time: each is open, with some of its rows in memory


class Manifest(BaseModel):
    """What a finished job says about itself. ``measured`` (seconds, cost) is in no digest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = SCHEMA_VERSION
    pullsmith_version: str
    stage: str
    cell: str | None
    settings: dict[str, Any]
    inputs: dict[str, str]  # job -> its output_digest
    tally: Tally
    output_digest: str
    versions: dict[str, str]
    measured: dict[str, float]
    machine: str = ""  # what it ran on, in words; empty in manifests older than this


def of_phase(phase: str, name: str) -> str:
    """What ``measured`` calls a figure that is of one phase of a cell."""
    return f"{phase}.{name}"


@dataclass(frozen=True)
class JobKey:
    """A stage, or one cell of a stage."""

    stage: str
    cell: str | None = None

    def __str__(self) -> str:
        return self.stage if self.cell is None else f"{self.stage}/{self.cell}"


@dataclass(frozen=True)
class Merged(Generic[R]):
    """How many rows a merge wrote, and the records it left out because their id was there before."""

    rows: int
    repeated: tuple[R, ...]


@dataclass(frozen=True)
class JobFolder:
    """The folder of one job."""

    path: Path

    def manifest(self) -> Manifest | None:
        """The manifest, or None while the job is not done; raises RunFolderError on another version."""
        path = self.path / "manifest.json"
        if not path.exists():
            return None
        try:
            return Manifest.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise RunFolderError(
                f"{path}: not a manifest of this version of pullsmith (schema {SCHEMA_VERSION}): "
                f"{error.errors()[0]['msg']}; use the version that made it, or another run folder"
            ) from error

    def shards(self) -> list[Path]:
        """The row files, in order."""
        return sorted(self.path.glob("rows-*.parquet"))

    def read(self, record_type: type[R]) -> Iterator[R]:
        """Every row as a record, by id; an unfinished job has none to give and raises RunFolderError."""
        yield from self.read_from(record_type, "")

    def read_from(self, record_type: type[R], first: str) -> Iterator[R]:
        """As ``read``, from the id ``first`` on; what is before it is not decoded."""
        self._must_be_finished()
        for shard in self.shards():
            yield from read_rows(shard, record_type, first)

    def stored(
        self,
        record_type: type[R],
        *,
        columns: Sequence[str] = (),
        keep: Callable[[Mapping[str, Any]], bool] = lambda _: True,
    ) -> Stored[R]:
        """``read`` for those who look rows up, or go through them often; by id."""
        self._must_be_finished()
        return Stored(self.shards(), record_type, columns=columns, keep=keep)

    def columns(self, *names: str) -> Iterator[dict[str, Any]]:
        """Some columns of every row of a finished job; raises as ``read``."""
        self._must_be_finished()
        yield from read_columns(self.shards(), names)

    def _must_be_finished(self) -> None:
        if self.manifest() is None:
            raise RunFolderError(f"{self.path}: not finished; run the stage before it")

    def drops(self) -> Iterator[Drop]:
        """The dropped rows; none where nothing was dropped."""
        path = self.path / "dropped.parquet"
        if path.exists():
            yield from read_rows(path, Drop)

    def write(self, record_type: type[R], records: Iterable[R]) -> int:
        """Write the rows sorted by id; returns how many. Raises RunFolderError on a repeated id."""
        rows = sorted(records, key=_id_of)
        for one, other in pairwise(rows):
            if _id_of(one) == _id_of(other):
                raise RunFolderError(f"{self.path.name}: two records with the id {_id_of(one)}")
        for number, start in enumerate(range(0, max(len(rows), 1), ROWS_PER_SHARD)):
            shard = self.path / _shard_name(number)
            write_rows(shard, record_type, rows[start : start + ROWS_PER_SHARD])
        return len(rows)

    def merge(self, record_type: type[R], paths: Sequence[Path]) -> Merged[R]:
        """Make the rows out of files that are sorted by id each; of a repeated id the first counts.

        Needs memory for a shard of rows and for some of each of FAN_IN files, not for all. No paths
        give one empty file.
        """
        if len(paths) == 1:
            _link(paths[0], self.path / _shard_name(0))
            return Merged(count_rows(paths[0]), ())
        repeated = list[R]()
        few = self._few(record_type, paths, repeated)
        rows = self.write_tables(record_type, self._each_once(record_type, few, repeated))
        return Merged(rows, tuple(repeated))

    def write_tables(self, record_type: type[R], tables: Iterable[pa.Table]) -> int:
        """Make the rows out of tables that are sorted by id, each and one after the other.

        Returns how many. The files are the same however the rows were cut into tables. Needs
        memory for a shard of rows. No tables give one empty file.
        """
        rows, shards, waiting = 0, 0, list[pa.Table]()
        for table in tables:
            rows += table.num_rows
            waiting.append(table)
            while sum(one.num_rows for one in waiting) >= ROWS_PER_SHARD:
                whole = pa.concat_tables(waiting)
                full, waiting = whole.slice(0, ROWS_PER_SHARD), [whole.slice(ROWS_PER_SHARD)]
                write_tables(self.path / _shard_name(shards), record_type, [full])
                shards += 1
        if any(one.num_rows for one in waiting) or not shards:
            rest = [pa.concat_tables(waiting)] if waiting else []
            write_tables(self.path / _shard_name(shards), record_type, rest)
        return rows

    def _few(
        self, record_type: type[R], paths: Sequence[Path], repeated: list[R]
    ) -> Sequence[Path]:
        """At most FAN_IN files with the rows of all of them; what is repeated is put aside."""
        while len(paths) > FAN_IN:
            groups = [paths[at : at + FAN_IN] for at in range(0, len(paths), FAN_IN)]
            folder = self.work(f"merged-{len(groups)}")
            paths = [folder / f"{number}.parquet" for number in range(len(groups))]
            for path, group in zip(paths, groups, strict=True):
                write_tables(path, record_type, self._each_once(record_type, group, repeated))
        return paths

    def _each_once(
        self, record_type: type[R], paths: Sequence[Path], repeated: list[R]
    ) -> Iterator[pa.Table]:
        for table in merge_tables([read_tables(path) for path in paths]):
            kept, others = drop_repeated(table)
            repeated += records_of(others, record_type, self.path)
            yield kept

    def write_drops(self, drops: Iterable[Drop]) -> None:
        """Write the dropped rows, sorted by id, in bounded memory."""
        write_sorted(self.path / "dropped.parquet", Drop, drops, distinct=False)

    def clear_rows(self) -> None:
        """Remove what an unfinished earlier try left under final names; work folders stay."""
        for path in (*self.shards(), self.path / "dropped.parquet", self.path / "manifest.json"):
            path.unlink(missing_ok=True)

    def work(self, name: str) -> Path:
        """A scratch folder for resuming, named by a digest of all that decides its content."""
        path = self.path / "work" / name
        make_folder(path)
        return path

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, the last act of a job, and drop its scratch folders."""
        write_bytes(
            self.path / "manifest.json", manifest.model_dump_json(indent=2).encode() + b"\n"
        )
        shutil.rmtree(self.path / "work", ignore_errors=True)

    def finished_digest(self) -> str:
        """The output digest of a finished job; raises RunFolderError where it is not finished."""
        if self.manifest() is None:
            raise RunFolderError(
                f"{self.path}: not finished; pullsmith {self.path.name} STUDY.toml does it"
            )
        return self.output_digest()

    def output_digest(self) -> str:
        """One digest over every file the job leaves for others, by relative path and content."""
        total = hashlib.sha256()
        for path in sorted(self.path.rglob("*")):
            parts = path.relative_to(self.path).parts
            if path.is_file() and parts[0] != "work" and path.name not in ("manifest.json",):
                total.update("/".join(parts).encode() + b"\0")
                total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()[:16]


@dataclass(frozen=True)
class RunFolder:
    """The folder of one study's run.

    ``journal_name`` is of a process that has a journal of its own: a machine that works on one cell
    while others work in the same folder, because a journal lives on one machine at a time.
    """

    path: Path
    journal_name: str = ""

    def job(self, key: JobKey) -> JobFolder:
        """The folder of a job; not made yet."""
        return JobFolder(self.path / key.stage / key.cell if key.cell else self.path / key.stage)

    def read(self, stage: str, record_type: type[R], cell: str | None = None) -> Iterator[R]:
        """The rows of a finished job."""
        return self.job(JobKey(stage, cell)).read(record_type)

    def stored(
        self,
        stage: str,
        record_type: type[R],
        *,
        columns: Sequence[str] = (),
        keep: Callable[[Mapping[str, Any]], bool] = lambda _: True,
    ) -> Stored[R]:
        """The rows of a finished job by id, read as they are wanted; ``keep`` picks by ``columns``."""
        return self.job(JobKey(stage)).stored(record_type, columns=columns, keep=keep)

    def frozen_split(self, name: str) -> Path:
        """Where the split called ``name`` is kept once it is made."""
        return self.path / "splits" / f"{name}.json"

    @property
    def journal(self) -> Path:
        """Where every model call of the run is kept."""
        if not self.journal_name:
            return self.path / "journal.sqlite"
        return self.path / "journals" / f"{self.journal_name}.sqlite"


def _link(path: Path, name: Path) -> None:
    """A second name of a file; a copy where the file system has none."""
    try:
        os.link(path, name)
    except OSError:
        with written_aside(name) as aside:
            shutil.copyfile(path, aside)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file aside, then rename it."""
    with written_aside(path) as aside:
        aside.write_bytes(content)


def make_folder(path: Path) -> None:
    """Make a folder and its parents; raises RunFolderError where that is not possible."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(
            f"{path}: the folder cannot be made: {error.strerror or error}"
        ) from error


def changed_settings(
    before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = ""
) -> list[str]:
    """The keys that differ, each as ``key (before → now)``; empty when nothing does."""
    changes: list[str] = []
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            changes += changed_settings(old, new, f"{prefix}{key}.")
        elif old != new:
            changes.append(f"{prefix}{key} ({old!r} → {new!r})")
    return changes


def _shard_name(number: int) -> str:
    return f"rows-{number:05d}.parquet"


def _id_of(record: Record) -> str:
    return str(record.id)  # type: ignore[attr-defined]  # every stored record has one
