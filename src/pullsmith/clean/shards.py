"""Cleaning in shards: the answers about some pull requests, in a process that may be another.

Takes a finished run and people's decisions; a shard leaves what became examples, what did not and
why, and what the joint parts need to know of the examples, in the job's work folder. Its counts are
written last: a shard without them is made again. An answer never needs one of another shard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from pullsmith.clean.examples import Cleaner, Outcome
from pullsmith.clean.people import Reviewed
from pullsmith.clean.rules import Reason
from pullsmith.clean.shares import Made, says_nothing
from pullsmith.clean.streams import by_pull_request
from pullsmith.contracts.contract import contracts_of
from pullsmith.contracts.own_tools import tools_of
from pullsmith.decisions import ON_EXAMPLES, Decisions
from pullsmith.engine.slices import Slice
from pullsmith.engine.steps import read_looks, write_looks
from pullsmith.records import Answer, Drop, Example
from pullsmith.rows import metadata_of, read_some, write_sorted
from pullsmith.store import RunFolder, write_bytes
from pullsmith.study import Study

SHARD_BYTES = 4 << 20  # of answers; with their prompts it is some times as much to read


@dataclass(frozen=True)
class Work:
    """What every shard knows. ``by_rule`` is False for the control, which asks no rule and nobody."""

    study: Study
    run: RunFolder
    folder: Path
    decisions: Decisions
    by_rule: bool = True

    @property
    def for_people(self) -> bool:
        """Whether what the rules let pass is kept as it is: people are asked, or have decided on it."""
        asked = self.study.clean.review or self.decisions.standing(ON_EXAMPLES)
        return self.by_rule and bool(asked)


@dataclass(frozen=True)
class Shard:
    """Some rows of generate, all answers about a pull request together."""

    work: Work
    spans: tuple[Slice, ...]

    @property
    def name(self) -> str:
        """What people call it."""
        return self.spans[0].name

    def file(self, kind: str) -> Path:
        """Where its ``kind`` ("examples.parquet", …) is."""
        return self.work.folder / f"{self.name}.{kind}"

    def made(self) -> Iterator[Made]:
        """What is known of its examples."""
        for row in read_looks(self.file("made.arrow")).to_pylist():
            yield Made(**row)


class Left(BaseModel):
    """What a shard says of itself: drops by reason, and the digests of what people had decided on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reasons: dict[str, int]
    seen: dict[str, str]


def shards_of(work: Work, sources: Sequence[Path]) -> list[Shard]:
    """Every answer of ``sources`` in one shard, with all others about its pull request."""
    shards: list[Shard] = []
    held: list[Slice] = []
    size, last = 0.0, None
    for path in sources:
        metadata = metadata_of(path)
        total = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
        begin, each = 0, total / max(metadata.num_rows, 1)
        for row, name in enumerate(_pull_requests(path)):
            if size > SHARD_BYTES and name != last:
                held += [Slice(path, begin, row)] if row > begin else []
                shards.append(Shard(work, tuple(held)))
                held, size, begin = [], 0.0, row
            size, last = size + each, name
        held += [Slice(path, begin, metadata.num_rows)] if metadata.num_rows > begin else []
    return [*shards, Shard(work, tuple(held))] if held else shards


def clean_shard(shard: Shard, report: Callable[[str], None]) -> Left:
    """Make the shard's files unless they are there."""
    counts = shard.file("counts.json")
    if not counts.exists():
        left = _Making(shard).make()
        write_bytes(counts, left.model_dump_json().encode())
        report(f"clean: {shard.name}")
    return Left.model_validate_json(counts.read_bytes())


def _pull_requests(path: Path) -> Iterator[str]:
    """Of every answer, whose pull request it is about."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["pull_request_id"]):
            yield from batch.column(0).to_pylist()


def cleaner_of(study: Study) -> Cleaner:
    """A cleaner that looks at nothing yet; a user's own tools and rules are loaded here."""
    # Not in the shard: they are code, which does not travel to a process.
    tools = tools_of(study)
    contracts = contracts_of(study.contract, tools)
    return Cleaner(study, pull_requests={}, prompts={}, contracts=contracts, tools=tools)


@dataclass
class _Making:
    """One pass over the answers of a shard; only one pull request's texts are held."""

    shard: Shard
    cleaner: Cleaner = field(init=False)
    people: Reviewed = field(init=False)
    known: list[Made] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.cleaner = cleaner_of(self.shard.work.study)
        self.people = Reviewed(self.shard.work.decisions)

    def make(self) -> Left:
        """Write all files but the counts."""
        write_sorted(self.shard.file("by-rules.parquet"), Example, self._by_rules())
        drops: list[Drop] = []
        write_sorted(self.shard.file("examples.parquet"), Example, self._examples(drops))
        write_sorted(self.shard.file("drops.parquet"), Drop, drops)
        write_looks(self.shard.file("made.arrow"), _table(self.known))
        return Left(reasons=dict(sorted(self.reasons.items())), seen=self.people.seen)

    def _by_rules(self) -> Iterator[Example]:
        """What the rules let pass before anybody decided, where it is kept for people."""
        if self.shard.work.for_people:
            for outcome in self._outcomes():
                if isinstance(outcome.made, Example):
                    yield outcome.made

    def _examples(self, drops: list[Drop]) -> Iterator[Example]:
        """Every example that rules and people let pass; without rules, all that can be said."""
        for outcome in self._outcomes():
            settled = self._as_people_want(outcome) if self.shard.work.by_rule else outcome
            if isinstance(settled.made, Example) and settled.value is not None:
                example, empty = settled.made, says_nothing(settled.value)
                self.known.append(Made(example.id, example.tool, example.contract, empty))
                yield example
            elif isinstance(settled.made, Reason):
                self.reasons[settled.made.code] += 1
                drops.append(settled.dropped())

    def _outcomes(self) -> Iterator[Outcome]:
        shard = self.shard
        answers = (
            answer
            for span in shard.spans
            for answer in read_some(span.path, Answer, span.start, span.stop)
        )
        for asked in by_pull_request(shard.work.run, answers):
            self.cleaner.look_at(asked)
            for answer in asked.answers:
                yield from self.cleaner.outcomes(answer, by_rule=shard.work.by_rule)

    def _as_people_want(self, outcome: Outcome) -> Outcome:
        if not isinstance(outcome.made, Example):
            return outcome
        made = self.people.outcome(outcome.made, lambda text: self.cleaner.read(outcome, text))
        if made is outcome.made:
            return outcome
        value = self.cleaner.read(outcome, made.target) if isinstance(made, Example) else None
        return Outcome(outcome.answer, outcome.contract, made, value)


_MADE = pa.schema(
    [("id", pa.string()), ("tool", pa.string()), ("contract", pa.string()), ("empty", pa.bool_())]
)


def _table(made: Iterable[Made]) -> pa.Table:
    rows: list[Mapping[str, object]] = [
        {name: getattr(each, name) for name in _MADE.names} for each in made
    ]
    return pa.Table.from_pylist(rows, schema=_MADE)
