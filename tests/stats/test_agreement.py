"""Kappa, alpha and tau: by hand, against statsmodels, evalica and scipy, and at the edges."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from evalica import alpha
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau
from statsmodels.stats.inter_rater import cohens_kappa

from pullsmith.stats.agreement import (
    cohen_kappa,
    coincidences,
    kendall_tau,
    krippendorff_alpha,
)

_TABLES = st.lists(st.integers(0, 30), min_size=9, max_size=9).map(
    lambda cells: np.array(cells, dtype=float).reshape(3, 3)
)


def test_kappa_by_hand() -> None:
    # Of 50: 20 both yes, 15 both no, 5 and 10 apart. Seen .7; chance .5 x .6 + .5 x .4 = .5.
    table = np.array([[20.0, 5.0], [10.0, 15.0]])
    assert cohen_kappa(table) == pytest.approx(0.4)


@given(_TABLES)
def test_kappa_is_statsmodels_kappa(table: np.ndarray) -> None:
    assume(table.any())  # of nothing statsmodels raises; ours is below
    with warnings.catch_warnings():
        # statsmodels divides by zero for its own bounds where labels are missing, which are not asked.
        warnings.simplefilter("ignore", RuntimeWarning)
        theirs = cohens_kappa(table).kappa
    assert cohen_kappa(table) == pytest.approx(theirs, abs=1e-9, nan_ok=True)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=15))
def test_alpha_is_evalicas_alpha_also_with_labels_missing(labels: list[list[int]]) -> None:
    given_ = np.array(labels, dtype=float)  # 3 stands for a missing label
    counts = np.stack([(given_ == label).sum(1) for label in range(3)], axis=1).astype(float)
    mine = krippendorff_alpha(coincidences(counts).sum(0))
    pairable = counts[counts.sum(1) > 1]
    if len(pairable) == 0 or (pairable.sum(0) > 0).sum() < 2:
        assert np.isnan(mine)
        return
    theirs = alpha(pd.DataFrame(np.where(given_ == 3, np.nan, given_).T), distance="nominal")
    assert mine == pytest.approx(theirs.alpha, abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=12))
def test_tau_is_scipys_tau_b(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs, dtype=float).T
    mine = kendall_tau(one, other)
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert np.isnan(mine)
        return
    assert mine == pytest.approx(kendalltau(one, other).statistic, abs=1e-9)


def test_many_resamples_at_once_are_each_by_itself() -> None:
    tables = np.random.default_rng(0).integers(1, 9, (7, 3, 3)).astype(float)
    assert cohen_kappa(tables) == pytest.approx([float(cohen_kappa(table)) for table in tables])
    rates = np.random.default_rng(1).random((2, 7, 5))
    each = [float(kendall_tau(one, other)) for one, other in zip(*rates, strict=True)]
    assert kendall_tau(*rates) == pytest.approx(each)


def test_one_model_has_no_order() -> None:
    assert np.isnan(kendall_tau(np.array([0.3]), np.array([0.4])))


def test_where_all_labels_are_alike_or_missing_kappa_is_not_defined() -> None:
    alike = np.zeros((3, 3))
    assert np.isnan(cohen_kappa(alike))
    alike[1, 1] = 7
    assert np.isnan(cohen_kappa(alike))
