"""Cutting files of rows into slices: what one process does at a time, and what a kill can cost.

Takes Parquet files, gives ranges of their rows of about SLICE_BYTES, by what the files say of
themselves. The same files give the same slices on every machine. Knows no records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

SLICE_BYTES = 12 << 20  # uncompressed: large enough that starting is free, small enough to redo


@dataclass(frozen=True)
class Slice:
    """The rows ``start`` to ``stop``, the last not included, of a file."""

    path: Path
    start: int
    stop: int

    @property
    def name(self) -> str:
        """What people call it; also the beginning of the names of files made of it."""
        return f"{self.path.stem}.{self.start:06d}"


def slices_of(paths: Iterable[Path], *, most_bytes: int) -> Iterator[Slice]:
    """Every row of ``paths`` in one slice, in order; a file without rows has none."""
    for path in paths:
        start = 0
        for stop in _stops(path, most_bytes):
            yield Slice(path, start, stop)
            start = stop


def _stops(path: Path, most_bytes: int) -> Iterator[int]:
    """Where slices end; within a row group rows count as equally long."""
    metadata = pq.read_metadata(path)
    at, room = 0, float(most_bytes)
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        end, size = at + group.num_rows, group.total_byte_size / max(group.num_rows, 1)
        while (end - at) * size > room:
            at = min(end, at + max(1, int(room / size)))
            yield at
            room = float(most_bytes)
        room -= (end - at) * size
        at = end
    if at and room < most_bytes:
        yield at
