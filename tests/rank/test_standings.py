"""Strengths and orders over all entrants: by hand, and who cannot be compared."""

from __future__ import annotations

import math

import pytest

from pullsmith.rank.rates import OTHER_FAMILIES, shares_by_task
from pullsmith.rank.standings import order_statistics, strength_statistics
from pullsmith.records import Result, Verdict
from pullsmith.stats.bootstrap import Resampler
from tests.judged import verdict

WIN, LOSS, TIE = Result.WIN, Result.LOSS, Result.TIE


def rows(
    candidate: str, wins: int, losses: int, *, judge: str = "rubric", reference: str = "rules"
) -> list[Verdict]:
    results = [WIN] * wins + [LOSS] * losses
    return [
        verdict(f"pr{n}", result, candidate=candidate, judge=judge, reference=reference)
        for n, result in enumerate(results)
    ]


def draws(verdicts: list[Verdict]) -> Resampler:
    return Resampler(sorted({v.pull_request_id for v in verdicts}), resamples=100, seed=0)


def test_a_strength_is_the_logit_of_the_rate_where_all_met_one_reference() -> None:
    verdicts = [*rows("good", 30, 10), *rows("bad", 10, 30)]
    got = {row.entrant: row for row in strength_statistics(verdicts, draws(verdicts))}
    assert set(got) == {"good", "bad", "rules"}
    gap = (got["good"].value or 0) - (got["rules"].value or 0)
    assert gap == pytest.approx(math.log(30.5 / 10.5), abs=1e-5)
    assert sum(row.value or 0 for row in got.values()) == pytest.approx(0, abs=1e-5)
    assert all((row.low or 0) <= (row.value or 0) <= (row.high or 0) for row in got.values())
    assert got["rules"].count == 80


def test_rules_beside_a_language_model_make_nobody_stronger() -> None:
    verdicts = [*rows("good", 30, 10, judge="x"), *rows("bad", 10, 30, judge="x")]
    rules = [*rows("good", 0, 40), *rows("bad", 40, 0)]
    one, other = (
        list(strength_statistics(mine, draws(verdicts))) for mine in (verdicts, verdicts + rules)
    )
    assert one == other


def test_strengths_that_no_resample_moves_say_so() -> None:
    ties = [verdict(f"pr{n}", TIE, candidate="a") for n in range(5)]
    assert all(row.degenerate for row in strength_statistics(ties, draws(ties)))
    mixed = rows("a", 3, 2)
    assert not any(row.degenerate for row in strength_statistics(mixed, draws(mixed)))


def test_who_never_met_is_not_compared() -> None:
    verdicts = [*rows("a", 3, 3), *rows("b", 3, 3, reference="other")]
    assert list(strength_statistics(verdicts, draws(verdicts))) == []
    assert list(strength_statistics([], Resampler([], resamples=100, seed=0))) == []


def test_judges_who_order_models_alike_have_tau_one_and_turned_round_minus_one() -> None:
    wins = {"a": 30, "b": 20, "c": 10}
    verdicts = [v for name, n in wins.items() for v in rows(name, n, 40 - n, judge="x")]
    verdicts += [v for name, n in wins.items() for v in rows(name, n - 5, 45 - n, judge="y")]
    verdicts += [v for name, n in wins.items() for v in rows(name, 40 - n, n, judge="z")]
    got = {
        (row.judge, row.other): row
        for row in order_statistics(shares_by_task(verdicts), draws(verdicts))
    }
    assert got["x", "y"].value == 1
    assert got["x", "z"].value == -1
    assert got["x", "y"].reference == "rules"
    assert got["x", "y"].count == 3


def test_a_mean_of_judges_is_no_judge_that_could_agree() -> None:
    verdicts = [v for judge in "xyz" for name, n in (("a", 3), ("b", 5)) for v in rows(name, n, 6 - n, judge=judge)]  # fmt: skip
    families = {"x": "alpha", "a": "alpha", "b": "alpha"}
    shares = shares_by_task(verdicts, families)
    assert any(judge == OTHER_FAMILIES for *_, judge in shares)
    got = {(row.judge, row.other) for row in order_statistics(shares, draws(verdicts))}
    assert got == {("x", "y"), ("x", "z"), ("y", "z")}


def test_one_model_has_no_order() -> None:
    verdicts = [*rows("a", 3, 3, judge="x"), *rows("a", 3, 3, judge="y")]
    assert list(order_statistics(shares_by_task(verdicts), draws(verdicts))) == []
