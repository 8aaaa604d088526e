"""Stored: records of files by id, in bounded memory, in whatever order they are wanted."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pullsmith.errors import RunFolderError
from pullsmith.records import Prompt
from pullsmith.rows import write_rows
from pullsmith.store import JobKey, RunFolder
from pullsmith.stored import BATCH_ROWS, BATCHES_KEPT, Stored, _Files
from tests.judged import store
from tests.llm.pulls import planted, prompt

PULLS = [planted(name=f"p{number:04d}") for number in range(BATCH_ROWS * 5)]
PROMPTS = [prompt(pull, "review", contract="compact-1") for pull in PULLS]
THIRDS = [2 * BATCH_ROWS + 7, len(PROMPTS) - 3]  # shards of unlike sizes, one of three rows


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("stored")
    bounds = [0, *THIRDS, len(PROMPTS)]
    made = [folder / f"{number}.parquet" for number in range(len(bounds) - 1)]
    for path, start, stop in zip(made, bounds, bounds[1:], strict=False):
        write_rows(path, Prompt, PROMPTS[start:stop])
    return made


def test_every_record_is_found_by_its_id_and_nothing_else_is(paths: list[Path]) -> None:
    found = Stored(paths, Prompt)
    assert len(found) == len(PROMPTS)
    assert list(found) == [each.id for each in PROMPTS]
    assert list(found.values()) == PROMPTS
    assert list(found.values()) == PROMPTS  # as often as it is wanted
    assert PROMPTS[0].id[:-1] not in found
    with pytest.raises(KeyError):
        found["zzz"]


def test_any_order_gives_the_same(paths: list[Path]) -> None:
    found, order = Stored(paths, Prompt), PROMPTS[::7] + PROMPTS[::-31]
    random.Random(3).shuffle(order)
    assert [found[each.id] for each in order] == order


def test_only_what_is_kept_is_there(paths: list[Path]) -> None:
    wanted = {each.id for each in PROMPTS[::9]}
    found = Stored(paths, Prompt, columns=["tool"], keep=lambda row: row["id"] in wanted)
    assert list(found.values()) == PROMPTS[::9]
    assert PROMPTS[1].id not in found
    assert not Stored(paths, Prompt, columns=["tool"], keep=lambda row: row["tool"] == "improve")
    assert not Stored([], Prompt)


def test_a_neighbour_is_at_hand_and_few_batches_are(paths: list[Path]) -> None:
    files = _Files(paths)
    for number in range(1, len(PROMPTS)):
        files.row(number)
        before = list(files._kept)
        files.row(number - 1)
        assert list(files._kept) == before  # nothing is read for it
        assert len(before) <= BATCHES_KEPT


def test_a_job_that_is_not_finished_has_none(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    with pytest.raises(RunFolderError, match="not finished"):
        run.stored("render", Prompt)
    store(run, "render", Prompt, PROMPTS[:3])
    assert list(run.stored("render", Prompt).values()) == PROMPTS[:3]
    assert [row["tool"] for row in run.job(JobKey("render")).columns("id", "tool")] == [
        "review"
    ] * 3


def test_rows_that_are_not_sorted_are_refused(tmp_path: Path) -> None:
    write_rows(tmp_path / "0.parquet", Prompt, [PROMPTS[1], PROMPTS[0]])
    with pytest.raises(RunFolderError, match="not sorted by id"):
        Stored([tmp_path / "0.parquet"], Prompt)
