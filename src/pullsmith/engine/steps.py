"""Running chains of pure record steps over slices of a finished job; a killed run goes on.

A step takes a record and gives a record or a Drop; it sees nothing else and changes nothing. What
a slice left lies in a work folder named by a digest of the steps, their settings and the input, and
its counts are written last: a slice without them is made again. Knows no stage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from pullsmith.engine.context import StageContext
from pullsmith.engine.slices import SLICE_BYTES, Slice, slices_of
from pullsmith.records import Drop, Record, digest
from pullsmith.rows import read_some, write_rows, written_aside
from pullsmith.store import JobFolder, write_bytes
from pullsmith.tally import StepTally

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Step(Generic[R]):
    """One rule by its name: what it makes of a record, or why it drops it."""

    name: str
    act: Callable[[R], R | Drop]


@dataclass(frozen=True)
class Chain(Generic[R]):
    """Steps as they travel to another process, so ``make`` and ``look`` are functions of a module.

    ``key`` is all that decides the outcome besides the records: settings and versions of steps.
    ``look`` says of the records that are kept what is needed to choose among all, as a table.
    """

    record_type: type[R]
    key: object
    make: Callable[[], Sequence[Step[R]]]
    look: Callable[[Sequence[R]], pa.Table] | None = None


@dataclass(frozen=True)
class ChainShard(Generic[R]):
    """A slice, the chain it goes through, and the folder for what comes of it."""

    chain: Chain[R]
    slice: Slice
    folder: Path

    @property
    def name(self) -> str:
        """What people call it."""
        return self.slice.name

    def file(self, kind: str) -> Path:
        """Where the slice's ``kind`` ("kept.parquet", …) is."""
        return self.folder / f"{self.name}.{kind}"


class Chained(BaseModel):
    """What a slice left: its counts step by step; written last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    records_in: int
    steps: tuple[StepTally, ...]


@dataclass(frozen=True)
class Chains(Generic[R]):
    """What a chain left of a whole job."""

    shards: tuple[ChainShard[R], ...]
    steps: tuple[StepTally, ...]
    records_in: int

    def files(self, kind: str) -> list[Path]:
        """The slices' files of a kind, in the order of the rows."""
        return [shard.file(kind) for shard in self.shards]


def run_chain(chain: Chain[R], source: JobFolder, context: StageContext) -> Chains[R]:
    """Put every row of a finished job through the chain, wherever the study's engine runs it."""
    key = ["chain-2", chain.key, source.finished_digest()]
    folder = context.job.work(digest(key))
    slices = slices_of(source.shards(), most_bytes=SLICE_BYTES)
    shards = [ChainShard(chain, one, folder) for one in slices]
    done = context.spread(shards, run_shard, folder=folder)
    names = [step.name for step in chain.make()]
    steps = [StepTally(name=name, records_in=0, records_out=0) for name in names]
    for one in done:
        steps = [step.plus(more) for step, more in zip(steps, one.steps, strict=True)]
    return Chains(tuple(shards), tuple(steps), sum(one.records_in for one in done))


def run_shard(shard: ChainShard[R], report: Callable[[str], None]) -> Chained:
    """Make the slice's files unless they are there."""
    counts = shard.file("counts.json")
    if not counts.exists():
        done = _make(shard)
        write_bytes(counts, done.model_dump_json().encode())
        report(f"{shard.name}: {done.records_in} in, {_out(done)} out")
    return Chained.model_validate_json(counts.read_bytes())


def _out(done: Chained) -> int:
    return done.steps[-1].records_out if done.steps else done.records_in


def _make(shard: ChainShard[R]) -> Chained:
    chain, rows = shard.chain, shard.slice
    through = Through(chain.make())
    kept = list(through.kept(read_some(rows.path, chain.record_type, rows.start, rows.stop)))
    write_rows(shard.file("kept.parquet"), chain.record_type, kept)
    write_rows(shard.file("drops.parquet"), Drop, through.drops)
    if chain.look is not None:
        write_looks(shard.file("looks.arrow"), chain.look(kept))
    return Chained(records_in=through.records_in, steps=through.tallies())


@dataclass
class Through(Generic[R]):
    """Records on their way through steps, counted after each."""

    steps: Sequence[Step[R]]
    drops: list[Drop] = field(default_factory=list)
    records_in: int = 0
    _reasons: dict[str, Counter[str]] = field(default_factory=dict)

    def kept(self, records: Iterable[R]) -> Iterator[R]:
        """The records that no step drops, as the last step gave them, in input order."""
        for record in records:
            self.records_in += 1
            outcome = self._through(record)
            if isinstance(outcome, Drop):
                self.drops.append(outcome)
            else:
                yield outcome

    def _through(self, record: R) -> R | Drop:
        for step in self.steps:
            outcome = step.act(record)
            if isinstance(outcome, Drop):
                self._reasons.setdefault(step.name, Counter())[outcome.reason] += 1
                return outcome
            record = outcome
        return record

    def tallies(self) -> tuple[StepTally, ...]:
        """What came in and went out of every step."""
        made, coming = [], self.records_in
        for step in self.steps:
            dropped = dict(sorted(self._reasons.get(step.name, {}).items()))
            left = coming - sum(dropped.values())
            made.append(
                StepTally(name=step.name, records_in=coming, records_out=left, dropped=dropped)
            )
            coming = left
        return tuple(made)


def write_looks(path: Path, table: pa.Table) -> None:
    """Write a table so that others can map it into memory and read single rows of it."""
    with (
        written_aside(path) as aside,
        pa.OSFile(str(aside), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table)


def read_looks(path: Path) -> pa.Table:
    """The table, mapped: only the columns and rows that are used are read."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
