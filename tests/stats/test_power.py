"""What a study can see: the published arithmetic, and the two ways round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from pullsmith.stats.power import (
    half_width_error,
    holm,
    planned_difference,
    prompts_for,
    seen_difference,
    two_sided_p,
)


@pytest.mark.parametrize(
    ("prompts", "unpaired", "paired"),
    # (1.960 + 0.842) x sqrt(2 x .4 x .6 / n), and that over sqrt(2), in points.
    [(100, 19.4, 13.7), (300, 11.2, 7.9), (600, 7.9, 5.6), (900, 6.5, 4.6), (1200, 5.6, 4.0)],
)
def test_the_smallest_difference_is_what_is_derived_for_the_published_board(
    prompts: int, unpaired: float, paired: float
) -> None:
    assert planned_difference(prompts, correlation=0) * 100 == pytest.approx(unpaired, abs=0.05)
    assert planned_difference(prompts, correlation=0.5) * 100 == pytest.approx(paired, abs=0.05)


@given(st.integers(1, 100_000), st.floats(0.05, 0.95), st.floats(0, 0.95))
def test_as_many_prompts_as_are_asked_for_do_see_the_difference(
    prompts: int, rate: float, correlation: float
) -> None:
    difference = planned_difference(prompts, rate=rate, correlation=correlation)
    needed = prompts_for(difference, rate=rate, correlation=correlation)
    assert prompts <= needed <= prompts + 1


def test_nobody_plans_without_prompts_or_for_no_difference() -> None:
    with pytest.raises(ValueError, match="prompts: 0"):
        planned_difference(0)
    with pytest.raises(ValueError, match="rate 1"):
        planned_difference(10, rate=1)
    with pytest.raises(ValueError, match="difference: 0"):
        prompts_for(0)


def test_an_interval_gives_its_error_back() -> None:
    assert half_width_error(0.4 - 1.959964 * 0.02, 0.4 + 1.959964 * 0.02) == pytest.approx(0.02)
    assert seen_difference(0.02) == pytest.approx(2.8016 * 0.02, abs=1e-5)


def test_p_values_at_the_edges_of_the_normal_law() -> None:
    assert two_sided_p(0.0, 0.02) == pytest.approx(1)
    assert two_sided_p(-1.959964 * 0.02, 0.02) == pytest.approx(0.05, abs=1e-6)
    assert (two_sided_p(0.0, 0.0), two_sided_p(0.1, 0.0)) == (1, 0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_is_statsmodels_holm(p_values: list[float]) -> None:
    theirs = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(list(theirs), abs=1e-12)


def test_holm_by_hand_and_of_nothing() -> None:
    # 3 x .01, then 2 x .02, then max(.04, 1 x .03).
    assert holm([0.01, 0.03, 0.02]) == pytest.approx([0.03, 0.04, 0.04])
    assert holm([]) == []
