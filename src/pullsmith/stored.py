"""Records of Parquet files, looked up by id: all of them at hand, a few of them in memory.

Takes files whose rows are sorted by id; gives a mapping that reads a batch of rows when one of them
is wanted. Going through it in the order of the ids, or nearly so, reads every file once. Knows no
stage.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from pullsmith.errors import RunFolderError
from pullsmith.records import Record
from pullsmith.rows import count_rows, records_of

R = TypeVar("R", bound=Record)
BATCH_ROWS = 128
BATCHES_KEPT = 2  # whoever compares neighbours is in two at a time


class Stored(Mapping[str, R]):
    """Records by id, in the order of the ids. Needs memory for the ids and for two batches of rows."""

    def __init__(
        self,
        paths: Sequence[Path],
        record_type: type[R],
        *,
        columns: Sequence[str] = (),
        keep: Callable[[Mapping[str, Any]], bool] = lambda _: True,
    ) -> None:
        """``keep`` says of a row's id and ``columns`` whether it belongs; all others are not there.

        Raises RunFolderError for rows that are not sorted by id.
        """
        self._files = _Files(paths)
        self._record_type = record_type
        self._ids: list[str] = []
        self._rows = array("Q")
        for number, row in enumerate(read_columns(paths, ["id", *columns])):
            if keep(row):
                self._ids.append(row["id"])
                self._rows.append(number)
        if any(one >= other for one, other in pairwise(self._ids)):
            raise RunFolderError(f"{paths[0].parent}: its rows are not sorted by id")

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._place(name) is not None

    def __getitem__(self, name: str) -> R:
        place = self._place(name)
        if place is None:
            raise KeyError(name)
        path, row = self._files.row(self._rows[place])
        return next(records_of(row, self._record_type, path))

    def starting_with(self, prefix: str) -> list[str]:
        """The ids that begin so, in order; found without going through all of them."""
        found: list[str] = []
        for place in range(bisect_left(self._ids, prefix), len(self._ids)):
            name = self._ids[place]
            if not name.startswith(prefix):
                break
            found.append(name)
        return found

    def _place(self, name: str) -> int | None:
        place = bisect_left(self._ids, name)
        return place if self._ids[place : place + 1] == [name] else None


def read_columns(paths: Sequence[Path], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Some columns of every row, nothing else of which is read."""
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=list(columns)):
                yield from batch.to_pylist()


class _Files:
    """Rows by their number over all files; the last batches that were read are kept."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._starts = [0, *accumulate(count_rows(path) for path in paths)]
        self._kept: OrderedDict[int, pa.Table] = OrderedDict()  # by the number of the first row
        self._file = -1
        self._ahead: Iterator[tuple[int, pa.Table]] = iter(())
        self._next = 0  # the first row that ``_ahead`` has not given

    def row(self, number: int) -> tuple[Path, pa.Table]:
        """The file and the row as a table of one."""
        file = bisect_right(self._starts, number) - 1
        while True:
            for start, table in self._kept.items():
                if start <= number < start + table.num_rows and start >= self._starts[file]:
                    return self._paths[file], table.slice(number - start, 1)
            if file != self._file or number < self._next:
                self._file, self._next = file, self._starts[file]
                self._ahead = self._batches(file, number)
            start, table = next(self._ahead)
            self._next = start + table.num_rows
            self._kept[start] = table
            if len(self._kept) > BATCHES_KEPT:
                self._kept.popitem(last=False)

    def _batches(self, file: int, number: int) -> Iterator[tuple[int, pa.Table]]:
        """The batches of a file from the row group on that holds row ``number``."""
        start = self._starts[file]
        with pq.ParquetFile(self._paths[file]) as parquet:
            for group in range(parquet.num_row_groups):
                rows = parquet.metadata.row_group(group).num_rows
                if start + rows <= number:
                    start += rows
                    continue
                for batch in parquet.iter_batches(batch_size=BATCH_ROWS, row_groups=[group]):
                    yield start, pa.Table.from_batches([batch])
                    start += batch.num_rows
