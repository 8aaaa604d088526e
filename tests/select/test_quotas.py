"""Quotas and choices: never too many, the lowest draws first, whatever the order of the input."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.select.quotas import diverse, drawn, k_centre, over_quota

LANGUAGES = st.lists(st.sampled_from("abc"), max_size=20)


def draws(count: int) -> list[str]:
    return [f"{one:04}" for one in random.Random(count).sample(range(1000), count)]


def test_the_lowest_draws_are_kept_and_the_full_quota_is_named() -> None:
    strata = {"language": ["c", "c", "go", "c"], "size": ["s", "s", "s", "m"]}
    over = over_quota(strata, {"language": 2, "size": 2}, ["3", "2", "1", "4"])
    assert over == {0: "size s: 2 are there"}
    assert over_quota(strata, {"language": 2, "size": 3}, ["3", "2", "1", "4"]) == {
        3: "language c: 2 are there"
    }


@given(LANGUAGES, st.integers(1, 5), st.randoms())
def test_no_quota_is_overrun_and_order_does_not_matter(
    languages: list[str], most: int, shuffle: random.Random
) -> None:
    numbers = draws(len(languages))
    over = over_quota({"language": languages}, {"language": most}, numbers)
    kept = Counter(one for at, one in enumerate(languages) if at not in over)
    assert kept == {name: min(most, n) for name, n in Counter(languages).items()}
    order = shuffle.sample(range(len(languages)), len(languages))
    again = over_quota(
        {"language": [languages[at] for at in order]}, {"language": most}, [numbers[at] for at in order]
    )  # fmt: skip
    assert {order[at] for at in again} == set(over)


def test_a_draw_takes_the_lowest() -> None:
    assert drawn(["3", "1", "2"], 2) == {1, 2}
    assert drawn(["3", "1"], 5) == {0, 1}


def points(*values: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array([[value] for value in values], dtype=np.float32)


def test_k_centre_by_hand() -> None:
    # From 0 the farthest is 10; then 4 is 4 away from the nearer of both, 9 only 1.
    assert k_centre(points(0, 1, 10, 9, 4), 3) == [0, 2, 4]
    assert k_centre(points(5, 5, 5), 2) == [0, 1]
    assert k_centre(points(1), 0) == []


def test_every_stratum_gets_its_share_of_what_is_far_apart() -> None:
    features = points(0, 0.1, 5, 0, 0.1, 5, 0.2, 0.3)
    strata = ["a", "a", "a", "b", "b", "b", "b", "b"]
    chosen = diverse(features, strata, [str(n) for n in range(8)], 4)
    # 3/8 and 5/8 of 4 are 1.5 and 2.5: one more to the first by name.
    assert chosen == {0, 2, 3, 5}


@given(LANGUAGES, st.integers(1, 30))
def test_as_many_as_wanted_are_chosen(strata: list[str], wanted: int) -> None:
    features = np.random.Generator(np.random.PCG64(1)).random((len(strata), 3), dtype=np.float32)
    chosen = diverse(features, strata, draws(len(strata)), wanted) if strata else set()
    assert len(chosen) == min(wanted, len(strata))
