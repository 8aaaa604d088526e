from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pullsmith.errors import TrainingError
from pullsmith.study.roles import StudentRole
from pullsmith.study.train import TrainSettings
from pullsmith.train.batches import plan_batches
from pullsmith.train.checkpoints import SEAL, newest_whole
from pullsmith.train.encode import IGNORED, encode
from pullsmith.train.student import open_student
from pullsmith.train.trainer import Trained, Training, answer_loss, train_student
from tests.train.builders import examples, twin_folder

if TYPE_CHECKING:
    import torch

ROWS = examples(6, 6)
SETTINGS = TrainSettings.model_validate(
    {
        "steps": 6,
        "checkpoint_steps": 2,
        "warmup_steps": 2,
        "max_length_tokens": 256,
        "tiny": {"vocabulary": 400},
        "lora": {"rank": 4, "dropout": 0.2},
    }
)


class KilledError(Exception):
    """Stands for the end of the process."""


def kill_at(step: int) -> Callable[[str], None]:
    def report(message: str) -> None:
        if message.startswith(f"step {step} "):
            raise KilledError

    return report


def silent(_message: str) -> None:
    """Report to nobody."""


def training(model: str = "tiny", *, adapter: bool = False, **changes: object) -> Training:
    import torch

    torch.set_num_threads(1)
    settings = SETTINGS.model_copy(update=changes)
    role = StudentRole(model=model, method="lora" if adapter else "full")
    student = open_student(role, ROWS, settings, seed=3)
    encoded, _ = encode(ROWS, student.tokenizer, stops=student.stops, max_length_tokens=256)
    batches = plan_batches(
        encoded,
        batches=settings.steps * settings.gradient_accumulation_steps,
        seed=3,
        pull_requests_per_batch=2,
        spots_per_batch=3,
    )
    return Training(student, encoded, batches, settings, adapter=adapter, seed=3)


def weights(trained: Trained) -> dict[str, torch.Tensor]:
    return {name: weight.detach().clone() for name, weight in trained.model.named_parameters()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    import torch

    assert one.keys() == other.keys()
    return all(torch.equal(one[name], other[name]) for name in one)


def losses(lines: list[str]) -> list[float]:
    return [float(line.rpartition(" ")[2]) for line in lines]


def test_it_learns(tmp_path: Path) -> None:
    lines: list[str] = []
    train_student(training(steps=12), work=tmp_path, report=lines.append)
    first, *_, last = losses(lines)
    # ln(400) = 5.99 is the loss of a model that knows nothing of 400 tokens.
    assert 5.0 < first < 7.0
    assert last < first - 1


@pytest.mark.parametrize("killed_at", [3, 4, 6])
def test_resumed_is_equal_to_never_killed(tmp_path: Path, killed_at: int) -> None:
    straight = weights(train_student(training(), work=tmp_path / "a", report=silent))
    with pytest.raises(KilledError):
        train_student(training(), work=tmp_path / "b", report=kill_at(killed_at))
    resumed = train_student(training(), work=tmp_path / "b", report=silent)
    # The report of a step comes before its checkpoint: killed at 4, only that of 2 is there.
    assert resumed.resumed_at == {3: 2, 4: 2, 6: 4}[killed_at]
    assert same(straight, weights(resumed))


def test_dropout_of_an_adapter_resumes_with_its_random_state(tmp_path: Path) -> None:
    twin = str(twin_folder(tmp_path / "twin"))
    straight = train_student(training(twin, adapter=True), work=tmp_path / "a", report=silent)
    with pytest.raises(KilledError):
        train_student(training(twin, adapter=True), work=tmp_path / "b", report=kill_at(5))
    resumed = train_student(training(twin, adapter=True), work=tmp_path / "b", report=silent)
    assert resumed.resumed_at == 4
    assert same(weights(straight), weights(resumed))
    trained = [name for name, weight in straight.model.named_parameters() if weight.requires_grad]
    assert trained
    assert all("lora_" in name for name in trained)


def test_a_training_that_had_ended_trains_nothing_more(tmp_path: Path) -> None:
    once = weights(train_student(training(), work=tmp_path, report=silent))
    again = train_student(training(), work=tmp_path, report=silent)
    assert (again.resumed_at, again.tokens) == (6, 0)
    assert same(once, weights(again))


def test_a_half_written_checkpoint_is_not_resumed_from(tmp_path: Path) -> None:
    straight = weights(train_student(training(), work=tmp_path, report=silent))
    (tmp_path / "checkpoint-6" / SEAL).unlink()
    (tmp_path / "checkpoint-6" / "optimizer.pt").write_bytes(b"half")
    resumed = train_student(training(), work=tmp_path, report=silent)
    assert resumed.resumed_at == 4
    assert same(straight, weights(resumed))
    assert newest_whole(tmp_path) == tmp_path / "checkpoint-6"


@pytest.mark.parametrize("adapter", [False, True])
def test_recomputed_activations_change_no_weight(tmp_path: Path, adapter: bool) -> None:
    twin = str(twin_folder(tmp_path / "twin"))
    kept = training(twin, adapter=adapter)
    recomputed = training(twin, adapter=adapter, activation_checkpointing=True)
    one = weights(train_student(kept, work=tmp_path / "a", report=silent))
    other = weights(train_student(recomputed, work=tmp_path / "b", report=silent))
    assert same(one, other)
    assert (
        any(name.endswith("lora_B.default.weight") and weight.any() for name, weight in one.items())
        is adapter
    )


def test_another_seed_trains_other_weights(tmp_path: Path) -> None:
    one = training()
    other = Training(**{**vars(training()), "batches": one.batches[::-1]})
    first = weights(train_student(one, work=tmp_path / "a", report=silent))
    assert not same(first, weights(train_student(other, work=tmp_path / "b", report=silent)))


def test_accumulated_batches_are_one_step(tmp_path: Path) -> None:
    """Two batches in one step train like one batch of both: the loss is a mean over tokens."""
    halves = training(steps=3, gradient_accumulation_steps=2)
    wholes = training(steps=3)
    joined = [(*a, *b) for a, b in zip(halves.batches[::2], halves.batches[1::2], strict=True)]
    wholes = Training(**{**vars(wholes), "batches": joined})
    lines: dict[str, list[str]] = {"a": [], "b": []}
    train_student(halves, work=tmp_path / "a", report=lines["a"].append)
    train_student(wholes, work=tmp_path / "b", report=lines["b"].append)
    assert losses(lines["a"]) == pytest.approx(losses(lines["b"]), abs=2e-3)


def test_the_leaner_loss_is_the_plain_one() -> None:
    import torch
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    prepared = training()
    rows = [
        {"input_ids": list(one.input_ids), "labels": one.labels} for one in prepared.encoded[:5]
    ]
    batch = DataCollatorForLanguageModeling(pad_token_id=0)(rows)
    model = prepared.student.model.eval()
    kept = int((batch["labels"] != IGNORED).sum())
    with torch.no_grad():
        plain = float(model(**batch, use_cache=False).loss)
        lean = float(answer_loss(model, batch))
        halved = float(answer_loss(model, batch, 2 * kept))
    assert lean == pytest.approx(plain, abs=1e-5)
    assert halved == pytest.approx(plain / 2, abs=1e-5)


def test_a_loss_that_is_no_number_stops_the_training(tmp_path: Path) -> None:
    prepared = training()
    prepared.student.model.model.norm.weight.data.fill_(float("nan"))
    with pytest.raises(TrainingError, match=r"step 1: the loss is nan"):
        train_student(prepared, work=tmp_path, report=silent)
