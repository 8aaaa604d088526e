"""A shard of collect: one repository, one repository's GitHub page, or one planted source.

Takes settings, gives a folder of rows and drops that nobody makes a second time: a killed run goes
on with the shards that are missing. A shard is run in a process of its own, so all of it pickles:
its functions are this module's, with their first arguments bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from pullsmith.canaries import with_attack
from pullsmith.collect.opening import find_repository
from pullsmith.collect.source_git import Limits, read_repository
from pullsmith.errors import OutsideError, SourceError
from pullsmith.records import Drop, PullRequest, Record, Split, digest, drop
from pullsmith.rows import read_rows, write_rows, write_sorted
from pullsmith.store import JobFolder, write_bytes
from pullsmith.study.collect import GitHubSource, GitSource, PlantedSource

VERSION = "collect-3"  # part of the name of finished shards: raise it when records change
HYDRATED_TOGETHER = 500  # records in memory while the API is asked about them
Outcome = PullRequest | Drop
Report = Callable[[str], None]


@dataclass(frozen=True)
class Desk:
    """Where a shard is worked on: a folder that survives a kill, and somebody to tell."""

    folder: Path
    report: Report


@dataclass(frozen=True)
class Shard:
    """What can be run. ``key`` is all that decides its outcomes; both raise SourceError."""

    name: str  # what people call it
    job: JobFolder
    key: Callable[[], object]
    read: Callable[[Desk], Iterator[Outcome]]
    optional: bool = False  # passed over where it cannot be used
    asks_an_api: bool = False  # and so is run alone


@dataclass(frozen=True)
class Made:
    """What a shard left in its folder."""

    folder: Path

    @property
    def rows(self) -> Path:
        """Its pull requests, sorted by id."""
        return self.folder / "kept.parquet"

    @property
    def drops(self) -> Path:
        """What became no pull request."""
        return self.folder / "dropped.parquet"

    @property
    def done(self) -> Path:
        """There once nothing is left to do; a repository that was broken is tried again."""
        return self.folder / "done"


class BrokenRepository(Record):
    """A repository in a folder of clones that could not be read; ``id`` is FOLDER/NAME."""

    id: str
    error: str


def make_shard(shard: Shard, report: Report) -> Made | None:
    """The shard's rows and drops, made unless they are there; None where it is passed over.

    Raises SourceError for a shard that cannot be used and is not optional; OutsideError and
    RunFolderError where this machine, or the one that is asked, does not do its part.
    """
    try:
        made = Made(shard.job.work(digest([VERSION, shard.key()])))
        if not made.done.exists():
            report(f"{shard.name}: {_make(shard, made, report)}")
    except SourceError as error:
        if not shard.optional:
            raise
        report(f"passed over: {error}")
        return None
    return made


def _make(shard: Shard, made: Made, report: Report) -> str:
    drops: list[Drop] = []
    try:
        outcomes = shard.read(Desk(made.folder, report))
        count = write_sorted(made.rows, PullRequest, _kept(outcomes, drops))
        write_rows(made.drops, Drop, drops)
    except OutsideError:  # an OSError as well, but one that says what to do
        raise
    except OSError as error:
        raise OutsideError(f"{shard.name}: {error}; run again to go on") from error
    if not any(one.record_id == shard.name for one in drops):  # else it was broken
        write_bytes(made.done, b"")
    return f"{count} pull requests, {len(drops)} dropped"


def _kept(outcomes: Iterable[Outcome], drops: list[Drop]) -> Iterator[PullRequest]:
    """The pull requests; the drops, which are small, are put aside."""
    for outcome in outcomes:
        if isinstance(outcome, Drop):
            drops.append(outcome)
        else:
            yield outcome


def git_shard(
    source: GitSource, path: Path, limits: Limits, job: JobFolder, *, inside: str = ""
) -> Shard:
    """A repository or bundle; ``inside`` names one that was found in a folder of clones.

    Such a one is never an error: what is wrong with it becomes a drop.
    """
    return Shard(
        name=inside or str(path),
        job=job,
        key=partial(_git_key, source, path, limits, inside),
        read=partial(_read_git, source, path, limits, inside),
        optional=source.optional and not inside,
    )


def _git_key(source: GitSource, path: Path, limits: Limits, inside: str) -> object:
    other = {"git", "optional", "github", "base_url"}
    settings = source.model_dump(mode="json", exclude=other)
    try:
        state = find_repository(path).state()
    except SourceError:
        if not inside:
            raise
        state = "broken"  # reading it says how
    return ["git", settings, astuple(limits), str(path), inside, state]


def _read_git(
    source: GitSource, path: Path, limits: Limits, inside: str, desk: Desk
) -> Iterator[Outcome]:
    try:
        yield from read_repository(path, source, limits, report=desk.report)
    except SourceError as error:
        if not inside:
            raise
        said = _without_paths(str(error), {path: inside, source.git: source.git.resolve().name})
        yield drop("collect", BrokenRepository(id=inside, error=said), error.reason, said)


def _without_paths(said: str, places: dict[Path, str]) -> str:
    """A message that is the same on every machine and in every run: it is kept with the rows."""
    for place, word in places.items():
        for form in (place.resolve(), place):
            said = said.replace(str(form), word)
    return re.sub(r"[^\s'\"(]*pullsmith-git-[^\s'\")]*", "…", said)


def hydrated_shard(source: GitSource, made: Made, job: JobFolder) -> Shard:
    """The rows of a git shard again, with what GitHub's API knows of them."""
    return Shard(
        name=f"{source.git} with {source.github}",
        job=job,
        key=partial(_hydrated_key, source, made),
        read=partial(_read_hydrated, source, made),
        asks_an_api=True,
    )


def _hydrated_key(source: GitSource, made: Made) -> object:
    return ["hydrated", source.github, source.base_url, made.folder.name]


def _read_hydrated(source: GitSource, made: Made, desk: Desk) -> Iterator[Outcome]:
    from pullsmith.collect.github.hydrate import hydrate

    rows = read_rows(made.rows, PullRequest)
    while some := list(islice(rows, HYDRATED_TOGETHER)):
        yield from hydrate(
            some, github=source.github, base_url=source.base_url,
            work=desk.folder, report=desk.report,
        )  # fmt: skip
    yield from read_rows(made.drops, Drop)


def github_shard(source: GitHubSource, limits: Limits, job: JobFolder) -> Shard:
    """A repository that is read through GitHub's API alone, which does not tell sizes of files."""
    settings = source.model_dump(mode="json", exclude={"optional"})
    return Shard(
        name=source.github,
        job=job,
        key=partial(_settings_key, "github", settings, limits.max_files),
        read=partial(_read_github, source, limits.max_files),
        optional=source.optional,
        asks_an_api=True,
    )


def _settings_key(*parts: object) -> object:
    return parts


def _read_github(source: GitHubSource, most_files: int, desk: Desk) -> Iterator[Outcome]:
    from pullsmith.collect.github.source import read_github_source

    return read_github_source(source, work=desk.folder, report=desk.report, most_files=most_files)


def planted_shard(
    source: PlantedSource, limits: Limits, job: JobFolder, *, seed: int, count: int
) -> Shard:
    """``count`` planted pull requests, and the source's spots."""
    return Shard(
        name=f"planted {source.planted}",
        job=job,
        key=partial(_planted_key, source, limits, seed, count),
        read=partial(_read_planted, source, limits, seed, count),
    )


def _planted_key(source: PlantedSource, limits: Limits, seed: int, count: int) -> object:
    from pullsmith.collect.planted import planted_state

    settings = source.model_dump(mode="json")
    state = planted_state(source)
    return ["planted", settings, astuple(limits), seed, count, state]


def _read_planted(
    source: PlantedSource, limits: Limits, seed: int, count: int, _desk: Desk
) -> Iterator[Outcome]:
    from pullsmith.collect.planted import planted_pull_requests

    for record in planted_pull_requests(source, seed=seed, count=count, limits=limits):
        drawn = int(digest([seed, "canary", record.id]), 16) < source.canary_share * 16**16
        yield with_attack(record) if drawn and record.pool is Split.EVAL else record
