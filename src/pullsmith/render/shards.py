"""Rendering in shards: a slice of split's pull requests, in a process that may be another.

A shard leaves a file of prompts and one of drops, sorted by id, in the job's work folder; one that
is there is not made again. Needs memory for the prompts of some pull requests, never for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pullsmith.contracts.contract import contracts_of
from pullsmith.contracts.own_tools import tools_of
from pullsmith.engine.slices import Slice, slices_of
from pullsmith.records import Drop, Prompt, PullRequest
from pullsmith.render.prompts import render
from pullsmith.rows import read_rows, read_some, sum_of, write_rows, write_sorted
from pullsmith.study import Study

SHARD_BYTES = 4 << 20  # of pull requests; their prompts are some times as long


@dataclass(frozen=True)
class Shard:
    """A slice of split's pull requests, and the folder for what is made of them."""

    study: Study
    slice: Slice
    folder: Path

    @property
    def name(self) -> str:
        """What people call it."""
        return self.slice.name

    @property
    def rows(self) -> Path:
        """The prompts; written last."""
        return self.folder / f"{self.name}.prompts.parquet"

    @property
    def drops(self) -> Path:
        """What was not rendered."""
        return self.folder / f"{self.name}.drops.parquet"


@dataclass(frozen=True)
class Rendered:
    """What a shard left."""

    rows: Path
    drops: tuple[Drop, ...]
    kept: int
    diff_tokens: int


def shards_of(study: Study, sources: Iterable[Path], folder: Path) -> list[Shard]:
    """Every pull request of ``sources`` in one shard."""
    slices = slices_of(sources, most_bytes=SHARD_BYTES)
    return [Shard(study, one, folder) for one in slices]


def render_shard(shard: Shard, report: Callable[[str], None]) -> Rendered:
    """Make the shard's files unless they are there."""
    if not shard.rows.exists():
        drops: list[Drop] = []
        write_sorted(shard.rows, Prompt, _prompts(shard, drops))
        report(f"render: {shard.name}")
    return _summary(shard)


def _prompts(shard: Shard, drops: list[Drop]) -> Iterator[Prompt]:
    """The prompts; the drops are on disk before the last of them is given."""
    study, rows = shard.study, shard.slice
    # Here and not in the shard: a user's own tool is code, which does not travel to a process.
    find = contracts_of(study.contract, tools_of(study))
    contracts = [find(name) for name in study.contracts]
    for pull_request in read_some(rows.path, PullRequest, rows.start, rows.stop):
        rendered = render(pull_request, study, contracts)
        if isinstance(rendered, Drop):
            drops.append(rendered)
        else:
            yield from rendered
    write_rows(shard.drops, Drop, drops)


def _summary(shard: Shard) -> Rendered:
    drops = tuple(read_rows(shard.drops, Drop))
    tokens = sum_of(shard.rows, "coverage.diff_tokens")
    kept = shard.slice.stop - shard.slice.start - len(drops)
    return Rendered(shard.rows, drops, kept, tokens)
