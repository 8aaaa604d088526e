"""Five looks: their bounds, their false stops, and what is never stopped."""

from __future__ import annotations

import numpy as np
import pytest

from pullsmith.stats.stopping import LOOKS, bound, look_sizes, may_stop


def test_the_bounds_are_those_of_the_table() -> None:
    sizes = look_sizes(300)
    assert sizes == (60, 120, 180, 240, 300)
    # 2.040 x sqrt(5 / k)
    bounds = [bound(size, 300) for size in sizes]
    assert bounds == pytest.approx([4.56, 3.23, 2.63, 2.28, 2.04], abs=0.005)


def test_few_prompts_have_fewer_looks() -> None:
    assert look_sizes(1) == (1,)
    assert look_sizes(3) == (2, 3)
    with pytest.raises(ValueError, match="prompts: 0"):
        look_sizes(0)


def test_no_effect_is_stopped_in_about_one_of_twenty_studies() -> None:
    values = np.random.default_rng(1).integers(0, 2, (4000, 300)).astype(float)
    stopped = np.zeros(len(values), dtype=bool)
    for size in look_sizes(300):
        stopped |= np.array([may_stop(row[:size].tolist(), 300) for row in values])
    # 5 % with an error of .34 points.
    assert 0.038 < stopped.mean() < 0.062


def test_a_plain_effect_stops_early_and_a_toss_up_never() -> None:
    losses = [0.0] * 50 + [1.0] * 10
    assert may_stop(losses, 300)
    assert not may_stop([0.0, 1.0] * 150, 300)
    assert not may_stop([0.0], 300)
    assert len(look_sizes(300)) == LOOKS


def test_alike_answers_are_not_endless_certainty() -> None:
    assert not may_stop([1.0, 1.0, 1.0], 300)
    assert not may_stop([0.5] * 300, 300)
