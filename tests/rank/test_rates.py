"""Shares of verdicts: the headline's definition, checked by hand and by properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.rank.rates import ALL, judge_shares, mean_shares, shares_by_task
from pullsmith.records import Order, Result, Verdict
from tests.judged import verdict

WIN, LOSS, TIE, UNREADABLE = Result.WIN, Result.LOSS, Result.TIE, Result.UNREADABLE
_RESULTS = st.lists(st.sampled_from(list(Result)), min_size=1, max_size=6)


def cast(results: dict[str, list[Result]], candidate: str = "tiny@after") -> list[Verdict]:
    """Verdicts on one task by judge, orders in turn."""
    return [
        verdict(
            "planted:one",
            result,
            candidate=candidate,
            judge=judge,
            order=list(Order)[place % 2],
            repeat=place // 2,
        )
        for judge, mine in results.items()
        for place, result in enumerate(mine)
    ]


def test_ties_are_not_better_and_half_beside() -> None:
    shares = judge_shares({WIN: 1, TIE: 1})
    assert (shares.better, shares.ties_half) == (0.5, 0.75)


def test_an_unreadable_verdict_leaves_the_mean_and_opens_the_bounds() -> None:
    # Of win and unreadable the mean is over the win alone; lost it would be 1/2.
    shares = judge_shares({WIN: 1, UNREADABLE: 1})
    assert (shares.better, shares.all_win, shares.all_loss) == (1, 1, 0.5)
    assert (shares.verdicts, shares.unreadable) == (2, 1)


def test_without_a_readable_verdict_there_is_no_rate_only_bounds() -> None:
    shares = judge_shares({UNREADABLE: 2})
    assert (shares.better, shares.ties_half) == (None, None)
    assert (shares.all_win, shares.all_loss) == (1, 0)


def test_judges_count_the_same_however_many_verdicts_they_gave() -> None:
    # a: 1 of 2; b: 1 of 1 -> (1/2 + 1) / 2 = 3/4, where the pooled mean would be 2/3.
    found = shares_by_task(cast({"a": [WIN, LOSS], "b": [WIN]}))
    task = ("planted:one", "review", 0)
    assert found["tiny@after", "rules", ALL][task].better == 0.75
    assert found["tiny@after", "rules", "a"][task].better == 0.5
    assert found["tiny@after", "rules", "b"][task].better == 1


def test_rules_beside_a_language_model_are_in_no_mean_but_count_where_only_people_judge_too() -> (
    None
):
    task = ("planted:one", "review", 0)
    beside = shares_by_task(cast({"model": [LOSS], "rubric": [WIN], "human": [WIN]}))
    assert beside["tiny@after", "rules", ALL][task].better == 0.5  # the model's 0 and people's 1
    assert beside["tiny@after", "rules", "rubric"][task].better == 1
    alone = shares_by_task(cast({"rubric": [WIN], "human": [LOSS]}))
    assert alone["tiny@after", "rules", ALL][task].better == 0.5
    # Where the model said nothing of a task, rules do not speak in its place.
    other = verdict("planted:two", WIN, judge="rubric")
    silent = shares_by_task([*cast({"model": [LOSS]}), other])
    assert list(silent["tiny@after", "rules", ALL]) == [task]


def test_the_parts_of_a_pull_request_are_tasks_of_their_own() -> None:
    first = verdict("planted:one", WIN)
    second = first.model_copy(update={"prompt_id": first.prompt_id[:-1] + "1", "result": LOSS})
    shares = shares_by_task([first, second])["tiny@after", "rules", ALL]
    assert {task: each.better for task, each in shares.items()} == {
        ("planted:one", "review", 0): 1,
        ("planted:one", "review", 1): 0,
    }


def test_a_judge_without_a_readable_verdict_leaves_the_mean_over_judges() -> None:
    found = shares_by_task(cast({"a": [WIN, WIN], "b": [UNREADABLE, UNREADABLE]}))
    shares = found["tiny@after", "rules", ALL]["planted:one", "review", 0]
    # a is sure; b could be all won or all lost: (1 + 1) / 2 and (1 + 0) / 2.
    assert (shares.better, shares.all_win, shares.all_loss) == (1, 1, 0.5)


@given(st.dictionaries(st.sampled_from("abc"), _RESULTS, min_size=1))
def test_the_bounds_hold_the_rate(results: dict[str, list[Result]]) -> None:
    judges = [judge_shares({r: mine.count(r) for r in Result}) for mine in results.values()]
    shares = mean_shares(judges)
    assert 0 <= shares.all_loss <= shares.all_win <= 1
    if shares.better is not None and shares.ties_half is not None:
        assert shares.all_loss - 1e-12 <= shares.better <= shares.all_win + 1e-12
        assert shares.better <= shares.ties_half
    if not shares.unreadable:
        assert shares.all_win == shares.all_loss == pytest.approx(shares.better)


@given(st.dictionaries(st.sampled_from("abc"), _RESULTS, min_size=1))
def test_swapping_every_pair_turns_ties_half_round_the_middle(
    results: dict[str, list[Result]],
) -> None:
    made = cast(results)
    one = shares_by_task(made)["tiny@after", "rules", ALL]
    other = shares_by_task(v.swap() for v in made)["rules", "tiny@after", ALL]
    task = ("planted:one", "review", 0)
    mine, theirs = one[task].ties_half, other[task].ties_half
    assert (mine is None) == (theirs is None)
    if mine is not None and theirs is not None:
        assert mine + theirs == pytest.approx(1)


@given(st.permutations(cast({"a": [WIN, TIE], "b": [LOSS, UNREADABLE], "c": [WIN]})))
def test_the_order_of_the_rows_does_not_matter(rows: list[Verdict]) -> None:
    shares = shares_by_task(rows)["tiny@after", "rules", ALL]["planted:one", "review", 0]
    # a 1/2, b 0 of one readable, c 1.
    assert shares.better == pytest.approx(0.5)


def test_no_verdicts_no_shares() -> None:
    assert shares_by_task([]) == {}
