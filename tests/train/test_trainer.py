from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pullsmith.errors import TrainingError
from pullsmith.study.roles import StudentRole
from pullsmith.study.train import TrainSettings
from pullsmith.train.batches import hold_out, one_pass, plan_batches
from pullsmith.train.checkpoints import SEAL, newest_whole
from pullsmith.train.collate import tensors
from pullsmith.train.encode import IGNORED, encode
from pullsmith.train.room import is_out_of_memory, run_of
from pullsmith.train.student import open_student
from pullsmith.train.trainer import Trained, answer_loss, train_student
from pullsmith.train.training import Training
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
        "probe_steps": 0,
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


def held_out(training: Training, **changes: object) -> Training:
    """The same with some pull requests held out, checked every second step."""
    settings = training.settings.model_copy(update={"held_out_share": 0.3, **changes})
    kept, held = hold_out(training.encoded, share=0.3, seed=3)
    plan = {"seed": 3, "pull_requests_per_batch": 2, "spots_per_batch": 3}
    return replace(
        training, settings=settings, encoded=kept, held_out=held,
        batches=plan_batches(kept, batches=settings.steps, **plan),
        held_out_batches=one_pass(held, **plan),
    )  # fmt: skip


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


def test_eight_accumulated_examples_are_one_batch_of_eight(tmp_path: Path) -> None:
    """1 x 8 = 8 x 1: short answers do not weigh more because they stand alone."""
    prepared = training(steps=3, gradient_accumulation_steps=8)
    ones = replace(prepared, batches=[(i,) for i in range(24)])
    eights = replace(
        training(steps=3), batches=[tuple(range(at, at + 8)) for at in range(0, 24, 8)]
    )
    lengths = {one.trained_tokens for one in prepared.encoded}
    assert len(lengths) > 1
    lines: dict[str, list[str]] = {"a": [], "b": []}
    one = weights(train_student(ones, work=tmp_path / "a", report=lines["a"].append))
    other = weights(train_student(eights, work=tmp_path / "b", report=lines["b"].append))
    assert losses(lines["a"]) == pytest.approx(losses(lines["b"]), abs=2e-3)
    assert all(one[name].allclose(other[name], atol=1e-3) for name in one)


def test_bfloat16_on_a_cpu_trains_nearly_the_same_and_only_when_asked(tmp_path: Path) -> None:
    lines: dict[str, list[str]] = {"a": [], "b": []}
    one = weights(train_student(training(), work=tmp_path / "a", report=lines["a"].append))
    rough = training(bf16_on_cpu=True)
    other = weights(train_student(rough, work=tmp_path / "b", report=lines["b"].append))
    # The first two steps hardly move the weights; after that 8 bits of precision tell.
    assert losses(lines["a"])[0] == pytest.approx(losses(lines["b"])[0], abs=0.05)
    assert losses(lines["a"]) == pytest.approx(losses(lines["b"]), abs=0.5)
    assert not same(one, other)
    assert {weight.dtype for weight in other.values()} == {one["model.norm.weight"].dtype}


def test_packed_rows_train_what_padded_ones_train(tmp_path: Path) -> None:
    padded, packed = training(), training(packing=True)
    lines: dict[str, list[str]] = {"a": [], "b": []}
    train_student(padded, work=tmp_path / "a", report=lines["a"].append)
    train_student(packed, work=tmp_path / "b", report=lines["b"].append)
    assert losses(lines["a"]) == pytest.approx(losses(lines["b"]), abs=1.1e-3)  # three decimals


def test_the_leaner_loss_of_a_packed_row_is_that_of_the_examples_apart() -> None:
    import torch

    prepared = training()
    model, some = prepared.student.model.eval(), prepared.encoded[:5]
    with torch.no_grad():
        packed = float(answer_loss(model, tensors(some, pad=0, packing=True)))
        padded = float(answer_loss(model, tensors(some, pad=0, packing=False)))
    assert packed == pytest.approx(padded, abs=1e-5)


def test_a_loss_that_no_longer_falls_stops_training_and_the_best_state_is_kept(
    tmp_path: Path,
) -> None:
    lines: list[str] = []
    # A rate at which every step makes it worse: the first check is the best.
    wild = held_out(training(steps=12, learning_rate=1.0, warmup_steps=0), patience=2)
    trained = train_student(wild, work=tmp_path / "a", report=lines.append)
    assert trained.steps == 2
    assert lines[-1] == "step 6: no lower for 2 checks, stopped"
    calm = held_out(training(steps=6), patience=2)
    assert train_student(calm, work=tmp_path / "b", report=silent).steps == 6


def test_held_out_pull_requests_change_no_weight_but_by_their_absence(tmp_path: Path) -> None:
    checked = held_out(training())
    unchecked = replace(held_out(training()), held_out=(), held_out_batches=())
    one = weights(train_student(checked, work=tmp_path / "a", report=silent))
    other = weights(train_student(unchecked, work=tmp_path / "b", report=silent))
    assert same(one, other)


def test_a_loss_that_is_no_number_stops_the_training(tmp_path: Path) -> None:
    prepared = training()
    prepared.student.model.model.norm.weight.data.fill_(float("nan"))
    with pytest.raises(TrainingError, match=r"step 1: the loss is nan"):
        train_student(prepared, work=tmp_path, report=silent)


def test_a_state_that_is_no_number_is_never_sealed_and_the_one_before_is_kept(
    tmp_path: Path,
) -> None:
    prepared = training(checkpoint_steps=2, steps=40)  # reported every second step

    def spoil(message: str) -> None:
        if message.startswith("step 4 "):
            prepared.student.model.model.norm.weight.data.fill_(float("nan"))

    with pytest.raises(TrainingError, match="step 4: a weight is no number; the last good state"):
        train_student(prepared, work=tmp_path, report=spoil)
    assert newest_whole(tmp_path) == tmp_path / "checkpoint-2"


def test_too_little_memory_is_told_with_the_settings_that_would_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    prepared = training()

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(prepared.student.model.model, "forward", full)
    found = r"out of memory: by estimate .* what would fit: train\.activation_checkpointing = true"
    with pytest.raises(TrainingError, match=found):
        train_student(prepared, work=tmp_path, report=silent)
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory"))
    assert not is_out_of_memory(RuntimeError("shapes do not match"))


def test_the_largest_batch_is_counted_with_its_padding_unless_it_is_packed() -> None:
    prepared = training()
    lengths = [[len(prepared.encoded[i].input_ids) for i in batch] for batch in prepared.batches]
    assert run_of(prepared).batch_tokens == max(max(row) * len(row) for row in lengths)
    packed = replace(prepared, settings=prepared.settings.model_copy(update={"packing": True}))
    assert run_of(packed).batch_tokens == max(map(sum, lengths))
