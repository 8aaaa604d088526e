"""Own family: a judge who favours it is named with the size, one without a family is left out."""

from __future__ import annotations

import pytest

from pullsmith.rank.families import family_statistics
from pullsmith.rank.rates import OTHER_FAMILIES, shares_by_task
from pullsmith.records import Result, Verdict
from pullsmith.stats.bootstrap import Resampler
from tests.judged import verdict

FAMILIES = {"fond": "alpha", "fair": "beta", "tiny@after": "alpha", "rules": ""}


def verdicts() -> list[Verdict]:
    """fond lets its own family win 60 of 100, fair 40 of 100."""
    made = []
    for n in range(100):
        made.append(verdict(f"pr{n}", Result.WIN if n < 60 else Result.LOSS, judge="fond"))
        made.append(verdict(f"pr{n}", Result.WIN if n < 40 else Result.LOSS, judge="fair"))
    return made


def test_the_preference_for_ones_own_is_the_gap_to_the_others() -> None:
    shares = shares_by_task(verdicts(), FAMILIES)
    draws = Resampler([f"pr{n}" for n in range(100)], resamples=200, seed=0)
    rows = {(r.name, r.judge, r.entrant): r for r in family_statistics(shares, FAMILIES, draws)}
    assert rows["family_rate", "alpha", "alpha"].value == pytest.approx(0.6)
    assert rows["family_rate", "beta", "alpha"].value == pytest.approx(0.4)
    own = rows["own_family_preference", "fond", "alpha"]
    assert own.value == pytest.approx(0.2)
    assert (own.low or 0) > 0
    assert ("own_family_preference", "fair", "alpha") not in rows


def test_the_mean_of_other_families_leaves_the_own_judge_out() -> None:
    shares = shares_by_task(verdicts(), FAMILIES)
    others = shares["tiny@after", "rules", OTHER_FAMILIES]
    assert sum(share.better or 0 for share in others.values()) == 40


def test_families_that_nobody_named_make_no_column() -> None:
    shares = shares_by_task(verdicts(), {"fond": "alpha"})
    assert all(judge != OTHER_FAMILIES for _, _, judge in shares)
    draws = Resampler([f"pr{n}" for n in range(100)], resamples=200, seed=0)
    assert list(family_statistics(shares, {"fond": "alpha"}, draws)) == []
