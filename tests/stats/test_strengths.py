"""Bradley-Terry: two entrants by hand, the planted strengths back, and who never met."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pullsmith.stats.strengths import connected, strengths


def test_two_entrants_by_hand() -> None:
    # 30 wins, 9 losses, 20 ties as half each, and half a win each way: ln(40.5 / 19.5).
    got = strengths([("a", "b")], np.array([[30.0, 9.0, 20.0]]))
    assert got["a"] - got["b"] == pytest.approx(math.log(40.5 / 19.5), abs=1e-6)
    assert got["a"] + got["b"] == pytest.approx(0)


def test_turning_a_pair_round_changes_nothing() -> None:
    pairs, counts = [("a", "b"), ("b", "c")], np.array([[5.0, 2.0, 1.0], [3.0, 3.0, 2.0]])
    turned = strengths([("b", "a"), ("c", "b")], counts[:, [1, 0, 2]])
    assert turned == pytest.approx(strengths(pairs, counts), abs=1e-6)


def test_planted_strengths_come_back() -> None:
    truth = {"a": 1.0, "b": 0.2, "c": -0.3, "d": -0.9}
    names = sorted(truth)
    pairs = [(one, other) for one in names for other in names if one < other]
    counts = []
    for one, other in pairs:
        share = 1 / (1 + math.exp(truth[other] - truth[one]))
        counts.append([100_000 * share, 100_000 * (1 - share), 0.0])
    assert strengths(pairs, np.array(counts)) == pytest.approx(truth, abs=1e-3)


def test_who_always_wins_has_a_finite_strength() -> None:
    got = strengths([("a", "b")], np.array([[100.0, 0.0, 0.0]]))
    assert got["a"] - got["b"] == pytest.approx(math.log(100.5 / 0.5), abs=1e-5)


def test_nobody_and_those_who_never_met() -> None:
    assert strengths([], np.zeros((0, 3))) == {}
    assert connected([])
    assert connected([("a", "b"), ("c", "d"), ("b", "c")])
    assert not connected([("a", "b"), ("c", "d")])
