"""Kept answers become likelier than rejected ones, by KTO and by DPO, on ids of our own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pullsmith.errors import TrainingError
from pullsmith.records import Example
from pullsmith.train.encode import Encoded, encode
from pullsmith.train.preference import (
    Pair,
    dpo_rows,
    kto_rows,
    log_probability,
    margin,
    pairs_of,
    train_preference,
)
from pullsmith.train.trainer import train_student
from pullsmith.train.training import Training
from tests.train.builders import twin_folder
from tests.train.test_trainer import ROWS, silent, training, weights

if TYPE_CHECKING:
    import torch

# PEFT 0.21 asks transformers 5.23 by a name that is about to go.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated")
KEPT = [Encoded(f"k{n}", f"planted:{n}", "review", (5, 6, n, 7, 8, 2), 3) for n in range(10, 15)]
WANTING = [Encoded(f"r{n}", f"planted:{n}", "review", (5, 6, n, 9, 2), 3) for n in range(13, 17)]


def test_pairs_are_answers_to_one_prompt() -> None:
    found = pairs_of(KEPT, WANTING)
    assert [(one.chosen.example_id, one.rejected.example_id) for one in found] == [
        ("k13", "r13"), ("k14", "r14"),
    ]  # fmt: skip
    assert pairs_of(KEPT[:2], WANTING) == []


def test_kto_sees_kept_and_rejected_answers_by_turns_and_each_once_before_one_again() -> None:
    rows = kto_rows(KEPT, WANTING, 4, rows=16, seed=1)
    assert [row["label"] for row in rows] == [True, False] * 8
    kept = [tuple(row["prompt_ids"]) for row in rows[::2]]
    assert len(set(kept[:5])) == 5
    wanting = [tuple(row["prompt_ids"]) for row in rows[1::2]]
    assert len(set(wanting[:4])) == len(set(wanting[4:])) == 4
    for at in range(0, 16, 4):
        answers = [row["completion_ids"] for row in rows[at : at + 4]]
        assert [row["KL_completion_ids"] for row in rows[at : at + 4]] == answers[-1:] + answers[
            :-1
        ]
    assert rows == kto_rows(KEPT[::-1], WANTING[::-1], 4, rows=16, seed=1)
    with pytest.raises(TrainingError, match="5 kept and 0 rejected answers; KTO needs both"):
        kto_rows(KEPT, [], 4, rows=16, seed=1)


def test_dpo_sees_pairs_and_says_what_to_do_without() -> None:
    pairs = pairs_of(KEPT, WANTING)
    rows = dpo_rows(pairs, rows=4, seed=1)
    assert all(row["chosen_ids"] == [7, 8, 2] and row["rejected_ids"] == [9, 2] for row in rows)
    assert {tuple(row["prompt_ids"]) for row in rows[:2]} == {(5, 6, 13), (5, 6, 14)}
    with pytest.raises(TrainingError, match=r"DPO needs pairs: .* method = \"kto\""):
        dpo_rows([], rows=4, seed=1)


def wrong(row: Example) -> Example:
    """Another answer to the same prompt."""
    return row.model_copy(update={"id": f"{row.id}x", "target": "nothing to see here at all"})


def prepared(
    model: str, *, adapter: bool, method: str, **changes: object
) -> tuple[Training, list[Encoded]]:
    rate = 1e-2 if adapter else 1e-3
    settings = {"method": method, "steps": 8, "learning_rate": rate, "beta": 0.3}
    made = training(model, adapter=adapter, steps=2, learning_rate=rate, **changes)
    preference = made.settings.preference.model_copy(update=settings)
    made = replace(made, settings=made.settings.model_copy(update={"preference": preference}))
    bad = [wrong(row) for row in ROWS if row.tool != "spot"]
    student = made.student
    encoded, _ = encode(bad, student.tokenizer, stops=student.stops, max_length_tokens=256)
    return made, encoded


@pytest.mark.parametrize("method", ["kto", "dpo"])
@pytest.mark.parametrize("adapter", [False, True])
def test_kept_answers_become_likelier(tmp_path: Path, method: str, adapter: bool) -> None:
    model = str(twin_folder(tmp_path / "twin")) if adapter else "tiny"
    made, bad = prepared(model, adapter=adapter, method=method)
    trained = train_student(made, work=tmp_path / "first", report=silent)
    lines: list[str] = []
    found = train_preference(
        trained.model, made, bad, work=tmp_path / "second", report=lines.append
    )
    assert found.margin_after > found.margin_before + 0.02
    assert found.steps == 8
    assert lines[-1].startswith("preference: kept answers were ")
    pairs = pairs_of(made.encoded, bad)[:16]
    assert margin(found.model, pairs) == pytest.approx(found.margin_after, abs=1e-4)
    if adapter:
        assert list(found.model.peft_config) == ["default"]
        moved = [name for name, weight in found.model.named_parameters() if weight.requires_grad]
        assert all("lora_" in name for name in moved)


def test_a_margin_is_of_the_answers_tokens_alone(tmp_path: Path) -> None:
    made, _ = prepared("tiny", adapter=False, method="dpo")
    model, one = made.student.model.eval(), made.encoded[0]
    import torch

    with torch.no_grad():
        loss = model(
            input_ids=torch.tensor([one.input_ids]), labels=torch.tensor([one.labels])
        ).loss
    assert log_probability(model, one) == pytest.approx(-float(loss), abs=1e-4)
    assert margin(model, [Pair(one, one)]) == 0


def test_killed_and_gone_on_with_is_the_same(tmp_path: Path) -> None:
    from tests.train.test_trainer import KilledError, kill_at, same

    def whole(name: str, *, killed: bool) -> dict[str, torch.Tensor]:
        made, bad = prepared("tiny", adapter=False, method="dpo")
        trained = train_student(made, work=tmp_path / "first", report=silent)
        report = kill_at(6) if killed else silent
        found = train_preference(trained.model, made, bad, work=tmp_path / name, report=report)
        return weights(found)  # type: ignore[arg-type]

    straight = whole("a", killed=False)
    with pytest.raises(KilledError):
        whole("b", killed=True)
    assert (tmp_path / "b" / "checkpoint-4").exists()
    assert same(straight, whole("b", killed=False))
