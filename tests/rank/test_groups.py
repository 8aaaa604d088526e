"""Differences between groups of models: by hand, turned round, alike, and with people missing."""

from __future__ import annotations

import numpy as np
import pytest

from pullsmith.rank.comparisons import Comparison, comparisons
from pullsmith.rank.groups import longest_and_shortest
from pullsmith.records import Claim, GroupContrast
from pullsmith.study.facts import StudentFacts
from tests.rank.groups_made import by_claim, contrasts_of, grid_of, shares_of


def wins(rate: float, requests: int = 60) -> np.ndarray:
    return (np.random.default_rng(round(1000 * rate)).random(requests) < rate).astype(float)


def one(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> GroupContrast:
    shares = shares_of({**left, **right})
    asked = [Comparison(Claim.CODE, tuple(left), tuple(right), False)]
    (row,) = by_claim(shares, asked, grid_of(shares)).values()
    return row


def test_a_difference_is_that_of_the_groups_mean_rates() -> None:
    left = {"a@after": np.array([1.0, 1, 0, 0] * 5), "b@after": np.array([1.0, 1, 1, 0] * 5)}
    row = one(left, {"c@after": np.array([0.0, 0, 1, 0] * 5)})
    assert row.difference == pytest.approx((0.5 + 0.75) / 2 - 0.25)
    assert row.low < row.difference < row.high
    assert (row.pull_requests, row.prompts) == (20, 20)
    assert row.models_low is None  # one model on a side says nothing of its kind


def test_sides_turned_round_flip_the_sign_of_all() -> None:
    left = {f"l{n}@after": wins(0.5 + n / 20) for n in range(3)}
    right = {f"r{n}@after": wins(0.2 + n / 20) for n in range(3)}
    there, back = one(left, right), one(right, left)
    assert back.difference == -there.difference
    assert [back.low, back.high] == pytest.approx([-there.high, -there.low])
    assert there.models_low is not None
    assert there.models_high is not None
    assert [back.models_low, back.models_high] == pytest.approx([-there.models_high, -there.models_low])  # fmt: skip
    assert back.p_value == pytest.approx(there.p_value)


def test_over_models_it_is_wider_where_models_of_a_group_differ() -> None:
    left = {f"l{n}@after": wins(rate) for n, rate in enumerate((0.2, 0.5, 0.8))}
    row = one(left, {f"r{n}@after": wins(0.3 + n / 100) for n in range(3)})
    assert row.models_low is not None
    assert row.models_high is not None
    assert row.models_high - row.models_low > 2 * (row.high - row.low)


def test_where_all_pull_requests_are_alike_the_bounds_are_for_what_was_not_seen() -> None:
    row = one({"a@after": np.ones(10)}, {"b@after": np.zeros(10)})
    assert row.degenerate
    # 1 - 0.025^(1/10) = .3085 of the pull requests could be otherwise, down to a difference of -1.
    assert (row.difference, row.high) == (1, 1)
    assert row.low == pytest.approx(1 - 0.3085 * 2, abs=1e-4)


def test_after_and_before_pair_model_by_model_and_a_missing_one_leaves_with_its_pair() -> None:
    facts = [StudentFacts("a"), StudentFacts("b"), StudentFacts("c")]
    verdicts = {"a@after": wins(0.6), "a@before": wins(0.1), "b@after": wins(0.5), "b@before": wins(0.2), "c@after": wins(0.9)}  # fmt: skip
    made = contrasts_of(verdicts, facts)
    assert set(made) == {(Claim.FINE_TUNING, "a"), (Claim.FINE_TUNING, "b"), (Claim.FINE_TUNING_MEAN, "all")}  # fmt: skip
    mean = made[Claim.FINE_TUNING_MEAN, "all"]
    assert (mean.left, mean.right) == (("a@after", "b@after"), ("a@before", "b@before"))
    each = [made[Claim.FINE_TUNING, name].difference for name in "ab"]
    assert mean.difference == pytest.approx(sum(each) / 2)


def test_the_more_of_a_kind_are_told_the_less_each_p_says() -> None:
    verdicts = {"a@after": wins(0.45), "a@before": wins(0.2), "b@after": wins(0.5), "b@before": wins(0.45)}  # fmt: skip
    made = contrasts_of(verdicts, [StudentFacts("a"), StudentFacts("b")])
    a, b = made[Claim.FINE_TUNING, "a"], made[Claim.FINE_TUNING, "b"]
    assert a.p_value < b.p_value
    assert [a.adjusted_p, b.adjusted_p] == pytest.approx([2 * a.p_value, b.p_value], abs=3e-9)


def test_long_prompts_against_short_are_the_same_models_on_other_pull_requests() -> None:
    won = np.array([0.0] * 20 + [1.0] * 10 + [0.0, 1.0] * 10)  # the middle ten are long, and won
    shares = shares_of({"a@after": won})
    tokens = {task: 5000 if 20 <= n < 30 else 100 for n, task in enumerate(shares["a@after", "rules", "all"])}  # fmt: skip
    grid = grid_of(shares, tokens=tokens)
    lengths = longest_and_shortest(grid)
    assert lengths == ("prompt:more", "prompt:up to 1,000 tokens")
    (row,) = by_claim(shares, comparisons([StudentFacts("a")], (), lengths)[1:], grid).values()
    assert row.claim is Claim.LONG
    assert row.difference == pytest.approx(1 - 10 / 40)
    assert row.pull_requests == 50


def test_no_student_and_no_verdict_give_no_row() -> None:
    assert contrasts_of({"a@after": wins(0.5)}, []) == {}
    shares = shares_of({"a@after": wins(0.5)})
    nobody = Comparison(Claim.CODE, ("x@after",), ("a@after",), False)
    elsewhere = Comparison(Claim.CODE, ("a@after",), ("a@after",), False, tool="improve")
    assert by_claim(shares, [nobody, elsewhere], grid_of(shares)) == {}
    assert longest_and_shortest(grid_of(shares)) is None
