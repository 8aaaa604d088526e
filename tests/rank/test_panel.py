"""What judges are like: each number by hand on a few verdicts, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pullsmith.rank.panel import agreement_statistics, by_judge, judge_statistics
from pullsmith.records import Order, Result, Statistic, Verdict
from pullsmith.stats.bootstrap import Resampler
from pullsmith.study.judging import HUMAN
from tests.judged import verdict

WIN, LOSS, TIE, UNREADABLE = Result.WIN, Result.LOSS, Result.TIE, Result.UNREADABLE
FIRST, SECOND = Order.CANDIDATE_FIRST, Order.REFERENCE_FIRST


def both(request: str, one: Result, other: Result, judge: str = "rubric") -> list[Verdict]:
    return [
        verdict(request, one, judge=judge),
        verdict(request, other, judge=judge, order=SECOND),
    ]


def told(verdicts: Sequence[Verdict]) -> dict[str, Statistic]:
    judged = by_judge(verdicts)
    draws = Resampler(sorted({v.pull_request_id for v in verdicts}), resamples=200, seed=0)
    rows = [*judge_statistics(judged, draws), *agreement_statistics(judged, draws)]
    return {f"{row.name}/{row.judge}:{row.other}": row for row in rows}


def test_a_judge_who_takes_the_first_flips_and_favours_it() -> None:
    # Always the first shown: candidate first won, reference first lost.
    got = told([v for n in range(20) for v in both(f"pr{n}", WIN, LOSS)])
    assert got["flip_rate/rubric:"].value == 1
    assert got["first_rate/rubric:"].value == 1


def test_people_are_compared_with_judges_whoever_of_them_looked() -> None:
    rubric = [verdict(f"pr{n}", WIN) for n in range(4)]
    ada = [verdict(f"pr{n}", WIN, judge=HUMAN) for n in (0, 1)]
    bob = [verdict(f"pr{n}", LOSS, judge=HUMAN, repeat=1) for n in (1, 2, 3)]
    got = told([*rubric, *bob, *ada])["raw_agreement/human:rubric"]
    # Two of Ada's agree; where both looked hers counts; Bob's other two do not agree.
    assert (got.count, got.value) == (4, 0.5)


def test_what_two_people_say_of_a_pair_is_no_judge_agreeing_with_itself() -> None:
    ada = [verdict(f"pr{n}", WIN, judge=HUMAN) for n in range(4)]
    bob = [
        verdict(f"pr{n}", WIN if n else TIE, judge=HUMAN, repeat=1, order=SECOND) for n in (0, 1)
    ]
    got = told([*ada, *bob])
    assert (got["people_agreement/human:"].count, got["people_agreement/human:"].value) == (2, 0.5)
    assert "self_agreement/human:" not in got
    assert "people_agreement/rubric:" not in told(
        [verdict("pr1", WIN), verdict("pr1", WIN, repeat=1)]
    )


def test_a_judge_of_content_does_neither() -> None:
    got = told([v for n in range(20) for v in both(f"pr{n}", *[(WIN, WIN), (LOSS, LOSS)][n % 2])])
    assert got["flip_rate/rubric:"].value == 0
    assert got["first_rate/rubric:"].value == 0.5
    assert got["unreadable_rate/rubric:"].value == 0


def test_ties_choose_no_place_and_what_is_unreadable_flips_nothing() -> None:
    verdicts = [*both("a", WIN, TIE), *both("b", TIE, TIE), *both("c", UNREADABLE, WIN)]
    got = told(verdicts)
    assert got["flip_rate/rubric:"].value == 0.5  # a of a and b
    assert got["first_rate/rubric:"].value == 1  # a's win alone
    assert got["unreadable_rate/rubric:"].value == pytest.approx(1 / 6)


def test_a_verdict_by_rule_says_nothing_of_the_judge() -> None:
    ruled = verdict("a", LOSS).model_copy(update={"by_rule": "candidate_invalid"})
    assert told([ruled]) == {}


def test_asking_again_tells_how_far_a_judge_agrees_with_itself() -> None:
    verdicts = [verdict(f"pr{n}", WIN) for n in range(4)]
    verdicts += [verdict(f"pr{n}", WIN if n else LOSS, repeat=1) for n in range(4)]
    assert told(verdicts)["self_agreement/rubric:"].value == 0.75


def test_scores_that_say_otherwise_are_counted() -> None:
    scores = [(8.0, 3.0), (3.0, 8.0), (5.0, 5.0), (None, None)]
    verdicts = [
        verdict(f"pr{n}", WIN).model_copy(
            update={"candidate_score": mine, "reference_score": theirs}
        )
        for n, (mine, theirs) in enumerate(scores)
    ]
    row = told(verdicts)["contradiction_rate/rubric:"]
    assert row.value == pytest.approx(1 / 3)
    assert row.count == 3


def test_kappa_and_alpha_of_two_judges_by_hand() -> None:
    # Of 10: 4 both win, 4 both loss, 1 each way apart: seen .8, chance .5.
    pairs = [(WIN, WIN)] * 4 + [(LOSS, LOSS)] * 4 + [(WIN, LOSS), (LOSS, WIN)]
    verdicts = [
        verdict(f"pr{n}", result, judge=judge)
        for n, pair in enumerate(pairs)
        for judge, result in zip("xy", pair, strict=True)
    ]
    got = told(verdicts)
    assert got["raw_agreement/x:y"].value == 0.8
    assert got["kappa/x:y"].value == pytest.approx(0.6)
    # 20 labels, 10 of each: seen .2 apart, by chance 20 x 10 x 10 / (20 x 19 / 2) / 2 = .5263.
    assert got["alpha/all:"].value == pytest.approx(1 - 0.2 / (100 / 190))
    assert got["alpha/all:"].count == 10


def test_rules_beside_language_models_have_a_kappa_and_no_part_in_alpha() -> None:
    models = [verdict(f"pr{n}", (WIN, LOSS)[n % 2], judge=j) for n in range(6) for j in "xy"]
    rules = [verdict(f"pr{n}", TIE) for n in range(6)]
    got = told(models + rules)
    assert got["alpha/all:"] == told(models)["alpha/all:"]
    assert got["raw_agreement/rubric:x"].value == 0
    assert "alpha/all:" not in told([*models[:2], *rules][::2])


def test_judges_who_met_on_nothing_have_no_agreement() -> None:
    got = told([verdict("a", WIN, judge="x"), verdict("b", WIN, judge="y")])
    assert not any("kappa" in name or "alpha" in name for name in got)
    assert "kappa/x:y" not in told([verdict("a", WIN, judge="x")])


def test_judges_who_always_say_the_same_have_an_undefined_kappa() -> None:
    verdicts = [verdict(f"pr{n}", WIN, judge=judge) for n in range(5) for judge in "xy"]
    got = told(verdicts)
    assert got["kappa/x:y"].value is None
    same = got["raw_agreement/x:y"]
    # Five alike, so that 1 - .025^(1/5) of them could be otherwise without being seen.
    assert same.low == pytest.approx(0.025**0.2)
    assert (same.value, same.degenerate, same.count) == (1, True, 5)
