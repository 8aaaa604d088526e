"""Collect: every source of the study, one after another.

Takes ``study.collect``, gives PullRequest records and drops. A source that is finished is kept in
the job's work folder, so a killed run goes on with the next one. Knows sources, not their insides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pullsmith.collect.opening import open_clone
from pullsmith.collect.source_git import Collected, Limits, read_git_source
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import SourceError
from pullsmith.records import Drop, PullRequest, digest, drop
from pullsmith.rows import read_rows, write_rows
from pullsmith.study import Study
from pullsmith.study.collect import GitSource, PlantedSource
from pullsmith.tally import Tally

VERSION = "collect-1"  # part of the name of kept sources: raise it when records change


@dataclass(frozen=True)
class _Sources:
    """The study's sources; git first, because planted ones may fill up what git gave."""

    git: tuple[GitSource, ...]
    planted: tuple[PlantedSource, ...]

    @classmethod
    def of(cls, study: Study) -> _Sources:
        sources = study.collect.sources
        return cls(
            tuple(source for source in sources if isinstance(source, GitSource)),
            tuple(source for source in sources if isinstance(source, PlantedSource)),
        )


def run(context: StageContext) -> StageResult:
    """Read every source; raises SourceError where one cannot be used and is not optional."""
    sources = _Sources.of(context.study)
    gathered: list[Collected] = []
    for source in sources.git:
        gathered += _git(context, source)
    for planted in sources.planted:
        gathered.append(_planted(context, planted, sum(len(g.pull_requests) for g in gathered)))
    kept, drops = _distinct(gathered)
    if not kept:
        raise SourceError("no source gave a pull request; add one under collect.sources")
    context.job.write(PullRequest, kept)
    context.job.write_drops(drops)
    considered = sum(one.considered for one in gathered)
    return StageResult(Tally.of(records_in=considered, records_out=len(kept), drops=drops))


def _git(context: StageContext, source: GitSource) -> list[Collected]:
    """What a clone gives: nothing where it is optional and cannot be used."""
    limits = Limits(context.study.collect.max_files, context.study.collect.max_blob_bytes)
    try:
        with open_clone(source.git) as clone:
            head = clone.head.decode()
        settings = source.model_dump(mode="json", exclude={"optional"})
        key = [VERSION, settings, limits.max_files, limits.max_blob_bytes, head]
        return [_kept(context, key, lambda: read_git_source(source, limits, report=context.report))]
    except SourceError as error:
        if not source.optional:
            raise
        context.report(f"passed over: {error}")
        return []


def _planted(context: StageContext, source: PlantedSource, before: int) -> Collected:
    if not (source.count or source.fill_to or source.spots):
        raise SourceError(
            'source { planted = "stdlib" }: neither count, fill_to nor spots is given; '
            "write count = 1000, or fill_to = 3000 for all sources together"
        )
    count = max(source.count, (source.fill_to or 0) - before)
    key = [VERSION, source.model_dump(mode="json"), context.study.seed, count]
    return _kept(context, key, lambda: _plant(source, context.study.seed, count))


def _plant(source: PlantedSource, seed: int, count: int) -> Collected:
    from pullsmith.collect.planted import planted_pull_requests

    return Collected(tuple(planted_pull_requests(source, seed=seed, count=count)), ())


def _kept(context: StageContext, key: object, read: Callable[[], Collected]) -> Collected:
    """A source's records out of the work folder, where they are; read and put there else."""
    work = context.job.work(digest(key))
    rows, dropped = work / "kept.parquet", work / "dropped.parquet"
    if not (rows.exists() and dropped.exists()):
        collected = read()
        write_rows(dropped, Drop, collected.drops)
        write_rows(rows, PullRequest, collected.pull_requests)
        return collected
    return Collected(tuple(read_rows(rows, PullRequest)), tuple(read_rows(dropped, Drop)))


def _distinct(gathered: Sequence[Collected]) -> tuple[list[PullRequest], list[Drop]]:
    """Each id once: two clones of one repository give the same change twice; the first counts."""
    kept: dict[str, PullRequest] = {}
    drops = [one for collected in gathered for one in collected.drops]
    for collected in gathered:
        for record in collected.pull_requests:
            if record.id in kept:
                drops.append(drop("collect", record, "same_id", "given by an earlier source"))
            else:
                kept[record.id] = record
    return list(kept.values()), drops
