"""The selected records written anew, marked with their side, or dropped whole with a reason.

Takes the finished job of select and what was decided by id; a batch of rows is in memory at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pullsmith.models.cutoffs import ages, shipped_cutoffs
from pullsmith.records import Drop, PullRequest, Split, drop
from pullsmith.rows import read_rows, read_tables, records_of, write_rows, write_tables
from pullsmith.split.reading import patches_of
from pullsmith.store import JobFolder

Why = tuple[str, str]  # reason and detail
LateRule = Callable[[str, list[str]], Why | None]
"""Of a training record's id and patches: why it is dropped after all."""


@dataclass
class Marked:
    """What was written: the ids of each side, and the drops by reason with an example of each."""

    ids: dict[str, Split] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)


def write_marked(
    source: JobFolder,
    job: JobFolder,
    sides: Mapping[str, Split],
    *,
    dropped: Mapping[str, Why],
    late: LateRule,
) -> Marked:
    """Write rows and drops of ``job``: those of ``source``, shard by shard, so sorted by id as they are."""
    marked = Marked()
    gone = job.work("dropped")
    for shard in source.shards():
        drops: list[Drop] = []
        tables = _kept(shard, _Decided(sides, dropped, late), marked, drops)
        write_tables(job.path / shard.name, PullRequest, tables)
        write_rows(gone / shard.name, Drop, drops)
    job.write_drops(
        each for shard in source.shards() for each in read_rows(gone / shard.name, Drop)
    )
    return marked


@dataclass(frozen=True)
class _Decided:
    """What happens to a record, by its id and, where nobody has said yet, its patches."""

    sides: Mapping[str, Split]
    dropped: Mapping[str, Why]
    late: LateRule

    def why(self, name: str, patches: list[str]) -> Why | None:
        """Why it is dropped; None where it stays."""
        why = self.dropped.get(name)
        if why is None and self.sides[name] is Split.TRAIN:
            return self.late(name, patches)
        return why


def _kept(shard: Path, decided: _Decided, marked: Marked, drops: list[Drop]) -> Iterator[pa.Table]:
    """The rows of a shard that stay, marked; the others are added to ``drops``."""
    for table in read_tables(shard):
        told = {name: decided.why(name, patches) for name, patches in patches_of(table)}
        marked.ids |= {name: decided.sides[name] for name, why in told.items() if why is None}
        stays = pa.array([why is None for why in told.values()])
        for record in records_of(table.filter(pc.invert(stays)), PullRequest, shard):
            reason, detail = told[record.id] or ("", "")
            drops.append(drop("split", record, reason, detail))
            marked.reasons[reason] += 1
            marked.examples.setdefault(reason, f"{record.id}: {detail}")
        yield _with_ages(_with_side(table.filter(stays), decided.sides))


def _with_side(table: pa.Table, sides: Mapping[str, Split]) -> pa.Table:
    column = pa.array([sides[name].value for name in table.column("id").to_pylist()], pa.string())
    return table.set_column(table.column_names.index("split"), table.schema.field("split"), column)


def _with_ages(table: pa.Table) -> pa.Table:
    """With what every preset's cut-off says of the change."""
    found = [ages(at, shipped_cutoffs()) for at in table.column("merged_at").to_pylist()]
    for name in ("newer_than", "older_than"):
        field = table.schema.field(name)
        column = pa.array([getattr(each, name) for each in found], field.type)
        table = table.set_column(table.column_names.index(name), field, column)
    return table
