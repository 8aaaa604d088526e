"""Near-duplicates: against all pairs compared one by one; order of the input; who stays."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.select.near import Near, Sketches, jaccard, near_duplicates
from pullsmith.select.shingles import Set, signatures


def of(*numbers: int) -> Set:
    return np.array(sorted(numbers), dtype=np.uint32) * np.uint32(2654435761) % np.uint32(1 << 31)


def sorted_of(*numbers: int) -> Set:
    return np.sort(of(*numbers))


def found(sets: list[Set], stays: list[bool] | None = None, *, least: int = 1) -> Near:
    sketches = Sketches(
        signatures=signatures(sets),
        set_of=sets.__getitem__,
        sizes=np.array([len(one) for one in sets], dtype=np.int64),
        stays=np.array(stays or [False] * len(sets), dtype=np.bool_),
    )
    return near_duplicates(sketches, similarity=0.8, least_runs=least)


A = sorted_of(*range(100))
NEAR_A = sorted_of(*range(95), *range(200, 205))  # J = 95 / 105
FAR_A = sorted_of(*range(85), *range(300, 315))  # J = 85 / 115


def test_a_near_copy_goes_and_its_twin_stays() -> None:
    near = found([A, FAR_A, NEAR_A])
    assert near.copies == {2: (0, 95 / 105)}
    assert near.clusters() == {0: 0, 2: 0}


def test_short_ones_are_nobodys_copy() -> None:
    assert found([A, NEAR_A], least=101).copies == {}
    assert found([A, NEAR_A], least=100).copies != {}


def test_whoever_stays_anyway_is_marked_and_met() -> None:
    near = found([A, NEAR_A, NEAR_A], [True, True, False])
    assert near.copies == {2: (0, 95 / 105)}
    assert near.clusters() == {0: 0, 1: 0, 2: 0}
    assert found([A, NEAR_A], [True, True]).clusters() == {0: 0, 1: 0}


def test_a_copy_of_what_went_stays_but_in_its_cluster() -> None:
    """B is like A and goes; C is like B, not like A: it stays, and split keeps it beside A."""
    a, b, c = (sorted_of(*range(at, at + 100)) for at in (0, 8, 16))
    assert jaccard(a, b) > 0.8 > jaccard(a, c)
    near = found([a, c, b])
    assert set(near.copies) == {2}
    assert near.clusters() == {0: 0, 1: 0, 2: 0}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=14), st.booleans())
def test_no_two_that_stay_are_alike(places: list[tuple[int, int]], stay: bool) -> None:
    sets = [sorted_of(*range(1000 * of + at, 1000 * of + at + 80)) for of, at in places]
    near = found(sets, [stay] * len(sets))
    kept = [one for one in range(len(sets)) if one not in near.copies]
    alike = [
        (one, other)
        for one, other in itertools.combinations(kept, 2)
        if jaccard(sets[one], sets[other]) >= 0.85  # bands miss one pair in 30,000 there
    ]
    assert alike == [] or stay
    assert all(near.first(one) == near.first(other) for one, other in alike)
    for one, (other, much) in near.copies.items():
        assert other in kept
        assert much == jaccard(sets[one], sets[other]) >= 0.8


def test_jaccard_by_hand() -> None:
    assert jaccard(sorted_of(1, 2, 3), sorted_of(2, 3, 4)) == 2 / 4
    assert jaccard(sorted_of(), sorted_of()) == 0
    assert jaccard(sorted_of(1), sorted_of(1)) == 1
