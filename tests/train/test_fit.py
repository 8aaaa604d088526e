"""The memory estimate, held against published runs, and what it advises."""

from __future__ import annotations

import pytest

from pullsmith.models.presets import presets
from pullsmith.train.fit import Run, Shape, hours, memory, remedies, shape_of_preset

GB, GIB = 10**9, 1024**3
# Llama-3.1-8B and a 7B of the first Llama generation.
EIGHT = Shape(8_030_000_000, 8_030_000_000, layers=32, width=4096, vocabulary=128256)
SEVEN = Shape(6_740_000_000, 6_740_000_000, layers=32, width=4096, vocabulary=32000)


def run(method: str, tokens: int = 1024, *, checkpointing: bool = True) -> Run:
    return Run(method, tokens, tokens, checkpointing)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shape", "method", "low", "high"),
    [
        # LLaMA-Factory's table: 7B LoRA 16 GB, QLoRA in 4 bits 6 GB, full 60 to 120 GB.
        (SEVEN, "lora", 0.8 * 16 * GB, 1.2 * 16 * GB),
        (SEVEN, "qlora", 0.8 * 6 * GB, 1.2 * 6 * GB),
        (SEVEN, "full", 60 * GB, 120 * GB),
        # torchtune's README: Llama-3.1-8B LoRA 16.2 GiB, QLoRA 7.4 GiB.
        (EIGHT, "lora", 0.75 * 16.2 * GIB, 1.25 * 16.2 * GIB),
        (EIGHT, "qlora", 0.75 * 7.4 * GIB, 1.25 * 7.4 * GIB),
    ],
)
def test_it_is_near_what_others_measured(
    shape: Shape, method: str, low: float, high: float
) -> None:
    assert low <= memory(shape, run(method)).total <= high


def test_a_full_training_keeps_sixteen_bytes_a_weight() -> None:
    found = memory(SEVEN, run("full"))
    assert found.weights + found.gradients + found.optimizer == 16 * SEVEN.parameters


def test_what_saves_memory_saves_it_in_its_own_place() -> None:
    plain, recomputed = (
        memory(SEVEN, run("lora", 8192, checkpointing=False)),
        memory(SEVEN, run("lora", 8192)),
    )
    assert recomputed.activations < plain.activations / 10
    assert recomputed.weights == plain.weights
    halved = memory(SEVEN, run("lora", 4096))
    assert halved.activations * 2 == recomputed.activations
    assert halved.scores * 2 == recomputed.scores


def test_remedies_fit_and_the_smallest_change_comes_first() -> None:
    wanted = run("full", 8192, checkpointing=False)
    found = remedies(SEVEN, wanted, available=24 * GIB)
    assert found
    assert 'method = "lora"' in found[0]
    assert found[0].startswith("train.activation_checkpointing = true")
    assert remedies(SEVEN, wanted, available=GIB) == []
    easy = remedies(SEVEN, run("lora", 8192, checkpointing=False), available=40 * GIB)
    assert easy[0].startswith("train.activation_checkpointing = true (about ")


def test_hours_count_what_is_computed() -> None:
    full, lora = (
        hours(SEVEN, run(m, checkpointing=False), tokens=10**9, flops_per_second=10**15)
        for m in ("full", "lora")
    )
    # 6.74e9 weights x 2 x 3 x 1e9 tokens = 4.04e19 operations: 40,440 s at 1e15 a second.
    assert full == pytest.approx(4.044e4 / 3600, rel=1e-3)
    assert lora == pytest.approx(full * 2 / 3)
    assert hours(SEVEN, run("lora"), tokens=10**9, flops_per_second=10**15) == pytest.approx(full)


def test_presets_that_know_their_shape_are_estimated_and_others_are_not() -> None:
    shape = shape_of_preset(presets()["codellama-7b"])
    assert shape == Shape(7 * 10**9, 7 * 10**9, 32, 4096, 32016)
    assert shape_of_preset(presets()["gpt-oss-20b"]) is None
