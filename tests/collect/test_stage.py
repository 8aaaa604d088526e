"""The whole stage on a small corpus: records, tally, resume, and sources that cannot be used."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pullsmith.collect.stage import run
from pullsmith.corpus import build_corpus
from pullsmith.diff.patch import apply_hunks, parse_hunks
from pullsmith.engine import StageContext
from pullsmith.errors import SourceError
from pullsmith.records import ChangeStatus, PullRequest
from pullsmith.rows import read_rows
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import parse_study
from tests.collect.repositories import git


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_corpus(tmp_path_factory.mktemp("corpus"), seed=3, changes=80)


def _context(
    folder: Path, *sources: str, report: Callable[[str], None] = lambda _: None
) -> StageContext:
    text = f'name = "s"\nruns = "{folder}"\n[collect]\nsources = [{", ".join(sources)}]\n'
    study = parse_study(text + '[[student]]\nmodel = "tiny"\ncontract = "compact-1"\n')
    found = RunFolder(folder / "s")
    return StageContext(study=study, run=found, job=found.job(JobKey("collect")), report=report)


def _rows(context: StageContext) -> list[PullRequest]:
    return [row for shard in context.job.shards() for row in read_rows(shard, PullRequest)]


def test_every_record_of_the_corpus_is_true_to_git(corpus: Path, tmp_path: Path) -> None:
    context = _context(tmp_path, f'{{ git = "{corpus}" }}')
    result = run(context)
    rows = _rows(context)
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


def test_merge_heads_are_the_pull_requests_own(corpus: Path, tmp_path: Path) -> None:
    context = _context(tmp_path, f'{{ git = "{corpus}" }}')
    run(context)
    refs = git(corpus, "for-each-ref", "--format=%(refname) %(objectname)", "refs/pull").decode()
    heads = dict(line.split(" ") for line in refs.splitlines())
    merges = [row for row in _rows(context) if row.evidence == "gh_merge"]
    assert len(merges) > 20
    for row in merges:
        assert row.head_sha == heads[f"refs/pull/{row.number}/head"]


def test_same_input_same_bytes(corpus: Path, tmp_path: Path) -> None:
    first, second = (_context(tmp_path / name, f'{{ git = "{corpus}" }}') for name in ("a", "b"))
    run(first)
    run(second)
    assert first.job.output_digest() == second.job.output_digest()


def test_a_finished_source_is_not_read_again(corpus: Path, tmp_path: Path) -> None:
    """Stopped at the second source: the first is kept, and the bytes are an undisturbed run's."""
    sources = (f'{{ git = "{corpus}" }}', f'{{ git = "{tmp_path}/corpus.git" }}')
    said: list[str] = []
    stopped = _context(tmp_path / "stopped", *sources, report=said.append)
    with pytest.raises(SourceError, match="does not exist"):
        run(stopped)
    assert [line.partition(":")[0] for line in said] == ["git.example.org/corpus/seeded"]
    other = build_corpus(tmp_path, seed=4, changes=20)
    git(other, "config", "remote.origin.url", "https://git.example.org/corpus/other.git")
    run(stopped)
    assert [line.partition(":")[0] for line in said[1:]] == ["git.example.org/corpus/other"]
    whole = _context(tmp_path / "whole", *sources)
    run(whole)
    for context in (stopped, whole):  # what the pipeline does when a stage has ended
        shutil.rmtree(context.job.path / "work")
    assert stopped.job.output_digest() == whole.job.output_digest()


def test_two_clones_of_one_repository_count_once(corpus: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--mirror", str(corpus), "twin.git")
    address = git(corpus, "config", "remote.origin.url").decode().strip()
    git(tmp_path / "twin.git", "config", "remote.origin.url", address)
    once = _context(tmp_path / "once", f'{{ git = "{corpus}" }}')
    twice = _context(
        tmp_path / "twice", f'{{ git = "{corpus}" }}', f'{{ git = "{tmp_path}/twin.git" }}'
    )
    alone, both = run(once), run(twice)
    assert both.tally.rows == alone.tally.rows
    assert both.tally.dropped["same_id"] == alone.tally.rows
    assert _rows(once) == _rows(twice)


def test_a_source_that_cannot_be_used(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    needed = _context(tmp_path / "a", f'{{ git = "{tmp_path}/plain" }}')
    with pytest.raises(SourceError, match="plain: no git repository"):
        run(needed)
    said: list[str] = []
    passed = _context(
        tmp_path / "b", f'{{ git = "{tmp_path}/plain", optional = true }}', f'{{ git = "{corpus}" }}',
        report=said.append,
    )  # fmt: skip
    assert run(passed).tally.rows > 50
    assert said[0].startswith("passed over: ")
    with pytest.raises(SourceError, match="no source gave a pull request"):
        run(_context(tmp_path / "c", f'{{ git = "{tmp_path}/plain", optional = true }}'))


def test_planted_sources_fill_up_what_git_gave(corpus: Path, tmp_path: Path) -> None:
    """The first fills up, whatever its count; for the second, fill_to is reached already."""
    context = _context(
        tmp_path, "{ planted = 'stdlib', count = 2, fill_to = 75 }", f'{{ git = "{corpus}" }}',
        "{ planted = 'stdlib', count = 0, fill_to = 10 }",
    )  # fmt: skip
    assert run(context).tally.rows == 75
    planted = [row for row in _rows(context) if row.planted]
    assert len(planted) == 75 - len([row for row in _rows(context) if row.source == "git"])
    assert len(planted) > 2


def test_a_planted_source_says_how_many(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="write count = 1000, or fill_to = 3000"):
        run(_context(tmp_path, '{ planted = "stdlib" }'))
