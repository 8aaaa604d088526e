"""Collect: every source of the study.

Takes ``study.collect``, gives PullRequest records and drops. Every repository of a source is a
shard, and shards run beside each other; only GitHub's API is asked by one at a time. A killed run
goes on with the shards that are missing. Knows sources, not their insides.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pullsmith.collect.opening import find_repository
from pullsmith.collect.places import find_repositories
from pullsmith.collect.shards import (
    Made,
    Shard,
    git_shard,
    github_shard,
    hydrated_shard,
    make_shard,
    planted_shard,
)
from pullsmith.collect.source_git import Limits
from pullsmith.engine import StageContext, StageResult, run_shards
from pullsmith.errors import SourceError
from pullsmith.records import Drop, PullRequest, drop
from pullsmith.rows import count_rows, read_ids, read_rows
from pullsmith.study.collect import GitHubSource, GitSource, PlantedSource, Source
from pullsmith.tally import Tally


def run(context: StageContext) -> StageResult:
    """Read every source; raises SourceError where one cannot be used and is not optional."""
    made = _Run(context).made()
    drops = [each for one in made for each in read_rows(one.drops, Drop)]
    if not any(count_rows(one.rows) for one in made):
        raise SourceError(_nothing(drops))
    merged = context.job.merge(PullRequest, [one.rows for one in made])
    drops += [
        drop("collect", record, "same_id", "given by an earlier source")
        for record in merged.repeated
    ]
    context.job.write_drops(drops)
    considered = sum(count_rows(one.rows) + count_rows(one.drops) for one in made)
    return StageResult(Tally.of(records_in=considered, records_out=merged.rows, drops=drops))


def _nothing(drops: Sequence[Drop]) -> str:
    """Whatever was dropped is said by reason: nobody can look it up, as nothing is written."""
    reasons = sorted({one.reason for one in drops})
    why = f": {len(drops)} dropped ({', '.join(reasons)}): {drops[0].detail}" if drops else ""
    return f"no source gave a pull request{why}; add one under collect.sources"


@dataclass(frozen=True)
class _Run:
    """The shards of one run. What asks an API waits for git, what fills up for everything."""

    context: StageContext

    def made(self) -> list[Made]:
        """What the shards left, in the order of the sources; those that fill up come last."""
        plan = list(self._plan())
        made: dict[int, Made] = {}
        for last in (False, True):
            some = {n: shard for n, (_, shard) in enumerate(plan) if shard.asks_an_api is last}
            made.update(self._make(some))
        both = {
            number: hydrated_shard(source, made[number], self.context.job)
            for number, (source, _) in enumerate(plan)
            if isinstance(source, GitSource) and source.github and number in made
        }
        made.update(self._make(both))
        for number, source in enumerate(self._filling(), start=len(plan)):
            missing = (source.fill_to or 0) - _distinct(list(made.values()))
            made.update(self._make({number: self._planted(source, max(source.count, missing))}))
        return [made[number] for number in sorted(made)]

    def _make(self, shards: dict[int, Shard]) -> dict[int, Made]:
        """By number, what each shard left that was not passed over."""
        alone = any(shard.asks_an_api for shard in shards.values())
        workers = 1 if alone else self.context.workers
        done = run_shards(
            list(shards.values()), make_shard, workers=workers, report=self.context.report
        )
        return {n: one for n, one in zip(shards, done, strict=True) if one is not None}

    def _plan(self) -> Iterator[tuple[Source, Shard]]:
        """The shards of every source but those that fill up."""
        for source in self.context.study.collect.sources:
            if isinstance(source, GitSource):
                for shard in self._git(source):
                    yield source, shard
            elif isinstance(source, GitHubSource):
                yield source, github_shard(source, self._limits, self.context.job)
            elif source.fill_to is None:
                yield source, self._planted(source, source.count)

    def _filling(self) -> Iterator[PlantedSource]:
        for source in self.context.study.collect.sources:
            if isinstance(source, PlantedSource) and source.fill_to is not None:
                yield source

    @property
    def _limits(self) -> Limits:
        settings = self.context.study.collect
        return Limits(settings.max_files, settings.max_blob_bytes, settings.context_lines)

    def _git(self, source: GitSource) -> Iterator[Shard]:
        """One shard, or one a repository where the source is a folder of them."""
        paths = find_repositories(source.git)
        if source.git in paths or not paths:
            if not source.optional:
                find_repository(source.git)  # what cannot be read is said before anything is
            yield git_shard(source, source.git, self._limits, self.context.job)
            return
        if source.github:
            raise SourceError(
                f"{source.git}: github names one repository, but {len(paths)} are in this folder; "
                "write a source for each"
            )
        self.context.report(f"{source.git}: {len(paths)} repositories")
        root = source.git.resolve().name
        for path in paths:
            inside = os.fsencode(path.relative_to(source.git)).decode("utf-8", "backslashreplace")
            yield git_shard(source, path, self._limits, self.context.job, inside=f"{root}/{inside}")

    def _planted(self, source: PlantedSource, count: int) -> Shard:
        if not (source.count or source.fill_to or source.spots):
            raise SourceError(
                f'source {{ planted = "{source.planted}" }}: neither count, fill_to nor spots is '
                "given; write count = 1000, or fill_to = 3000 for all sources together"
            )
        seed = self.context.study.seed
        return planted_shard(source, self._limits, self.context.job, seed=seed, count=count)


def _distinct(made: Sequence[Made]) -> int:
    """How many pull requests there are, each id once; eight bytes of memory for each."""
    hashes = [np.fromiter(map(_hash, read_ids(one.rows)), dtype=np.int64) for one in made]
    return len(np.unique(np.concatenate(hashes))) if hashes else 0


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
