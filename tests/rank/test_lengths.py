"""Length in verdicts: a judge who likes it long, and one who does not look."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pullsmith.rank.lengths import length_statistics
from pullsmith.rank.panel import by_judge
from pullsmith.records import Result, Statistic, Verdict
from pullsmith.stats.bootstrap import Resampler
from tests.judged import verdict

SIZE = 200
RANDOM = np.random.default_rng(5)
LENGTHS = {
    f"pr{n}": (int(a), int(b)) for n, (a, b) in enumerate(RANDOM.integers(100, 900, (SIZE, 2)))
}


def told(wins: Callable[[str], bool], judge: str = "rubric") -> dict[str, Statistic]:
    verdicts = [
        verdict(name, Result.WIN if wins(name) else Result.LOSS, judge=judge) for name in LENGTHS
    ]
    return rows(verdicts)


def rows(verdicts: list[Verdict]) -> dict[str, Statistic]:
    lengths: dict[str, int] = {}
    for one in verdicts:
        mine, theirs = LENGTHS[one.pull_request_id]
        lengths |= {one.candidate_answer_id: mine, one.reference_answer_id: theirs}
    draws = Resampler(sorted({v.pull_request_id for v in verdicts}), resamples=200, seed=0)
    return {row.name: row for row in length_statistics(by_judge(verdicts), lengths, draws)}


def test_a_judge_who_mostly_takes_the_longer_is_seen_and_its_rate_corrected() -> None:
    def wins(name: str) -> bool:
        mine, theirs = LENGTHS[name]
        return (mine > theirs) if int(name[2:]) % 4 else (mine < theirs)

    got = told(wins)
    assert got["longer_rate"].value == pytest.approx(0.75, abs=0.01)
    assert (got["length_effect"].low or 0) > 0
    assert (
        (got["length_controlled_rate"].low or 1) < 0.5 < (got["length_controlled_rate"].high or 0)
    )
    assert got["length_effect"].entrant == "tiny@after"


def test_a_judge_who_does_not_look_at_length_shows_none() -> None:
    got = told(lambda name: int(name[2:]) % 3 == 0)
    assert (got["longer_rate"].low or 1) < 0.5 < (got["longer_rate"].high or 0)
    assert (got["length_effect"].low or 1) < 0 < (got["length_effect"].high or 0)


def test_the_longer_always_winning_leaves_the_effect_untold() -> None:
    got = told(lambda name: LENGTHS[name][0] > LENGTHS[name][1])
    assert got["longer_rate"].value == 1
    assert "length_effect" not in got


def test_what_a_rule_decided_stays_in_the_controlled_rate_and_moves_no_effect() -> None:
    def wins(name: str) -> bool:
        mine, theirs = LENGTHS[name]
        return (mine > theirs) if int(name[2:]) % 4 else (mine < theirs)

    plain = told(wins)
    asked = [verdict(name, Result.WIN if wins(name) else Result.LOSS) for name in LENGTHS]
    lengths = {
        key: size
        for one in asked
        for key, size in zip(
            (one.candidate_answer_id, one.reference_answer_id),
            LENGTHS[one.pull_request_id],
            strict=True,
        )
    }
    ruled = [
        verdict(f"even{n}", Result.TIE).model_copy(update={"by_rule": "equal_answers"})
        for n in range(SIZE)
    ]
    draws = Resampler(sorted({v.pull_request_id for v in asked}), resamples=200, seed=0)
    made = length_statistics(by_judge(asked), lengths, draws, ruled=ruled)
    got = {row.name: row for row in made}
    assert got["length_effect"] == plain["length_effect"]
    # As many ties by rule as verdicts that were asked for: half the rate, of twice as many.
    rate, alone = got["length_controlled_rate"], plain["length_controlled_rate"]
    assert rate.value == pytest.approx((alone.value or 0) / 2, abs=1e-6)
    assert rate.count == 2 * alone.count


def test_answers_of_unknown_length_are_left_out() -> None:
    one = verdict("pr0", Result.WIN)
    draws = Resampler(["pr0"], resamples=200, seed=0)
    assert list(length_statistics(by_judge([one]), {}, draws)) == []
