"""One shard: what decides its folder, when it is made again, and who is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

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
from pullsmith.collect.stage import run
from pullsmith.errors import OutsideError, SourceError
from pullsmith.records import Drop, PullRequest, drop
from pullsmith.rows import read_rows
from pullsmith.store import JobFolder
from pullsmith.study.collect import GitHubSource, GitSource, PlantedSource
from tests.collect.conftest import records, stage_context, stage_rows
from tests.collect.reading import LIMITS
from tests.test_store import a_pull_request


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    return JobFolder(tmp_path / "collect")


def made(shard: Shard, said: list[str] | None = None) -> Made:
    one = make_shard(shard, (said if said is not None else []).append)
    assert one is not None
    return one


def titles(one: Made) -> list[str]:
    return [row.title for row in read_rows(one.rows, PullRequest)]


def test_a_shard_is_made_once(bare: Path, job: JobFolder) -> None:
    said: list[str] = []
    shard = git_shard(GitSource(git=bare), bare, LIMITS, job)
    first = made(shard, said)
    assert said[-1] == f"{bare}: 3 pull requests, 0 dropped"
    count = len(said)
    assert made(shard, said) == first
    assert len(said) == count
    assert sorted(titles(first)) == sorted(one.title for one in records(bare))


@pytest.mark.parametrize(
    ("changes", "limits", "another"),
    [
        ({}, LIMITS, False),
        ({"optional": True}, LIMITS, False),
        ({"github": "ada/tool", "base_url": "https://x/api/v3"}, LIMITS, False),
        ({"limit": 2}, LIMITS, True),
        ({"changes": "first-parent"}, LIMITS, True),
        ({}, Limits(LIMITS.max_files + 1, LIMITS.max_blob_bytes), True),
        ({}, Limits(LIMITS.max_files, LIMITS.max_blob_bytes + 1), True),
        ({}, Limits(LIMITS.max_files, LIMITS.max_blob_bytes, context_lines=1), True),
    ],
)
def test_what_decides_a_repositorys_rows(
    bare: Path, job: JobFolder, changes: dict[str, object], limits: Limits, another: bool
) -> None:
    plain = git_shard(GitSource(git=bare), bare, LIMITS, job)
    source = GitSource.model_validate({"git": bare, **changes})
    other = git_shard(source, bare, limits, job)
    assert (plain.key() != other.key()) is another


def test_a_broken_one_is_an_error_or_passed_over_or_a_drop(tmp_path: Path, job: JobFolder) -> None:
    gone = tmp_path / "clones/gone"
    with pytest.raises(SourceError, match="gone: does not exist"):
        make_shard(git_shard(GitSource(git=gone), gone, LIMITS, job), print)
    said: list[str] = []
    optional = git_shard(GitSource(git=gone, optional=True), gone, LIMITS, job)
    assert make_shard(optional, said.append) is None
    assert said == [f"passed over: {gone}: does not exist"]
    source = GitSource(git=gone.parent, optional=True)
    inside = made(git_shard(source, gone, LIMITS, job, inside="clones/gone"))
    (dropped,) = read_rows(inside.drops, Drop)
    assert (dropped.id, dropped.reason) == ("collect!clones/gone", "not_a_repository")
    assert dropped.detail == "clones/gone: does not exist"
    assert not inside.done.exists()  # it is tried again: somebody may have mended it


# --- GitHub: what is asked for, and what is kept when it is away ---------------------------------


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """A GitHub that knows two pull requests, and is away every second time; what it was asked."""
    asked: list[tuple[object, ...]] = []

    def read_github_source(
        source: GitHubSource, *, work: Path, report: Callable[[str], None], most_files: int
    ) -> Iterator[PullRequest | Drop]:
        asked.append((source.github, (work / "page").exists()))
        yield a_pull_request(1)
        yield drop("collect", a_pull_request(2), "html_instead_of_json")
        (work / "page").touch()
        if len(asked) % 2:
            raise OutsideError("rate limit: resets at 12:00")
        yield a_pull_request(3)

    def hydrate(
        some: Sequence[PullRequest], *, github: str, base_url: str, work: Path,
        report: Callable[[str], None],
    ) -> list[PullRequest]:  # fmt: skip
        asked.append((github, base_url, len(some), work.is_dir()))
        return [one.model_copy(update={"body": "from the API"}) for one in some]

    source, hydration = ModuleType("source"), ModuleType("hydrate")
    source.read_github_source = read_github_source  # type: ignore[attr-defined]
    hydration.hydrate = hydrate  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pullsmith.collect.github.source", source)
    monkeypatch.setitem(sys.modules, "pullsmith.collect.github.hydrate", hydration)
    return asked


def test_github_goes_on_where_it_stopped(job: JobFolder, api: list[tuple[object, ...]]) -> None:
    shard = github_shard(GitHubSource(github="ada/tool"), LIMITS, job)
    with pytest.raises(OutsideError, match="resets at 12:00"):
        make_shard(shard, print)
    one = made(shard)
    assert api == [("ada/tool", False), ("ada/tool", True)]
    assert [row.id[-1] for row in read_rows(one.rows, PullRequest)] == ["1", "3"]
    assert [row.reason for row in read_rows(one.drops, Drop)] == ["html_instead_of_json"]


def test_what_decides_githubs_rows(job: JobFolder) -> None:
    """Sizes of files do not: the API does not tell them."""
    source = GitHubSource(github="ada/tool")
    plain = github_shard(source, LIMITS, job).key()
    larger = Limits(LIMITS.max_files, LIMITS.max_blob_bytes + 1)
    assert github_shard(source.model_copy(update={"optional": True}), larger, job).key() == plain
    others = [
        github_shard(source, Limits(LIMITS.max_files + 1, LIMITS.max_blob_bytes), job).key(),
        github_shard(source.model_copy(update={"limit": 3}), LIMITS, job).key(),
        github_shard(source.model_copy(update={"base_url": "https://x/api/v3"}), LIMITS, job).key(),
    ]
    assert plain not in others


def test_hydration_keeps_ids_drops_and_asks_in_portions(
    bare: Path, job: JobFolder, api: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pullsmith.collect.shards.HYDRATED_TOGETHER", 2)
    source = GitSource(git=bare, github="ada/tool", base_url="https://git.example.org/api/v3")
    from_git = made(git_shard(source, bare, LIMITS, job))
    one = made(hydrated_shard(source, from_git, job))
    address = "https://git.example.org/api/v3"
    assert api == [("ada/tool", address, 2, True), ("ada/tool", address, 1, True)]
    bodies = {row.id: row.body for row in read_rows(one.rows, PullRequest)}
    assert bodies == dict.fromkeys((row.id for row in records(bare)), "from the API")
    assert from_git.folder != one.folder


def test_the_stage_asks_the_api_after_git_and_keeps_what_git_gave(
    bare: Path, tmp_path: Path, api: list[tuple[object, ...]]
) -> None:
    """In the order of the sources: where both know a change, the first counts."""
    said: list[str] = []
    sources = ('{ github = "ada/tool" }', f'{{ git = "{bare}", github = "ada/other" }}')
    context = stage_context(tmp_path, *sources, report=said.append)
    with pytest.raises(OutsideError, match="rate limit"):
        run(context)
    read = [line for line in said if line.startswith(f"{bare}: ")]
    tally = run(context).tally
    assert [line for line in said if line.startswith(f"{bare}: ")] == read  # not a second time
    assert [one[0] for one in api] == ["ada/tool", "ada/tool", "ada/other"]
    assert (tally.rows, tally.dropped) == (5, {"html_instead_of_json": 1})
    assert {row.body for row in stage_rows(context) if row.number} == {"from the API"}


def test_what_decides_planted_rows(job: JobFolder) -> None:
    source = PlantedSource(count=3)
    keys = [
        planted_shard(one, limits, job, seed=seed, count=count).key()
        for one, limits, seed, count in (
            (source, LIMITS, 1, 3),
            (source, LIMITS, 2, 3),
            (source, LIMITS, 1, 4),
            (PlantedSource(count=3, clean_share=0.1), LIMITS, 1, 3),
            (source, Limits(1, 1), 1, 3),
        )
    ]
    assert all(one != other for n, one in enumerate(keys) for other in keys[:n])
    one = made(planted_shard(source, LIMITS, job, seed=1, count=3))
    assert len(titles(one)) == 3
