"""F1 by hand and by properties, and whether its interval covers what it is of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.rank.grid import Field
from pullsmith.rank.measures import f1, f1_interval
from pullsmith.rank.rates import Task
from pullsmith.scoring import PlantedScore, Score
from pullsmith.stats.bootstrap import Interval, Resampler


def score(*, defective: bool, claims: int, right: int) -> Score:
    planted = PlantedScore(
        defective=defective, claims=claims, right_claims=right, found=right > 0,
        line_found=False, kind_found=False, exact_fix=False, silent=claims == 0,
    )  # fmt: skip
    return Score(
        valid=True, taken=True, grounded=True, empty=False, limit_faults=(), planted=planted
    )


def interval(scores: list[Score], seed: int = 0, resamples: int = 400) -> Interval:
    by_task: dict[Task, Score] = {(f"p{n}", "review", 0): each for n, each in enumerate(scores)}
    draws = Resampler([task[0] for task in by_task], resamples=resamples, seed=seed)
    return f1_interval(by_task, Field("planted", "review", frozenset(by_task), draws))


def test_f1_by_hand() -> None:
    found = [score(defective=True, claims=1, right=1)] * 3
    missed = [score(defective=True, claims=0, right=0)] * 3
    wrong = [score(defective=False, claims=1, right=0)] * 1
    # Recall 3/6, precision 3/4: 2 x .5 x .75 / 1.25 = .6.
    told = interval([*found, *missed, *wrong])
    assert told.value == pytest.approx(0.6)
    assert told.count == 6
    assert told.low is not None
    assert told.high is not None
    assert told.low < 0.6 < told.high
    assert not told.degenerate


def test_several_right_claims_on_one_defect_are_one_defect_found() -> None:
    # Recall 1/2, precision 2/2: 2 x .5 / 1.5 = 2/3.
    twice = score(defective=True, claims=2, right=2)
    told = interval([twice, score(defective=True, claims=0, right=0)])
    assert told.value == pytest.approx(2 / 3)


def test_nothing_found_is_zero_with_a_bound_for_what_was_not_seen() -> None:
    told = interval([score(defective=True, claims=n % 2, right=0) for n in range(100)])
    assert (told.value, told.low, told.degenerate) == (0, 0, True)
    # With 100 defects up to .0362 of them may be found unseen (1 - .025^(1/100)); 2b / (1 + b) = .0699.
    assert told.high == pytest.approx(0.0699, abs=1e-4)
    silent = interval([score(defective=True, claims=0, right=0)] * 4)
    assert silent.value == 0


def test_all_found_has_a_lower_bound() -> None:
    told = interval([score(defective=True, claims=1, right=1)] * 100)
    assert (told.value, told.high, told.degenerate) == (1, 1, True)
    assert told.low == pytest.approx(1 - 0.0362, abs=1e-4)


def test_without_defects_there_is_no_f1() -> None:
    assert interval([score(defective=False, claims=1, right=0)]).value is None
    assert interval([]).value is None


counts = st.tuples(st.integers(1, 40), st.integers(0, 40), st.integers(0, 40)).map(
    lambda c: (min(c[0], c[1]), c[0], min(c[0], c[1]), min(c[0], c[1]) + c[2])
)


@given(counts)
def test_f1_lies_between_recall_and_precision(sums: tuple[int, int, int, int]) -> None:
    found, defective, right, claims = sums
    value = float(f1(np.array(sums, dtype=float)))
    if not found:
        assert value == 0
    else:
        sides = sorted((found / defective, right / claims))
        assert sides[0] - 1e-12 <= value <= sides[1] + 1e-12


def test_the_interval_covers_the_truth_in_about_95_of_100() -> None:
    # Half have a defect; of these .5 are found, and of the others .2 get a wrong claim, so on average
    # recall .5, precision .25 / (.25 + .1) = 5/7, F1 = 2 x .5 x 5/7 / (.5 + 5/7) = 10/17.
    random = np.random.default_rng(7)
    covered = 0
    for seed in range(300):
        defective, hit = random.random(120) < 0.5, random.random(120)
        scores = [
            score(
                defective=bool(bad),
                claims=int(x < (0.5 if bad else 0.2)),
                right=int(bad and x < 0.5),
            )
            for bad, x in zip(defective, hit, strict=True)
        ]
        told = interval(scores, seed, resamples=300)
        covered += (told.low or 0) <= 10 / 17 <= (told.high or 0)
    # Three standard errors of a share of .95 in 300 are .038.
    assert 0.912 <= covered / 300 <= 0.988
