"""What people would say: the judges' bias is seen and falls out, and too few labels say nothing."""

from __future__ import annotations

import pytest

from pullsmith.rank.people import FEWEST, human_statistics
from pullsmith.rank.rates import shares_by_task
from pullsmith.records import Result, Statistic, Verdict
from pullsmith.stats.bootstrap import Resampler
from tests.judged import verdict


def rows(judge: str, wins: set[int], total: int) -> list[Verdict]:
    return [
        verdict(f"pr{n}", Result.WIN if n in wins else Result.LOSS, judge=judge)
        for n in range(total)
    ]


def told(*parts: list[Verdict]) -> dict[str, Statistic]:
    verdicts = [verdict for part in parts for verdict in part]
    draws = Resampler(sorted({v.pull_request_id for v in verdicts}), resamples=300, seed=0)
    return {row.name: row for row in human_statistics(shares_by_task(verdicts), draws)}


def test_kinder_judges_are_seen_and_corrected() -> None:
    # Of 200 the judge lets 100 win: every second. People, asked of the first 50, half of those.
    judge = rows("x", set(range(0, 200, 2)), 200)
    people = rows("human", set(range(0, 50, 4)), 50)
    got = told(judge, people)
    assert got["judges_minus_human"].value == pytest.approx(0.5 - 13 / 50)
    assert (got["judges_minus_human"].low or 0) > 0
    assert got["human_rate"].value == pytest.approx(0.26, abs=0.01)
    assert got["human_rate"].count == 50
    alone = 1.96 * (0.26 * 0.74 / 49) ** 0.5
    assert (got["human_rate"].high or 1) - (got["human_rate"].value or 0) < alone


def test_what_rules_say_beside_a_language_model_is_not_the_judges_word() -> None:
    model, people = rows("x", set(range(0, 40, 2)), 40), rows("human", set(range(0, 40, 4)), 40)
    assert told(model, rows("rubric", set(range(40)), 40), people) == told(model, people)


def test_people_who_saw_everything_need_no_judge() -> None:
    got = told(rows("x", {1}, 20), rows("human", set(range(10)), 20))
    assert got["human_rate"].value == pytest.approx(0.5)
    assert got["judges_minus_human"].value == pytest.approx(1 / 20 - 0.5)


def test_too_few_labels_and_people_alone_say_nothing() -> None:
    assert told(rows("x", {1}, 50), rows("human", {1}, FEWEST - 1)) == {}
    assert told(rows("human", {1}, 50)) == {}
