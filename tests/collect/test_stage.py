"""The whole stage on a small corpus: records, tally, resume, and sources that cannot be used."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from pullsmith.collect.source_git import read_repository
from pullsmith.collect.stage import run
from pullsmith.corpus import build_corpus
from pullsmith.diff.patch import apply_hunks, parse_hunks
from pullsmith.engine import StageContext
from pullsmith.errors import RunFolderError, SourceError
from pullsmith.records import ChangeStatus, Drop
from pullsmith.rows import read_rows
from tests.collect.conftest import stage_context, stage_rows
from tests.collect.repositories import FORGE, Teller, git


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_corpus(tmp_path_factory.mktemp("corpus"), seed=3, changes=80)


def test_every_record_of_the_corpus_is_true_to_git(corpus: Path, tmp_path: Path) -> None:
    context = stage_context(tmp_path, f'{{ git = "{corpus}" }}')
    result = run(context)
    rows = stage_rows(context)
    assert result.tally.records_in == result.tally.rows + sum(result.tally.dropped.values())
    assert len(rows) == result.tally.rows > 50
    assert [row.id for row in rows] == sorted({row.id for row in rows})
    blobs = 0
    for row in rows:
        for file in row.files:
            # Paths with bytes that are no UTF-8 cannot be given to git by name; others re-apply.
            if file.patch and not {"submodule", "latin_1_path"} & set(file.flags):
                old, new = (_blob(corpus, sha, path) for sha, path in (
                    (row.base_sha, "" if file.status is ChangeStatus.ADDED else file.old_path or file.path),
                    (row.head_sha, "" if file.status is ChangeStatus.DELETED else file.path),
                ))  # fmt: skip
                assert apply_hunks(old, parse_hunks(file.patch.encode(file.encoding))) == new
                blobs += 1
    assert blobs > 80


def _blob(repository: Path, commit: str, path: str) -> bytes:
    return git(repository, "cat-file", "blob", f"{commit}:{path}") if path else b""


def test_context_is_asked_for_once_for_all_sources(corpus: Path, tmp_path: Path) -> None:
    sources = (f'{{ git = "{corpus}" }}', '{ planted = "stdlib", count = 5 }')
    plain = stage_context(tmp_path / "plain", *sources)
    wide = stage_context(tmp_path / "wide", *sources, settings="context_lines = 5")
    run(plain)
    run(wide)
    hunks = 0
    for row, other in zip(stage_rows(wide), stage_rows(plain), strict=True):
        for file in row.files:
            if file.context is not None:  # else it is not in the patch's encoding
                assert len(file.context) == len(parse_hunks(file.patch.encode(file.encoding)))
                assert all(len(one.before) <= 5 >= len(one.after) for one in file.context)
                hunks += sum(bool(one.before) for one in file.context)
        files = tuple(file.model_copy(update={"context": None}) for file in row.files)
        assert row.model_copy(update={"files": files}) == other
        assert row.source == "git" or any(file.context for file in row.files)
    assert hunks > 50


def test_merge_heads_are_the_pull_requests_own(corpus: Path, tmp_path: Path) -> None:
    context = stage_context(tmp_path, f'{{ git = "{corpus}" }}')
    run(context)
    refs = git(corpus, "for-each-ref", "--format=%(refname) %(objectname)", "refs/pull").decode()
    heads = dict(line.split(" ") for line in refs.splitlines())
    merges = [row for row in stage_rows(context) if row.evidence == "gh_merge"]
    assert len(merges) > 20
    for row in merges:
        assert row.head_sha == heads[f"refs/pull/{row.number}/head"]


def test_same_input_same_bytes(corpus: Path, tmp_path: Path) -> None:
    first, second = (
        stage_context(tmp_path / name, f'{{ git = "{corpus}" }}') for name in ("a", "b")
    )
    run(first)
    run(second)
    assert first.job.output_digest() == second.job.output_digest()


def test_a_source_that_cannot_be_read_is_named_before_any_is(corpus: Path, tmp_path: Path) -> None:
    said: list[str] = []
    sources = (f'{{ git = "{corpus}" }}', f'{{ git = "{tmp_path}/gone" }}')
    with pytest.raises(SourceError, match="gone: does not exist"):
        run(stage_context(tmp_path, *sources, report=said.append))
    assert said == []


def test_two_clones_of_one_repository_count_once(corpus: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--mirror", str(corpus), "twin.git")
    address = git(corpus, "config", "remote.origin.url").decode().strip()
    git(tmp_path / "twin.git", "config", "remote.origin.url", address)
    once = stage_context(tmp_path / "once", f'{{ git = "{corpus}" }}')
    twice = stage_context(
        tmp_path / "twice", f'{{ git = "{corpus}" }}', f'{{ git = "{tmp_path}/twin.git" }}'
    )
    alone, both = run(once), run(twice)
    assert both.tally.rows == alone.tally.rows
    assert both.tally.dropped["same_id"] == alone.tally.rows
    assert stage_rows(once) == stage_rows(twice)


def test_a_source_that_cannot_be_used(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    needed = stage_context(tmp_path / "a", f'{{ git = "{tmp_path}/plain" }}')
    with pytest.raises(SourceError, match="plain: no git repository"):
        run(needed)
    said: list[str] = []
    passed = stage_context(
        tmp_path / "b", f'{{ git = "{tmp_path}/plain", optional = true }}', f'{{ git = "{corpus}" }}',
        report=said.append,
    )  # fmt: skip
    assert run(passed).tally.rows > 50
    assert said[0].startswith("passed over: ")
    with pytest.raises(SourceError, match="no source gave a pull request"):
        run(stage_context(tmp_path / "c", f'{{ git = "{tmp_path}/plain", optional = true }}'))


def test_planted_sources_fill_up_what_git_gave(corpus: Path, tmp_path: Path) -> None:
    """The first fills up, whatever its count; for the second, fill_to is reached already."""
    context = stage_context(
        tmp_path, "{ planted = 'stdlib', count = 2, fill_to = 75 }", f'{{ git = "{corpus}" }}',
        "{ planted = 'stdlib', count = 0, fill_to = 10 }",
    )  # fmt: skip
    assert run(context).tally.rows == 75
    planted = [row for row in stage_rows(context) if row.planted]
    assert len(planted) == 75 - len([row for row in stage_rows(context) if row.source == "git"])
    assert len(planted) > 2


def test_a_planted_source_says_how_many(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="write count = 1000, or fill_to = 3000"):
        run(stage_context(tmp_path, '{ planted = "stdlib" }'))


# --- folders of clones ---------------------------------------------------------------------------


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """Three good repositories, one of them twice, and everything that can be wrong with one."""
    folder = tmp_path / "clones"
    for seed, name in enumerate(("ada/one.git", "ada/two.git", "bob/repo")):
        teller = Teller()
        main = teller.commit(f"Start {seed}", {"a.py": b"0\n"})
        for number in range(1, 11):
            main = teller.commit(
                f"Change (#{number})", {"a.py": b"%d\n" % number}, main, committer=FORGE
            )
        teller.make(folder / name)
    shutil.copytree(folder / "ada/two.git", folder / "zz-twin.git")
    git(folder, "init", "--quiet", "empty")
    (folder / "broken/.git").mkdir(parents=True)
    git(folder, "clone", "--quiet", "--bare", "--shared", str(folder / "bob/repo"), "borrowing.git")
    shutil.copytree(folder / "ada/one.git", folder / "lost.git")
    (folder / "lost.git/HEAD").write_text("0123456789" * 4 + "\n")
    (folder / "cut.bundle").write_bytes(b"# v2 git bundle\n" + b"a" * 40 + b" HEAD\n\nPACK")
    teller = Teller()
    teller.commit("Only one", {"a": b"a\n"})
    teller.make(folder / "single.git")
    return folder


def _broken(context: StageContext) -> dict[str, tuple[str, str]]:
    """(reason, detail) of the repositories that gave nothing, by their names."""
    rows = read_rows(context.job.path / "dropped.parquet", Drop)
    return {row.record_id: (row.reason, row.detail) for row in rows if "@" not in row.record_id}


def test_a_broken_repository_in_a_folder_is_a_drop_and_never_the_end(
    clones: Path, tmp_path: Path
) -> None:
    context = stage_context(tmp_path, f'{{ git = "{clones}" }}')
    tally = run(context).tally
    broken = _broken(context)
    assert {name: reason for name, (reason, _) in broken.items()} == {
        "clones/borrowing.git": "borrowed_objects",
        "clones/broken": "not_a_repository",
        "clones/cut.bundle": "broken_repository",
        "clones/empty": "empty_repository",
        "clones/lost.git": "broken_repository",
        "clones/single.git": "no_pull_requests",
    }
    for name, (_, detail) in broken.items():
        assert detail.startswith(f"{name}: ")
        assert str(tmp_path) not in detail
        assert "pullsmith-git-" not in detail
    assert tally.rows == 30
    assert tally.dropped["same_id"] == 10
    assert tally.records_in == 30 + 10 + len(broken) + tally.dropped.get("empty", 0)
    with pytest.raises(SourceError, match="empty: HEAD names no commit"):  # named, it is an error
        run(stage_context(tmp_path / "b", f'{{ git = "{clones}/empty" }}'))


@pytest.mark.parametrize("workers", [2, 5])
def test_any_number_of_workers_gives_the_same_bytes(
    clones: Path, tmp_path: Path, workers: int
) -> None:
    one = stage_context(tmp_path / "one", f'{{ git = "{clones}" }}')
    more = stage_context(tmp_path / "more", f'{{ git = "{clones}" }}', workers=workers)
    assert run(one).tally == run(more).tally
    assert one.job.output_digest() == more.job.output_digest()


def test_finished_repositories_are_not_read_again_and_mended_ones_are(
    clones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def reading(path: Path, *arguments: Any, **options: Any) -> Any:
        read.append(path.name)
        if path.name == "repo" and read.count("repo") == 1:
            raise KeyboardInterrupt
        return read_repository(path, *arguments, **options)

    monkeypatch.setattr("pullsmith.collect.shards.read_repository", reading)
    context = stage_context(tmp_path, f'{{ git = "{clones}" }}')
    with pytest.raises(KeyboardInterrupt):
        run(context)
    assert read == ["one.git", "two.git", "repo"]
    run(context)
    assert read[3:5] == ["repo", "borrowing.git"]
    again = len(read)
    shutil.rmtree(clones / "empty")
    shutil.copytree(clones / "ada/one.git", clones / "empty")
    context.job.clear_rows()  # what the pipeline does when a stage is begun again
    run(context)
    assert "clones/empty" not in _broken(context)
    assert set(read[again:]) == {
        "borrowing.git", "broken", "cut.bundle", "empty", "lost.git", "single.git",
    }  # fmt: skip


def test_where_all_are_broken_the_first_is_named(clones: Path, tmp_path: Path) -> None:
    for name in ("ada", "bob", "zz-twin.git"):
        shutil.rmtree(clones / name)
    with pytest.raises(
        SourceError, match=r"no source gave a pull request: 6 dropped \(.*\): clones/"
    ):
        run(stage_context(tmp_path, f'{{ git = "{clones}" }}'))


def test_a_folder_without_repositories(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(SourceError, match=r"plain: no git repository; .* a folder of these"):
        run(stage_context(tmp_path, f'{{ git = "{tmp_path}/plain" }}'))


def test_one_name_on_github_is_not_a_folders(clones: Path, tmp_path: Path) -> None:
    source = f'{{ git = "{clones}", github = "ada/one" }}'
    with pytest.raises(SourceError, match="github names one repository, but 10 are in this folder"):
        run(stage_context(tmp_path, source))


def test_filling_up_counts_a_change_given_twice_once(clones: Path, tmp_path: Path) -> None:
    context = stage_context(
        tmp_path, '{ planted = "stdlib", fill_to = 35 }', f'{{ git = "{clones}" }}'
    )
    assert run(context).tally.rows == 35


def test_a_work_folder_that_cannot_be_made(corpus: Path, tmp_path: Path) -> None:
    context = stage_context(tmp_path, f'{{ git = "{corpus}" }}')
    context.job.path.mkdir(parents=True)
    (context.job.path / "work").write_text("in the way\n")
    with pytest.raises(RunFolderError, match=r"work/.*the folder cannot be made: Not a directory"):
        run(context)
