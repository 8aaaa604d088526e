"""The length effect: found where it is, absent where it is not, untold where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from pullsmith.stats.length import FEWEST, length_effect


def drawn(effect: float, level: float, *, seed: int = 0, size: int = 600) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    longer_by = random.normal(0, 300, size)
    logits = level + effect * np.tanh(longer_by / longer_by.std())
    return (random.random(size) < 1 / (1 + np.exp(-logits))).astype(float), longer_by


def groups(size: int) -> list[str]:
    return [f"pr{place // 2}" for place in range(size)]


def test_the_planted_effect_is_inside_its_bounds_and_the_rate_is_that_at_equal_length() -> None:
    better, longer_by = drawn(1.5, -0.4)
    got = length_effect(better, longer_by, groups(600))
    assert got is not None
    assert got.effect_low < 1.5 < got.effect_high
    assert got.effect_low > 0
    # 1 / (1 + e^.4) = .4013
    assert got.rate_low < 0.4013 < got.rate_high


def test_a_judge_who_does_not_care_has_no_effect() -> None:
    better, longer_by = drawn(0.0, 0.2)
    got = length_effect(better, longer_by, groups(600))
    assert got is not None
    assert got.effect_low < 0 < got.effect_high


def test_turned_round_everything_turns_round() -> None:
    better, longer_by = drawn(1.0, -0.4)
    one, other = (
        length_effect(better, longer_by, groups(600)),
        length_effect(1 - better, -longer_by, groups(600)),
    )
    assert one is not None
    assert other is not None
    assert other.effect == pytest.approx(one.effect, abs=1e-6)
    assert other.rate == pytest.approx(1 - one.rate, abs=1e-6)


def test_what_cannot_be_told_is_not_told() -> None:
    better, longer_by = drawn(1.0, 0.0)
    few = FEWEST - 1
    assert length_effect(better[:few], longer_by[:few], groups(few)) is None
    assert length_effect(np.ones(600), longer_by, groups(600)) is None
    assert length_effect(better, np.zeros(600), groups(600)) is None
    assert length_effect(better, longer_by, ["one"] * 600) is None
    assert length_effect(np.array([]), np.array([]), []) is None
    # The longer one always wins: no finite effect fits best.
    assert length_effect((longer_by > 0).astype(float), longer_by, groups(600)) is None
