"""The bootstrap: what it must and must not do, by properties and by values derived by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullsmith.stats.bootstrap import Column, Interval, Resampler

# The mean and count of one pull request. Means are shares of a few verdicts: a mean of 1e-12 could
# not be told from 0 once it is taken from 1.
_MEANS = st.integers(0, 24).map(lambda part: part / 24)
_VALUES = st.lists(st.tuples(_MEANS, st.integers(1, 4)), min_size=1, max_size=12)


def column(values: list[tuple[float, int]]) -> Column:
    return {f"pr{n}": (mean * count, float(count)) for n, (mean, count) in enumerate(values)}


def interval(made: Column, *, resamples: int = 300, seed: int = 0) -> Interval:
    return Resampler(list(made), resamples=resamples, seed=seed).intervals([made])[0]


@settings(deadline=None)
@given(_VALUES)
def test_the_interval_holds_the_rate_and_stays_inside_the_span(
    values: list[tuple[float, int]],
) -> None:
    got = interval(column(values))
    assert got.value is not None
    assert got.low is not None
    assert got.high is not None
    assert -1e-9 <= got.low <= got.value <= got.high <= 1 + 1e-9


@settings(deadline=None)
@given(_VALUES)
def test_turning_every_value_round_turns_the_interval_round(
    values: list[tuple[float, int]],
) -> None:
    one = interval(column(values))
    other = interval(column([(1 - mean, count) for mean, count in values]))
    assert one.value is not None
    assert other.value == pytest.approx(1 - one.value)
    assert other.low == pytest.approx(1 - (one.high or 0))
    assert other.high == pytest.approx(1 - (one.low or 0))


@settings(deadline=None)
@given(_VALUES, st.integers(2, 5))
def test_saying_a_pull_request_again_narrows_nothing(
    values: list[tuple[float, int]], times: int
) -> None:
    one = interval(column(values))
    again = interval(column([(mean, count * times) for mean, count in values]))
    assert again.value == pytest.approx(one.value)
    assert again.low == pytest.approx(one.low)
    assert again.high == pytest.approx(one.high)
    assert again.pull_requests == one.pull_requests


def test_one_pull_request_says_that_it_knows_almost_nothing() -> None:
    got = interval({"pr": (1.0, 1.0)})
    # One success: whatever happens in up to 97.5 % of cases could have stayed unseen.
    assert (got.value, got.high, got.pull_requests) == (1, 1, 1)
    assert got.low == pytest.approx(0.025)
    assert got.degenerate


def test_a_hundred_alike_leave_room_for_what_was_not_seen() -> None:
    got = interval(column([(0.0, 1)] * 100))
    # Clopper and Pearson's upper bound at 0 of 100: 1 - .025^(1/100) = .0362.
    assert (got.value, got.low, got.degenerate) == (0, 0, True)
    assert got.high == pytest.approx(0.0362, abs=1e-4)


def test_a_difference_that_is_always_nothing_could_be_a_little_either_way() -> None:
    made = column([(0.0, 1)] * 100)
    got = Resampler(list(made), resamples=100, seed=0).intervals([made], span=(-1, 1))[0]
    assert got.low == pytest.approx(-0.0362, abs=1e-4)
    assert got.high == pytest.approx(0.0362, abs=1e-4)


def test_the_width_is_that_of_the_pull_requests_not_of_the_verdicts() -> None:
    # 100 pull requests, half won, 6 verdicts each, all alike within one: the standard error is
    # sqrt(.25 / 100) = .05, so the interval is .5 -+ .098; 600 facts would give -+ .04.
    got = interval(column([(float(n % 2), 6) for n in range(100)]), resamples=4000)
    assert got.low == pytest.approx(0.402, abs=0.012)
    assert got.high == pytest.approx(0.598, abs=0.012)


def test_two_pull_requests_by_hand() -> None:
    # Of the four draws one is both losses, one both wins, two are mixed: the 2.5 % and 97.5 %
    # quantiles are the ends.
    got = interval({"a": (0.0, 1.0), "b": (1.0, 1.0)})
    assert (got.value, got.low, got.high, got.degenerate) == (0.5, 0, 1, False)


def test_the_same_population_and_seed_give_the_same_interval_in_any_order() -> None:
    made = column([(n / 7, 1) for n in range(7)])
    turned = dict(reversed(list(made.items())))
    assert interval(made, seed=4) == interval(turned, seed=4)
    assert interval(made, seed=4) != interval(made, seed=5)


def test_columns_do_not_disturb_each_other() -> None:
    one, other = column([(n / 7, 1) for n in range(7)]), column([(1.0, 1)] * 7)
    both = Resampler(list(one), resamples=200, seed=0).intervals([one, other])
    assert both[0] == interval(one, resamples=200)
    assert both[1] == interval(other, resamples=200)


def test_pull_requests_without_a_count_are_drawn_but_count_for_nothing() -> None:
    some = {"pr0": (1.0, 1.0), "pr1": (0.0, 1.0)}
    drawn = Resampler([f"pr{n}" for n in range(30)], resamples=400, seed=0)
    got = drawn.intervals([some])[0]
    # Many resamples hold neither; those say nothing, and the others still span both ends.
    assert (got.value, got.low, got.high, got.pull_requests) == (0.5, 0, 1, 2)


def test_nothing_counted_gives_no_numbers() -> None:
    nothing = Interval(None, None, None, 0, 0)
    assert Resampler(["a"], resamples=100, seed=0).intervals([{}]) == [nothing]
    assert Resampler([], resamples=100, seed=0).intervals([{}]) == [nothing]


def test_a_pull_request_of_another_population_is_refused() -> None:
    with pytest.raises(KeyError):
        Resampler(["a"], resamples=100, seed=0).intervals([{"b": (1.0, 1.0)}])


@pytest.mark.slow
def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    random = np.random.default_rng(6)
    held, rounds = 0, 800
    for _ in range(rounds):
        # 150 pull requests of three prompts that hang together.
        likely = random.beta(1.2, 1.8, size=150)
        wins = random.binomial(3, likely)
        got = interval({f"pr{n}": (float(w), 3.0) for n, w in enumerate(wins)}, resamples=400)
        held += (got.low or 0) <= 0.4 <= (got.high or 1)
    # 1.2 / (1.2 + 1.8) = .4; 800 rounds put the share within .95 -+ .02.
    assert 0.925 <= held / rounds <= 0.975
