"""respond with a reference that has answered before: nobody is asked, what is missing is dropped by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.errors import StudyError
from pullsmith.llm.protocol import Model
from pullsmith.records import Answer, Prompt, PullRequest
from pullsmith.reference_pack import packed, write_pack
from pullsmith.respond import run
from pullsmith.rows import read_rows
from pullsmith.store import RunFolder
from pullsmith.study import Study
from tests.judged import answer, context, issue, prompt, pull_request, review, store, study

GONE = "openai:gpt-4-0613"
PULLS = [pull_request(name) for name in ("a", "b")]
PROMPTS = [prompt(pull, "review") for pull in PULLS]
ANSWERS = [answer(pull, review(issue()), model=GONE) for pull in PULLS]


def opens(name: str, **_: object) -> Model:
    raise AssertionError(f"{name} was opened")


def pinned(folder: Path, answers: list[Answer], digest: str = "") -> Study:
    path = folder / "gpt-4.parquet"
    path.parent.mkdir(exist_ok=True)
    made = write_pack(path, packed((GONE, GONE), {p.id: p for p in PROMPTS}, answers))
    return study(reference=[{"model": GONE, "pack": path, "digest": digest or made}])


def ready(folder: Path, prompts: list[Prompt] = PROMPTS) -> RunFolder:
    made = RunFolder(folder / "run")
    store(made, "split", PullRequest, PULLS)
    store(made, "render", Prompt, prompts)
    return made


def test_a_model_that_is_gone_answers_without_key_and_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    made = context(pinned(tmp_path, ANSWERS), ready(tmp_path), "respond", "openai-gpt-4-0613")
    result = run(made, opens=opens)
    rows = [row for shard in made.job.shards() for row in read_rows(shard, Answer)]
    assert rows == ANSWERS
    assert (result.tally.records_in, result.tally.records_out, result.tally.rows) == (2, 2, 2)
    assert result.tally.dropped == {}


def test_what_the_pack_does_not_answer_is_counted_and_told(tmp_path: Path) -> None:
    said: list[str] = []
    made = context(pinned(tmp_path, ANSWERS[:1]), ready(tmp_path), "respond", "openai-gpt-4-0613")
    result = run(replace(made, report=said.append), opens=opens)
    assert result.tally.dropped == {"not_in_the_pack": 1}
    assert [drop.record_id for drop in made.job.drops()] == [PROMPTS[1].id]
    assert said == [
        f"{GONE}: 1 answers of gpt-4.parquet, nobody is asked, 1 prompts are not in the pack"
    ]


def test_another_pack_stops_the_stage(tmp_path: Path) -> None:
    made = context(
        pinned(tmp_path, ANSWERS, "0" * 16), ready(tmp_path), "respond", "openai-gpt-4-0613"
    )
    with pytest.raises(StudyError, match="the study pins 0000000000000000"):
        run(made, opens=opens)
    other = context(
        pinned(tmp_path / "more", ANSWERS),
        ready(tmp_path / "more", PROMPTS[:1]),
        "respond",
        made.cell,
    )
    with pytest.raises(StudyError, match="answers prompts with the digest"):
        run(other, opens=opens)
