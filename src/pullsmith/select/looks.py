"""What is looked at to choose among all pull requests: a row for each that passed the rules.

Takes records, gives a table a few hundred bytes wide, so that all of a study's are compared
without reading them again. ``Looks`` has the rows of all tables, in the order of who stays first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pullsmith.records import PullRequest
from pullsmith.select.duplicates import content_digest, order_key
from pullsmith.select.near import Sketches
from pullsmith.select.shingles import PERMUTATIONS, Set, run_sets, signatures
from pullsmith.select.strata import FEATURES, features_of, kind_of, language_of, size_of

PROPERTIES: dict[str, Callable[[PullRequest], str]] = {
    "repository": lambda record: record.repository,
    "language": language_of,
    "kind": kind_of,
    "size": size_of,
}
VERSION = "looks-2"  # part of the name of work folders: raise it when a column changes

_SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "order": pa.string(),
        "content": pa.string(),
        "planted": pa.bool_(),
        **{name: pa.string() for name in PROPERTIES},
        "features": pa.binary(4 * FEATURES),
        "signature": pa.binary(4 * PERMUTATIONS),
        "runs": pa.list_(pa.uint32()),
    }
)


def look_at(records: Sequence[PullRequest]) -> pa.Table:
    """A row for each record, in their order."""
    sets = run_sets([[file.patch for file in record.files] for record in records])
    rows = [
        {
            "id": record.id,
            "order": order_key(record),
            "content": content_digest(record) or "",
            "planted": record.planted,
            **{name: of(record) for name, of in PROPERTIES.items()},
            "features": features_of(record).tobytes(),
            "signature": signature.tobytes(),
        }
        for record, signature in zip(records, signatures(sets), strict=True)
    ]
    table = pa.Table.from_pylist(rows, schema=_SCHEMA.remove(_SCHEMA.get_field_index("runs")))
    return table.append_column(_SCHEMA.field("runs"), _lists(sets)).combine_chunks()


def _lists(sets: Sequence[Set]) -> pa.Array:
    ends = np.cumsum([0, *map(len, sets)]).astype(np.int32)
    flat = np.concatenate(sets) if sets else np.empty(0, dtype=np.uint32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(flat))


@dataclass(frozen=True)
class Looks:
    """The rows of several tables by number: 0 is who stays before all others."""

    tables: Sequence[pa.Table]

    def column(self, name: str) -> list[object]:
        """The values of a column, by number."""
        values = [value for table in self.tables for value in table.column(name).to_pylist()]
        return [values[at] for at in self._order]

    @cached_property
    def _order(self) -> npt.NDArray[np.intp]:
        keys = [key for table in self.tables for key in table.column("order").to_pylist()]
        return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)

    def sketches(self, chosen: Sequence[int], *, stays: Sequence[bool]) -> Sketches:
        """The sketches of some of them; ``stays`` is by their number."""
        at = self._order[list(chosen)]
        sets = [_Sets(table) for table in self.tables]
        bounds = np.cumsum([0, *(table.num_rows for table in self.tables)])
        table_of = np.searchsorted(bounds, at, side="right") - 1
        row_of = at - bounds[table_of]
        sizes = np.concatenate([one.sizes for one in sets]) if sets else np.empty(0, np.int64)
        return Sketches(
            signatures=self._signatures()[at],
            set_of=lambda number: sets[table_of[number]].row(int(row_of[number])),
            sizes=sizes[at],
            stays=np.array([stays[one] for one in chosen], dtype=np.bool_),
        )

    def features(self, chosen: Sequence[int]) -> npt.NDArray[np.float32]:
        """A row of features for each of some of them."""
        whole = np.frombuffer(self._raw("features", 4 * FEATURES), dtype=np.float32)
        rows: npt.NDArray[np.float32] = whole.reshape(-1, FEATURES)[self._order[list(chosen)]]
        return rows

    def _signatures(self) -> npt.NDArray[np.uint32]:
        raw = self._raw("signature", 4 * PERMUTATIONS)
        return np.frombuffer(raw, dtype=np.uint32).reshape(-1, PERMUTATIONS)

    def _raw(self, name: str, width: int) -> bytes:
        """A column of equally long values as one."""
        chunks = [chunk for table in self.tables for chunk in table.column(name).chunks]
        return b"".join(_bytes_of(chunk, width) for chunk in chunks)


def _bytes_of(chunk: pa.Array, width: int) -> bytes:
    start, stop = chunk.offset * width, (chunk.offset + len(chunk)) * width
    return bytes(chunk.buffers()[1][start:stop])


class _Sets:
    """The runs of one mapped table: a row is read from disk when it is asked for."""

    def __init__(self, table: pa.Table) -> None:
        column = table.column("runs")
        lists = column.chunk(0) if column.num_chunks else pa.array([], type=column.type)
        self.ends = lists.offsets.to_numpy()
        self.flat = lists.values.to_numpy()
        self.sizes: npt.NDArray[np.int64] = np.diff(self.ends).astype(np.int64)

    def row(self, number: int) -> Set:
        one: Set = self.flat[self.ends[number] : self.ends[number + 1]]
        return one
