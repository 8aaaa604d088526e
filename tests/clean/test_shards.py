"""Shards of answers: nothing of a pull request is torn apart, and how they are cut changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.clean import shards
from pullsmith.clean.shards import Shard, Work, shards_of
from pullsmith.clean.stage import run
from pullsmith.decisions import Decisions
from pullsmith.engine import StageContext
from pullsmith.records import Answer, Prompt, PullRequest
from pullsmith.rows import read_some
from pullsmith.store import JobKey
from tests.clean.made import PULL_REQUEST, answer, improve, prompt, review
from tests.curated import context, finish, study

NAMES = [f"forge.test/a/b@{n:02}" for n in range(12)]


def finished(folder: Path, monkeypatch: pytest.MonkeyPatch, *, rows_per_file: int) -> StageContext:
    """Two answers about each of twelve pull requests, in files of so many rows."""
    monkeypatch.setattr("pullsmith.store.ROWS_PER_SHARD", rows_per_file)
    made = context(folder, "clean", study(clean={"max_empty_share": 0.5}))
    pull_requests, prompts, answers = [], [], []
    for number, name in enumerate(NAMES):
        pull_requests.append(PULL_REQUEST.model_copy(update={"id": name}))
        values = [review(1 + number % 4), improve("b = 2", f"b = {number}")]
        for tool, value in zip(("review", "improve"), values, strict=True):
            asked = f"{name}#{tool}/compact-1/0"
            prompts.append(prompt(tool, id=asked, pull_request_id=name))
            answers.append(
                answer(value, id=f"{asked}~x/none/none/0", prompt_id=asked, pull_request_id=name)
            )
    finish(made.run, "split", PullRequest, pull_requests)
    finish(made.run, "render", Prompt, prompts)
    finish(made.run, "generate", Answer, answers)
    return made


def answered(shard: Shard) -> list[Answer]:
    return [
        one for span in shard.spans for one in read_some(span.path, Answer, span.start, span.stop)
    ]


def cut(made: StageContext, folder: Path) -> Sequence[Shard]:
    work = Work(made.study, made.run, folder, Decisions())
    return shards_of(work, made.run.job(JobKey("generate")).shards())


@pytest.mark.parametrize("rows_per_file", [1, 3, 100])
def test_every_answer_is_in_one_shard_with_all_about_its_pull_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_per_file: int
) -> None:
    made = finished(tmp_path, monkeypatch, rows_per_file=rows_per_file)
    monkeypatch.setattr(shards, "SHARD_BYTES", 3000)
    some = cut(made, tmp_path)
    assert 2 < len(some) < len(NAMES)
    found = [[one.pull_request_id for one in answered(shard)] for shard in some]
    assert [name for names in found for name in names] == [n for n in NAMES for _ in range(2)]
    assert sum(len(set(names)) for names in found) == len(NAMES)
    assert len({shard.name for shard in some}) == len(some)


def test_no_answers_no_shards(tmp_path: Path) -> None:
    made = context(tmp_path, "clean", study())
    finish(made.run, "generate", Answer, [])
    assert cut(made, tmp_path) == []


def test_how_they_are_cut_changes_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = []
    for most in (1, 3000, 1 << 20):
        made = finished(tmp_path / str(most), monkeypatch, rows_per_file=5)
        monkeypatch.setattr(shards, "SHARD_BYTES", most)
        tally = run(replace(made, workers=1)).tally
        assert tally.dropped["line_not_shown"] == 3
        assert tally.dropped["no_op"] == 1
        paths = sorted(made.job.path.glob("*.parquet"))
        left.append([(p.name, hashlib.sha256(p.read_bytes()).hexdigest()) for p in paths])
    assert left[0] == left[1] == left[2]
