"""respond: who answers in which cell, with which weights, and what the rows without skill learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from pullsmith.contracts.answers import Improve, Review
from pullsmith.contracts.canonical import value_from_json
from pullsmith.engine import StageContext
from pullsmith.errors import StudyError
from pullsmith.llm.open_model import Weights
from pullsmith.llm.protocol import Completion, Model, Request
from pullsmith.records import (
    Answer,
    Checkpoint,
    Example,
    Outcome,
    Phase,
    Prompt,
    PromptOptions,
    PullRequest,
    Split,
    answer_id,
    checkpoint_id,
    example_id,
    prompt_id,
)
from pullsmith.respond import run
from pullsmith.rows import read_rows
from pullsmith.store import RunFolder, of_phase
from tests.judged import context, store, study
from tests.llm.pulls import planted, prompt

PULLS = [planted(name="a1"), planted(None, name="b2")]
TRAINED_ON = planted(name="c3")
TOOLS = ("describe", "review", "improve")
STUDY = study(
    collect={"sources": [{"planted": "stdlib", "count": 5}]},
    student=[
        {"model": "tiny", "contract": "compact-1", "max_tokens": 99},
        {"model": "hf:org/coder", "contract": "native-1", "method": "lora", "name": "coder"},
    ],
    reference=[{"model": "rules", "contract": "native-1"}],
)
TARGETS = {
    "describe": "type: Other\ntitle: A\n- A\nfile: app/load.py\nchange: Adds\nlabel: x",
    "review": "kind: Habit\nline: L2\nissue: why\neffort: 1\ntests: No\nsecurity: No",
    "improve": "kind: Habit\nline: L2\nremove\nwhy: why\nlabel: general",
    "spot": "kind: nothing found",
}


def example(number: int, tool: str, contract: str = "compact-1") -> Example:
    asked = prompt_id(TRAINED_ON.id, tool=tool, contract=contract)
    answered = answer_id(asked, model="teacher", phase=Phase.NONE, checkpoint="none", sample=number)
    return Example(
        id=example_id(answered, contract=contract),
        answer_id=answered,
        pull_request_id=TRAINED_ON.id,
        tool=tool,
        contract=contract,
        messages=(),
        target=TARGETS[tool] if contract == "compact-1" else "another contract's",
    )


def checkpoint(cell: str, phase: Phase, folder: str, base: str = "") -> Checkpoint:
    weights = f"{cell}-{phase}"
    return Checkpoint(
        id=checkpoint_id(cell, phase=phase, weights_digest=weights),
        student=cell, phase=phase, folder=folder, weights_digest=weights,
        parameters=1, steps=1, trained_tokens=1, base=base,
    )  # fmt: skip


def ready(folder: Path) -> RunFolder:
    """A run whose students are trained."""
    made = RunFolder(folder)
    store(made, "split", PullRequest, [*PULLS, TRAINED_ON])
    both = ("native-1", "compact-1")
    prompts = [
        prompt(pull, tool, contract=c, split=Split.EVAL)
        for pull in PULLS
        for tool in TOOLS
        for c in both
    ]
    prompts += [prompt(TRAINED_ON, tool, contract="compact-1") for tool in TARGETS]
    store(made, "render", Prompt, prompts)
    examples = [example(n, tool) for n in range(2) for tool in TARGETS]
    store(made, "clean", Example, [*examples, example(9, "review", "native-1")])
    tiny = [checkpoint("tiny", Phase.BEFORE, "start"), checkpoint("tiny", Phase.AFTER, "final")]
    store(made, "train", Checkpoint, tiny, "tiny")
    base = "hf:org/coder"
    coder = [
        checkpoint("coder", Phase.BEFORE, "", base), checkpoint("coder", Phase.AFTER, "final", base)
    ]  # fmt: skip
    store(made, "train", Checkpoint, coder, "coder")
    return made


class Local:
    """A local model that says which weights it has."""

    batch_size = 4

    def __init__(self, weights: Weights | None) -> None:
        self._weights = weights

    def complete_many(self, requests: Sequence[Request]) -> list[Completion]:
        folder = self._weights and self._weights.folder
        said = f"{folder.name if folder else '-'} on {self._weights and self._weights.base}"
        return [Completion(outcome=Outcome.OK, text=f"{said} {r.max_tokens}") for r in requests]


def opens(name: str, *, weights: Weights | None = None, threads: int = 1, **_: object) -> Model:
    return Local(weights)


def answers(made: StageContext) -> list[Answer]:
    return [row for shard in made.job.shards() for row in read_rows(shard, Answer)]


def cell(folder: Path, name: str) -> StageContext:
    return context(STUDY, ready(folder), "respond", name)


def test_a_student_answers_before_and_after(tmp_path: Path) -> None:
    made = cell(tmp_path, "tiny")
    result = run(made, opens=opens)
    rows = answers(made)
    assert (result.tally.records_in, result.tally.rows) == (6, 12)
    assert Counter((r.phase, r.checkpoint, r.text) for r in rows) == {
        (Phase.BEFORE, "tiny-before", "start on  99"): 6,
        (Phase.AFTER, "tiny-after", "final on  99"): 6,
    }
    assert {(r.contract, r.model) for r in rows} == {("compact-1", "tiny")}
    assert {r.pull_request_id for r in rows} == {pull.id for pull in PULLS}


def test_cells_that_start_from_the_same_weights_are_asked_once_before(tmp_path: Path) -> None:
    """And a cell that is asked otherwise is asked for itself: here with another limit."""
    run_folder = ready(tmp_path)
    coder = {"model": "hf:org/coder", "contract": "native-1", "name": "coder"}
    grid = study(
        collect={"sources": [{"planted": "stdlib", "count": 5}]},
        student=[
            {**coder, "data": ["all", "random"]},
            {**coder, "data": ["uncleaned"], "max_tokens": 99},
        ],
        reference=[{"model": "rules", "contract": "native-1"}],
    )
    asked: Counter[str] = Counter()

    class Counting(Local):
        def complete_many(self, requests: Sequence[Request]) -> list[Completion]:
            asked.update(request.checkpoint for request in requests)
            return super().complete_many(requests)

    def counting(
        name: str, *, weights: Weights | None = None, threads: int = 1, **_: object
    ) -> Model:
        return Counting(weights)

    for name in grid.student_cells:
        base = checkpoint("coder", Phase.BEFORE, "", "hf:org/coder")
        rows = [base, checkpoint(name, Phase.AFTER, "final", "hf:org/coder")]
        store(run_folder, "train", Checkpoint, rows, name)
        made = context(grid, run_folder, "respond", name)
        run(made, opens=counting)
        assert {row.model for row in answers(made)} == {name}
        assert len(answers(made)) == 12
    assert asked == {
        "coder-before": 12, "coder+all-after": 6, "coder+random-after": 6, "coder+uncleaned-after": 6,
    }  # fmt: skip


def test_how_long_each_phase_took_is_measured_and_memory_only_of_a_model_that_was_loaded(
    tmp_path: Path,
) -> None:
    made = cell(tmp_path, "tiny")
    first = run(made, opens=opens).measured
    for phase in ("before", "after"):
        assert first[of_phase(phase, "timed_answers")] == 6
        # Batches of four and two: an answer takes as long as its batch.
        busy, median = (
            first[of_phase(phase, name)] for name in ("busy_seconds", "latency_median_seconds")
        )
        assert 0 <= median <= busy + 0.001
        if not torch.cuda.is_available():  # there its memory is told, and Local has none
            assert first[of_phase(phase, "peak_process_bytes")] > 2**20
    again = run(made, opens=opens).measured
    assert again[of_phase("after", "timed_answers")] == 6
    assert of_phase("after", "peak_process_bytes") not in again
    rules = run(cell(tmp_path / "rules", "rules")).measured
    assert not [name for name in rules if "." in name]


def test_an_adapter_sits_on_its_base_and_the_base_is_what_was_before(tmp_path: Path) -> None:
    made = cell(tmp_path, "coder")
    run(made, opens=opens)
    assert {(r.model, r.contract, r.phase, r.text) for r in answers(made)} == {
        ("coder", "native-1", Phase.BEFORE, "- on hf:org/coder 1024"),
        ("coder", "native-1", Phase.AFTER, "final on hf:org/coder 1024"),
    }


def test_an_entrant_that_is_asked_further_has_its_further_answers_beside(tmp_path: Path) -> None:
    student = [{"model": "tiny", "contract": "compact-1", "max_tokens": 99, "repair": True}]
    made = context(
        STUDY.model_copy(update={"student": study(student=student).student}),
        ready(tmp_path), "respond", "tiny",
    )  # fmt: skip
    result = run(made, opens=opens)
    rows = answers(made)
    # What Local says is never valid, so everything is asked once more, in both phases.
    assert Counter((r.phase, r.mends) for r in rows) == {
        (phase, mends): 6 for phase in (Phase.BEFORE, Phase.AFTER) for mends in (False, True)
    }
    firsts = {r.id: r for r in rows if not r.mends}
    for row in rows:
        if row.mends:
            first = firsts[row.parent_answer or ""]
            assert (first.prompt_id, first.phase) == (row.prompt_id, row.phase)
    assert (result.tally.records_in, result.tally.rows) == (6, 24)
    assert (result.measured["repairs_asked"], result.measured["repairs_mended"]) == (12, 0)
    assert result.measured["answers"] == 24
    assert [r.id for r in rows] == sorted(r.id for r in rows)


def test_a_reference_answers_once_and_never_with_the_truth(tmp_path: Path) -> None:
    made = cell(tmp_path, "rules")
    run(made)
    rows = answers(made)
    assert {(r.phase, r.contract, r.outcome) for r in rows} == {
        (Phase.NONE, "native-1", Outcome.OK)
    }
    assert len(rows) == 6
    # What a linter sees, it says: the defective one and its clean twin differ in the diff, too.
    review = {r.pull_request_id: r.text for r in rows if r.tool == "review"}
    assert "None comparison" in review[PULLS[0].id]
    assert "None comparison" not in review[PULLS[1].id]


def test_the_constant_row_says_the_commonest_training_answer(tmp_path: Path) -> None:
    made = cell(tmp_path, "constant")
    run(made)
    rows = answers(made)
    assert {(r.tool, r.text) for r in rows} == {(tool, TARGETS[tool]) for tool in TOOLS}
    assert {r.contract for r in rows} == {"compact-1"}
    assert {r.model for r in rows} == {"constant"}


def test_the_majority_row_flags_by_habit(tmp_path: Path) -> None:
    made = cell(tmp_path, "majority")
    run(made)
    rows = answers(made)
    assert {r.outcome for r in rows} == {Outcome.OK}
    assert all(not r.grounding_faults for r in rows)
    for row in rows:
        value = value_from_json(row.tool, row.value_json or "")
        if isinstance(value, Review):
            assert [(i.issue_header, i.start_line) for i in value.issues] == [("Habit", 5)]
        if isinstance(value, Improve):
            assert value.code_suggestions[0].existing_code == "    path = find(path)"


@pytest.mark.parametrize("name", ["constant", "majority"])
def test_the_rows_without_skill_learn_only_from_what_was_asked_as_on_the_eval_side(
    tmp_path: Path, name: str
) -> None:
    made = ready(tmp_path)
    prompts = list(made.read("render", Prompt))
    varied = {"options": PromptOptions(response_language="German")}
    store(made, "render", Prompt, [
        each.model_copy(update=varied) if each.tool == "review" else each for each in prompts
    ])  # fmt: skip
    stage = context(STUDY, made, "respond", name)
    run(stage)
    said = {row.text for row in answers(stage) if row.tool == "review"}
    assert not any("Habit" in text for text in said)
    assert any("Habit" in row.text for row in answers(stage) if row.tool == "improve")


@pytest.mark.parametrize("name", ["rules", "constant", "majority", "tiny"])
def test_the_same_run_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    made = [cell(tmp_path / each, name) for each in "ab"]
    for each in made:
        run(each, opens=opens) if name == "tiny" else run(each)
    one, two = ([shard.read_bytes() for shard in each.job.shards()] for each in made)
    assert one == two


def test_a_cell_the_study_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no student or reference 'gpt'"):
        run(cell(tmp_path, "gpt"))


def test_a_cell_without_prompts(tmp_path: Path) -> None:
    made = ready(tmp_path)
    store(made, "render", Prompt, [prompt(TRAINED_ON, "review", contract="compact-1")])
    with pytest.raises(StudyError, match="respond/rules: render made no eval prompt"):
        run(context(STUDY, made, "respond", "rules"))
