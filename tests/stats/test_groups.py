"""The interval over models: by hand, its refusals, and how often it holds the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pullsmith.stats.groups import Across, Group, across_models


def still(*values: float) -> Group:
    """Models whose rates no resample of pull requests would change."""
    seen = np.array(values)
    return Group(seen, np.tile(seen, (50, 1)))


def test_without_luck_of_pull_requests_it_is_welch_s_interval() -> None:
    one, other = [0.40, 0.35, 0.45, 0.38], [0.30, 0.20, 0.28]
    found = across_models([still(*one), still(*other)], pull_requests=10**6)
    assert found is not None
    welch = stats.ttest_ind(one, other, equal_var=False)
    low, high = welch.confidence_interval(0.95)
    assert [found.low, found.high] == pytest.approx([low, high])
    assert found.p_value == pytest.approx(welch.pvalue)


def test_pairs_are_one_group_of_differences_as_in_a_paired_t_test() -> None:
    one, other = np.array([0.4, 0.3, 0.5]), np.array([0.3, 0.25, 0.35])
    found = across_models([still(*(one - other))], pull_requests=10**6)
    assert found is not None
    paired = stats.ttest_rel(one, other)
    assert [found.low, found.high] == pytest.approx(list(paired.confidence_interval(0.95)))


def test_turned_round_it_is_the_same_with_the_other_sign() -> None:
    groups = [still(0.4, 0.3, 0.5), still(0.2, 0.3, 0.25)]
    one = across_models(groups, pull_requests=100)
    other = across_models(groups[::-1], pull_requests=100)
    assert isinstance(one, Across)
    assert isinstance(other, Across)
    assert [one.low, one.high, one.p_value] == pytest.approx([-other.high, -other.low, other.p_value])  # fmt: skip


@pytest.mark.parametrize(
    "groups",
    [
        [],
        [still(0.4, 0.5), still(0.1, 0.2, 0.3)],  # two models are too few
        [still(0.4, 0.4, 0.4), still(0.1, 0.1, 0.1)],  # nothing varies: no spread to speak of
    ],
    ids=["nobody", "two models", "no spread"],
)
def test_where_nothing_can_be_said_nothing_is(groups: list[Group]) -> None:
    assert across_models(groups, pull_requests=100) is None
    assert across_models([still(0.4, 0.5, 0.6)], pull_requests=1) is None
    assert across_models([still(0.4, 0.5, 0.6)], pull_requests=2) is not None


def study(
    random: np.random.Generator, sizes: tuple[int, int], spread: float, apart: float
) -> list[Group]:
    """A study of 150 prompts whose groups are ``apart``; models, prompts and groups have their luck."""
    truth = np.concatenate([0.35 + apart * (side == 0) + random.normal(0, spread, n) for side, n in enumerate(sizes)])  # fmt: skip
    side = np.repeat([0, 1], sizes)
    prompts = 0.15 * random.normal(size=150) + 0.1 * random.normal(size=(2, 150))[side]
    won = (random.random(prompts.shape) < np.clip(truth[:, None] + prompts, 0, 1)).astype(float)
    drawn = random.multinomial(150, np.full(150, 1 / 150), 300) / 150 @ won.T
    rates = won.mean(1)
    return [Group(rates[side == n], drawn[:, side == n]) for n in (0, 1)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sizes", "spread"), [((3, 3), 0.06), ((9, 5), 0.02), ((9, 5), 0.1), ((5, 5), 0.0)]
)
def test_it_holds_a_known_difference_as_often_as_it_says(
    sizes: tuple[int, int], spread: float
) -> None:
    random = np.random.default_rng(11)
    held = []
    for _ in range(400):
        found = across_models(study(random, sizes, spread, 0.05), pull_requests=150)
        assert found is not None
        held.append(found.low <= 0.05 <= found.high)
    # Over 400 studies 95 % has an error of 1.1 points; it may be wider than it need be.
    assert 0.925 <= np.mean(held) <= 0.995
