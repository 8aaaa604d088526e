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
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from pullsmith.errors import RunFolderError
from pullsmith.records import SCHEMA_VERSION, Drop, Record
from pullsmith.tally import Tally

R = TypeVar("R", bound=Record)
ROWS_PER_SHARD = 2000
_SCALARS: dict[object, pa.DataType] = {
    str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(),
}  # fmt: skip


def arrow_type(annotation: object) -> pa.DataType:
    """The Arrow type of a record field: scalars, enums, optionals, tuples and nested records."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [arg for arg in get_args(annotation) if arg is not types.NoneType]
        return arrow_type(inner[0])
    if get_origin(annotation) is tuple:
        return pa.list_(arrow_type(get_args(annotation)[0]))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return pa.string()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pa.struct(list(arrow_schema(annotation)))
    raise TypeError(f"no Arrow type for {annotation!r}")


def arrow_schema(model: type[BaseModel]) -> pa.Schema:
    """The Arrow schema of a record type, in field order."""
    return pa.schema(
        [(name, arrow_type(field.annotation)) for name, field in model.model_fields.items()]
    )


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


@dataclass(frozen=True)
class JobKey:
    """A stage, or one cell of a stage."""

    stage: str
    cell: str | None = None

    def __str__(self) -> str:
        return self.stage if self.cell is None else f"{self.stage}/{self.cell}"


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
        if self.manifest() is None:
            raise RunFolderError(f"{self.path}: not finished; run the stage before it")
        for shard in self.shards():
            yield from read_rows(shard, record_type)

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
            shard = self.path / f"rows-{number:05d}.parquet"
            write_rows(shard, record_type, rows[start : start + ROWS_PER_SHARD])
        return len(rows)

    def write_drops(self, drops: Iterable[Drop]) -> None:
        """Write the dropped rows, sorted by id."""
        write_rows(self.path / "dropped.parquet", Drop, sorted(drops, key=_id_of))

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
    """The folder of one study's run."""

    path: Path

    def job(self, key: JobKey) -> JobFolder:
        """The folder of a job; not made yet."""
        return JobFolder(self.path / key.stage / key.cell if key.cell else self.path / key.stage)

    def read(self, stage: str, record_type: type[R], cell: str | None = None) -> Iterator[R]:
        """The rows of a finished job."""
        return self.job(JobKey(stage, cell)).read(record_type)

    @property
    def journal(self) -> Path:
        """Where every model call of the run is kept."""
        return self.path / "journal.sqlite"


def write_rows(path: Path, record_type: type[R], rows: Sequence[R]) -> None:
    """Write one Parquet file aside, then rename it."""
    table = pa.Table.from_pylist(
        [row.model_dump(mode="json") for row in rows], schema=arrow_schema(record_type)
    )
    with written_aside(path) as aside:
        pq.write_table(table, aside, compression="zstd")


def read_rows(path: Path, record_type: type[R]) -> Iterator[R]:
    """The rows of one Parquet file as records; raises RunFolderError if they are another version's."""
    for row in pq.read_table(path).to_pylist():
        try:
            yield record_type.model_validate(row)
        except ValidationError as error:
            raise RunFolderError(
                f"{path}: row {row.get('id')!r} is no {record_type.__name__} of this version: "
                f"{error.errors()[0]['msg']}"
            ) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file aside, then rename it."""
    with written_aside(path) as aside:
        aside.write_bytes(content)


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """A path to write to; renamed to ``path`` when the block ends well, removed when it does not."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield aside
        with aside.open("rb") as handle:
            os.fsync(handle.fileno())
        aside.replace(path)
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        aside.unlink(missing_ok=True)


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


def _id_of(record: Record) -> str:
    return str(record.id)  # type: ignore[attr-defined]  # every stored record has one
