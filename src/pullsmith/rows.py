"""Rows in Parquet files: one record a row, the same schema in every file, sorted by id.

Takes records, gives files, and the other way round. Knows no folder and no stage. The schema is
derived from the record's fields, never from the data. Files are written aside and renamed, so a
file that is there is whole. Writing and merging need memory for some batches, never for all rows.
"""

from __future__ import annotations

import os
import tempfile
import types
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from enum import Enum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ValidationError

from pullsmith.errors import RunFolderError
from pullsmith.records import Record

R = TypeVar("R", bound=Record)
BATCH_ROWS = 256
ROW_GROUP_ROWS = 1024  # what a reader has in memory at a time
SPILL_BYTES = 6 << 20  # sorted in memory up to here, twice that while it is sorted
_SCALARS: dict[object, pa.DataType] = {
    str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(),
}  # fmt: skip


def arrow_type(annotation: object) -> pa.DataType:
    """The Arrow type of a record field: scalars, enums, optionals, tuples and nested records."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if get_origin(annotation) in (Union, types.UnionType):
        return arrow_type(_present(annotation))
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


def write_rows(path: Path, record_type: type[R], rows: Sequence[R]) -> None:
    """Write one Parquet file of the rows as they come."""
    write_tables(path, record_type, [_table(record_type, rows)])


def write_tables(path: Path, record_type: type[R], tables: Iterable[pa.Table]) -> None:
    """Write one Parquet file of tables with the record type's schema; no tables give an empty file."""
    with _parquet_writer(path, record_type) as write:
        for table in tables:
            write(table)


def write_sorted(
    path: Path, record_type: type[R], rows: Iterable[R], *, distinct: bool = True
) -> int:
    """Write one Parquet file sorted by id, in bounded memory; returns how many rows.

    Raises RunFolderError on a repeated id where they are to be ``distinct``.
    """
    total, held, batches, spilled = 0, 0, list[pa.Table](), list[Path]()
    waiting = iter(rows)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        while some := list(islice(waiting, BATCH_ROWS)):
            batches.append(_table(record_type, some))
            total, held = total + len(some), held + batches[-1].nbytes
            if held > SPILL_BYTES:
                spilled.append(_spill(Path(folder, f"{len(spilled)}.arrow"), _sorted(batches)))
                held = 0
        with ExitStack() as stack, _parquet_writer(path, record_type) as write:
            runs = [stack.enter_context(_spilled(one)) for one in spilled]
            for table in merge_tables([*runs, iter([_sorted(batches)] if batches else [])]):
                if distinct and (repeated := _repeated(table)):
                    raise RunFolderError(f"{path.name}: two records with the id {repeated[0]}")
                write(table)
    return total


def read_rows(path: Path, record_type: type[R], first: str = "") -> Iterator[R]:
    """The rows of one Parquet file as records, from the id ``first`` on; all without one.

    Raises RunFolderError if they are another version's.
    """
    for table in read_tables(path, first):
        yield from records_of(table, record_type, path)


def read_some(path: Path, record_type: type[R], start: int, stop: int) -> Iterator[R]:
    """The rows ``start`` to ``stop``, the last not included, of one Parquet file as records."""
    at = 0
    for table in read_tables(path):
        first = min(max(start - at, 0), table.num_rows)
        yield from records_of(table.slice(first, stop - at - first), record_type, path)
        at += table.num_rows
        if at >= stop:
            return


def read_tables(path: Path, first: str = "") -> Iterator[pa.Table]:
    """The rows of one Parquet file, a batch at a time; raises RunFolderError where it is damaged.

    Where the rows have ids, those before ``first`` are left out, and whole row groups of them unread.
    """
    with _readable(path), pq.ParquetFile(path) as file:
        groups = [n for n in range(file.num_row_groups) if _may_hold(file.metadata, n, first)]
        for batch in file.iter_batches(batch_size=BATCH_ROWS, row_groups=groups):
            table = pa.Table.from_batches([batch])
            yield table.filter(pc.greater_equal(table.column("id"), first)) if first else table


def _may_hold(metadata: pq.FileMetaData, group: int, first: str) -> bool:
    """Whether a row group may have an id that is ``first`` or later, by what the file says."""
    if not first:
        return True
    columns = (metadata.row_group(group).column(n) for n in range(metadata.num_columns))
    ids = next(column for column in columns if column.path_in_schema == "id").statistics
    return ids is None or not ids.has_min_max or str(ids.max) >= first


def read_ids(path: Path) -> Iterator[str]:
    """The ids of one Parquet file, in order; nothing else of it is read."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["id"]):
            yield from batch.column(0).to_pylist()


def sum_of(path: Path, column: str) -> int:
    """The sum of a column of whole numbers; ``outer.inner`` names one inside a record."""
    table = pq.read_table(path, columns=[column]).flatten()
    return int(pc.sum(table.column(0)).as_py() or 0)


def count_rows(path: Path) -> int:
    """How many rows a Parquet file has, by what it says of itself."""
    return int(metadata_of(path).num_rows)


def metadata_of(path: Path) -> pq.FileMetaData:
    """What a Parquet file says of itself; raises RunFolderError where it is damaged."""
    with _readable(path):
        return pq.read_metadata(path)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except pa.ArrowInvalid as error:
        raise RunFolderError(
            f"{path}: cut short or damaged ({str(error).partition('.')[0]}); "
            f"remove {path.parent} and run again to make it anew"
        ) from error


def records_of(table: pa.Table, record_type: type[R], path: Path) -> Iterator[R]:
    """The rows of a table as records; ``path`` is named where they are no such records."""
    for row in table.to_pylist():
        try:
            yield record_type.model_validate(row)
        except ValidationError as error:
            raise RunFolderError(
                f"{path}: row {row.get('id')!r} is no {record_type.__name__} of this version: "
                f"{error.errors()[0]['msg']}"
            ) from error


def merge_tables(runs: Sequence[Iterator[pa.Table]]) -> Iterator[pa.Table]:
    """Sorted runs as one sorted run; rows with the same id stand together, earlier runs first.

    Every round gives all rows up to the smallest last id of the runs' batches, so each uses up at
    least one batch, and runs that do not overlap are passed on as they are.
    """
    heads = [_Head(run) for run in runs]
    while active := [head for head in heads if head.fill()]:
        bound = min(head.ids[-1] for head in active)
        parts = [part for head in active if (part := head.take(bound)).num_rows]
        yield parts[0] if len(parts) == 1 else _sorted(parts)


def drop_repeated(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    """(the first row of each id, the others) of a table sorted by id."""
    ids = table.column("id").to_pylist()
    first = [at == 0 or ids[at - 1] != name for at, name in enumerate(ids)]
    if all(first):
        return table, table.slice(0, 0)
    return table.filter(pa.array(first)), table.filter(pa.array([not one for one in first]))


class _Head:
    """The rows of a run that were read and not taken yet."""

    def __init__(self, run: Iterator[pa.Table]) -> None:
        self.run, self.ids = run, list[str]()
        self.table: pa.Table | None = None

    def fill(self) -> bool:
        """Read on where nothing is left; False at the end of the run."""
        while not self.ids:
            self.table = next(self.run, None)
            if self.table is None:
                return False
            self.ids = self.table.column("id").to_pylist()
        return True

    def take(self, bound: str) -> pa.Table:
        """The rows up to ``bound``, which leave this head."""
        count = bisect_right(self.ids, bound)
        assert self.table is not None
        taken, self.table = self.table.slice(0, count), self.table.slice(count)
        self.ids = self.ids[count:]
        return taken


def _sorted(tables: list[pa.Table]) -> pa.Table:
    """One table sorted by id; empties the list, so that only two copies are held."""
    table = pa.concat_tables(tables).combine_chunks()
    tables.clear()
    return table.take(pc.sort_indices(table.column("id")))  # a stable sort


def _repeated(table: pa.Table) -> list[str]:
    return drop_repeated(table)[1].column("id").to_pylist() if "id" in table.column_names else []


def _spill(path: Path, table: pa.Table) -> Path:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=BATCH_ROWS)
    return path


@contextmanager
def _spilled(path: Path) -> Iterator[Iterator[pa.Table]]:
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_stream(source) as reader:
        yield (pa.Table.from_batches([batch]) for batch in reader)


@contextmanager
def _parquet_writer(path: Path, record_type: type[R]) -> Iterator[Callable[[pa.Table], None]]:
    """Write tables aside; the file is renamed when the block ends well."""
    schema = arrow_schema(record_type)
    # Dictionaries and statistics of long texts cost more than all else and help nobody.
    with (
        written_aside(path) as aside,
        pq.ParquetWriter(
            aside, schema, compression="zstd", use_dictionary=False, write_statistics=["id"]
        ) as writer,
    ):
        yield lambda table: writer.write_table(table, row_group_size=ROW_GROUP_ROWS)


def _table(record_type: type[R], rows: Sequence[R]) -> pa.Table:
    fields = list(arrow_schema(record_type))
    array = pa.array([_row(row) for row in rows], type=pa.struct(fields))
    return pa.Table.from_batches([pa.RecordBatch.from_struct_array(array)])


def _row(record: BaseModel) -> dict[str, Any]:
    """A record's fields as they are; only records inside it become mappings of their own."""
    nested = _nested_fields(type(record))
    values = vars(record)
    return {**values, **{name: _plain(values[name]) for name in nested}} if nested else values


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_row(one) for one in value]
    return _row(value) if isinstance(value, BaseModel) else value


@cache
def _nested_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields that hold records."""
    return tuple(
        name for name, field in model.model_fields.items() if _holds_record(field.annotation)
    )


def _holds_record(annotation: object) -> bool:
    if get_origin(annotation) in (Union, types.UnionType):
        return _holds_record(_present(annotation))
    if get_origin(annotation) is tuple:
        return _holds_record(get_args(annotation)[0])
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _present(annotation: object) -> object:
    """What an optional holds when it is not None."""
    return next(arg for arg in get_args(annotation) if arg is not types.NoneType)


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
