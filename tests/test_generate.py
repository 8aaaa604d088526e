"""generate: who is asked what, what is written, and that nothing is asked twice."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from pullsmith.engine import StageContext
from pullsmith.errors import OutsideError, StudyError
from pullsmith.generate import run
from pullsmith.llm.open_model import Weights
from pullsmith.llm.protocol import Fault, Model
from pullsmith.llm.scripted import ScriptedModel, Turn
from pullsmith.records import Answer, Outcome, Prompt, PullRequest, Split, answer_id
from pullsmith.rows import read_rows
from pullsmith.store import RunFolder
from tests.judged import context, store, study
from tests.llm.pulls import DEFECT, planted, prompt

COLLECT = {"sources": [{"planted": "stdlib", "count": 5}]}
PULLS = [planted(name="a1"), planted(None, name="b2")]
SPOT = planted(name="c3", flags=("spot",))
HELD_OUT = planted(name="d4")
TOOLS = ("describe", "review", "improve")


def rendered(folder: Path) -> RunFolder:
    """A run with two pull requests, a spot, and one that is held out, in both contracts."""
    made = RunFolder(folder)
    store(made, "split", PullRequest, [*PULLS, SPOT, HELD_OUT])
    both = ("native-1", "compact-1")
    prompts = [prompt(pull, tool, contract=c) for pull in PULLS for tool in TOOLS for c in both]
    prompts += [prompt(SPOT, "spot", contract="compact-1")]
    prompts += [prompt(HELD_OUT, t, contract=c, split=Split.EVAL) for t in TOOLS for c in both]
    store(made, "render", Prompt, prompts)
    return made


def generate(folder: Path, *teachers: dict[str, object]) -> StageContext:
    return context(study(collect=COLLECT, teacher=list(teachers)), rendered(folder), "generate")


def answers(made: StageContext) -> list[Answer]:
    return [row for shard in made.job.shards() for row in read_rows(shard, Answer)]


def digests(made: StageContext) -> list[str]:
    return [hashlib.sha256(shard.read_bytes()).hexdigest() for shard in made.job.shards()]


@pytest.mark.parametrize("contract", ["native-1", "compact-1"])
def test_every_train_prompt_of_its_contract_and_each_spot(tmp_path: Path, contract: str) -> None:
    made = generate(tmp_path, {"model": "rules+truth", "contract": contract})
    result = run(made)
    rows = answers(made)
    assert (result.tally.records_in, result.tally.rows) == (7, 7)
    assert Counter((row.tool, row.contract) for row in rows) == {
        **dict.fromkeys(((tool, contract) for tool in TOOLS), 2),
        ("spot", "compact-1"): 1,
    }
    assert {row.outcome for row in rows} == {Outcome.OK}
    assert all(not row.grounding_faults for row in rows)
    assert HELD_OUT.id not in {row.pull_request_id for row in rows}
    assert result.measured["answers"] == 7
    assert not list(made.job.drops())


def test_every_teacher_answers(tmp_path: Path) -> None:
    made = generate(
        tmp_path,
        {"model": "rules+truth", "contract": "native-1"},
        {"model": "rules", "contract": "compact-1", "terms": "ours"},
    )
    result = run(made)
    assert Counter(row.model for row in answers(made)) == {"rules+truth": 7, "rules": 7}
    assert {row.terms for row in answers(made) if row.model == "rules"} == {"ours"}
    assert (result.tally.records_in, result.tally.rows) == (14, 14)


def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    whole = generate(tmp_path / "whole", {"model": "scripted:x", "contract": "compact-1"})
    run(whole)

    made = generate(
        tmp_path / "j",
        {"model": "scripted:x", "contract": "compact-1", "tries": 1, "concurrency": 1},
    )
    models: list[ScriptedModel] = []

    def opens(name: str, *, weights: Weights | None = None, threads: int = 1, **_: object) -> Model:
        last = Turn("x") if models else Turn(fault=Fault.WRONG_KEY)
        models.append(ScriptedModel([Turn("x"), Turn("x"), Turn("x"), last]))
        return models[-1]

    with pytest.raises(OutsideError, match="3 of 7 answers"):
        run(made, opens=opens)
    assert not made.job.shards()
    run(made, opens=opens)
    assert [len(model.asked) for model in models] == [4, 4]
    assert digests(made) == digests(whole)
    run(made, opens=opens)
    assert len(models[-1].asked) == 0


def test_answers_that_cannot_be_read_are_kept_for_clean(tmp_path: Path) -> None:
    made = generate(tmp_path, {"model": "scripted:hello", "contract": "native-1"})
    run(made)
    rows = answers(made)
    assert {row.outcome for row in rows} == {Outcome.UNREADABLE}
    assert {row.text for row in rows} == {"hello"}
    first = rows[0]
    assert first.id == answer_id(
        first.prompt_id, model="scripted:hello", phase=first.phase, checkpoint="none", sample=0
    )


def test_a_teacher_without_prompts(tmp_path: Path) -> None:
    made = RunFolder(tmp_path)
    store(made, "split", PullRequest, PULLS)
    store(made, "render", Prompt, [prompt(PULLS[0], "review", contract="compact-1")])
    stage = context(study(collect=COLLECT, teacher=[{"model": "rules"}]), made, "generate")
    with pytest.raises(
        StudyError, match="teacher rules: render made no train prompt in contract 'native-1'"
    ):
        run(stage)


def test_a_teacher_whose_key_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    made = generate(
        tmp_path, {"model": "openai:gpt-5", "contract": "native-1", "training": "allowed"}
    )
    with pytest.raises(StudyError, match="OPENAI_API_KEY"):
        run(made)


def sampled(turns: list[str], tmp_path: Path, **settings: object) -> StageContext:
    made = RunFolder(tmp_path)
    store(made, "split", PullRequest, PULLS[:1])
    store(made, "render", Prompt, [prompt(PULLS[0], "review", contract="compact-1")])
    teacher = {"model": "scripted:x", "contract": "compact-1", "concurrency": 1, **settings}
    stage = context(study(collect=COLLECT, teacher=[teacher]), made, "generate")
    model = ScriptedModel([Turn(text) for text in turns])
    result = run(stage, opens=lambda *_, **__: model)
    assert result.measured["answers"] == len(turns)
    return stage


REST = "\nissue: why\neffort: 1\ntests: No\nsecurity: No"
RIGHT = f"kind: {DEFECT.header}\nline: L2{REST}"
WRONG = f"kind: A kind\nline: L2{REST}"
NO_REVIEW = "kind: A kind"


@pytest.mark.parametrize(
    ("turns", "best"),
    [
        ([NO_REVIEW, WRONG, RIGHT], 2),
        ([NO_REVIEW, WRONG, NO_REVIEW], 1),
        ([RIGHT, WRONG, RIGHT], 0),
    ],
)
def test_of_several_samples_the_best_is_passed_on_and_the_others_are_kept(
    tmp_path: Path, turns: list[str], best: int
) -> None:
    stage = sampled(turns, tmp_path, samples=3)
    (row,) = answers(stage)
    assert (row.sample, row.text) == (best, turns[best])
    assert row.id.endswith(f"/{best}")
    dropped = list(stage.job.drops())
    assert {each.reason for each in dropped} == {"worse_sample"}
    assert len(dropped) == 2


def test_further_rounds_are_about_the_best_sample_and_in_is_out_and_drops(tmp_path: Path) -> None:
    made = RunFolder(tmp_path)
    store(made, "split", PullRequest, PULLS[:1])
    store(made, "render", Prompt, [prompt(PULLS[0], "review", contract="compact-1")])
    teacher = {"model": "scripted:x", "contract": "compact-1", "samples": 2, "repair": True}
    stage = context(study(collect=COLLECT, teacher=[teacher]), made, "generate")
    model = ScriptedModel(lambda request: Turn(RIGHT if len(request.messages) > 2 else NO_REVIEW))
    result = run(stage, opens=lambda *_, **__: model)
    first, second = answers(stage)
    assert (first.text, second.text) == (NO_REVIEW, RIGHT)
    assert second.parent_answer == first.id
    assert {each.reason for each in stage.job.drops()} == {"worse_sample"}
    assert (result.tally.records_in, result.tally.records_out, result.tally.rows) == (3, 2, 2)
    assert (result.measured["answers"], result.measured["repairs_mended"]) == (3, 1)


def test_samples_that_cannot_differ_are_refused() -> None:
    for teacher in (
        {"model": "rules", "samples": 2},
        {"model": "openai:x", "temperature": 0, "samples": 2},
    ):
        with pytest.raises(ValueError, match="would be the same answer"):
            study(collect=COLLECT, teacher=[teacher])


def test_teachers_with_shares_divide_the_pull_requests(tmp_path: Path) -> None:
    made = RunFolder(tmp_path)
    pulls = [planted(name=f"p{number:03d}") for number in range(80)]
    store(made, "split", PullRequest, pulls)
    store(
        made, "render", Prompt, [prompt(p, t, contract="compact-1") for p in pulls for t in TOOLS]
    )
    shares = [("scripted:a", 3), ("scripted:b", 1), ("scripted:c", 0)]
    teachers = [{"model": m, "contract": "compact-1", "share": s} for m, s in shares]
    stage = context(study(collect=COLLECT, teacher=teachers), made, "generate")
    run(stage)
    rows = answers(stage)
    whose = {(row.pull_request_id, row.model) for row in rows}
    counts = Counter(model for _, model in whose)
    assert counts["scripted:a"] + counts["scripted:b"] == 80  # all tools of one are one teacher's
    assert 50 <= counts["scripted:a"] <= 70
    assert counts["scripted:c"] == 80
    assert len(rows) == 3 * (80 + 80)
