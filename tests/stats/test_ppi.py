"""Prediction-powered means: what the judges add, and that they cannot harm."""

from __future__ import annotations

import numpy as np
import pytest

from pullsmith.stats.ppi import powered_mean


def test_judges_who_say_what_people_say_make_the_interval_that_of_all_prompts() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 1100).astype(float)
    got = powered_mean(truth[:100], truth[:100], truth[100:])
    # lambda = 1 / (1 + 100/1000) = .909, so the variance is near s^2 / 1100.
    assert got.weight == pytest.approx(0.909, abs=0.02)
    assert got.value == pytest.approx(truth.mean(), abs=0.01)
    assert (got.high - got.low) / 2 == pytest.approx(1.96 * 0.5 / 1100**0.5, rel=0.05)
    assert got.bias == 0
    assert got.saved == pytest.approx(1 - 100 / 1100, abs=0.02)


def test_judges_who_toss_a_coin_are_not_used() -> None:
    random = np.random.default_rng(0)
    human = random.integers(0, 2, 100).astype(float)
    noise = random.integers(0, 2, 2100).astype(float)
    got = powered_mean(human, noise[:100], noise[100:])
    assert got.weight < 0.2
    assert got.value == pytest.approx(human.mean(), abs=0.03)


def test_a_judge_with_one_opinion_changes_nothing() -> None:
    human = np.array([0.0, 1.0, 1.0, 0.0])
    got = powered_mean(human, np.ones(4), np.ones(50))
    assert (got.value, got.weight, got.bias, got.saved) == (0.5, 0, 0.5, 0)


def test_bias_of_the_judges_falls_out_and_the_interval_covers() -> None:
    random = np.random.default_rng(2)
    covered = []
    for _ in range(300):
        liking = random.normal(size=400)
        human = (liking - 0.3 + 0.5 * random.normal(size=400) > 0).astype(float)
        judged = (liking + 0.5 * random.normal(size=400) > 0).astype(float)  # kinder than people
        got = powered_mean(human[:100], judged[:100], judged[100:])
        # P(N(0, 1.25) > .3) = .3942
        covered.append(got.low <= 0.3942 <= got.high)
    assert 0.91 < np.mean(covered) < 0.98


@pytest.mark.parametrize("sizes", [(3, 2, 5), (1, 1, 5), (3, 3, 1)])
def test_labels_that_do_not_match_or_are_too_few(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="label"):
        powered_mean(*(np.zeros(size) for size in sizes))
