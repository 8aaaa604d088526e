"""Which comparisons are shown: of every ending some, the same whatever order they come in."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

from pullsmith.records import Order, Result, Verdict
from pullsmith.report.sample import COLUMNS, Comparison, Ending, comparisons, counted, drawn
from tests.judged import verdict

JUDGES = ("http://a/v1#one", "http://a/v1#two")


def rows(*verdicts: Verdict) -> list[Mapping[str, object]]:
    return [{name: getattr(one, name) for name in COLUMNS} for one in verdicts]


def one_pair(*results: Result, by_rule: str = "") -> list[Mapping[str, object]]:
    """A verdict of each judge in both orders, as far as there are results."""
    places = [(judge, order) for judge in JUDGES for order in Order]
    made = [
        verdict("pr", result, judge=judge, order=order)
        for (judge, order), result in zip(places, results, strict=False)
    ]
    return rows(*(each.model_copy(update={"by_rule": by_rule}) for each in made))


def ending(*results: Result, by_rule: str = "") -> Ending:
    (found,) = comparisons(one_pair(*results, by_rule=by_rule), "tiny", "rules")
    return found.ending


def test_the_more_verdicts_decide_and_as_many_are_even() -> None:
    win, loss, tie, unreadable = Result.WIN, Result.LOSS, Result.TIE, Result.UNREADABLE
    assert ending(win, win, win, loss) is Ending.WON
    assert ending(loss, tie, tie, tie) is Ending.LOST
    assert ending(win, loss) is Ending.EVEN
    assert ending(tie, tie) is Ending.EVEN
    assert ending(unreadable, win) is Ending.WON
    assert ending(unreadable, unreadable) is Ending.UNREADABLE


def test_an_invalid_answer_is_neither_lost_nor_even() -> None:
    assert ending(Result.LOSS, by_rule="candidate_invalid") is Ending.INVALID
    assert ending(Result.TIE, by_rule="both_invalid") is Ending.INVALID
    assert ending(Result.WIN, by_rule="reference_invalid") is Ending.WON


def test_rules_beside_models_and_the_same_asked_again_decide_nothing() -> None:
    beside = rows(*(verdict("pr", Result.WIN, judge="rubric", order=order) for order in Order))
    again = rows(verdict("pr", Result.WIN, judge=JUDGES[0], repeat=1))
    (found,) = comparisons([*one_pair(Result.LOSS), *beside, *again], "tiny", "rules")
    assert found.ending is Ending.LOST
    assert comparisons(beside, "tiny", "rules")[0].ending is Ending.WON


def test_other_references_are_left_out() -> None:
    assert comparisons(one_pair(Result.WIN), "tiny", "another") == []


def many(count: int = 40) -> list[Comparison]:
    results = (Result.WIN, Result.LOSS, Result.TIE)
    made: list[Mapping[str, object]] = []
    for candidate in ("a", "b"):
        for number in range(count):
            name = f"pr{number}"
            made += rows(verdict(name, results[number % 3], judge=JUDGES[0], candidate=candidate))
    return comparisons(made, "tiny", "rules")


def test_one_of_each_kind_comes_before_a_second_of_any() -> None:
    chosen = drawn(many())
    assert len(chosen) == 2 * 3 * 3
    kinds = Counter((each.candidate, each.ending) for each in chosen[:6])
    assert set(kinds.values()) == {1}
    assert [each.ending for each in chosen[:2]] == [Ending.LOST, Ending.LOST]
    assert drawn(many(), 4) == chosen[:4]


def test_models_are_shown_on_the_same_pull_requests() -> None:
    chosen = drawn(many())
    assert len({each.pull_request_id for each in chosen}) == len(chosen) / 2


def test_the_order_they_come_in_decides_nothing() -> None:
    every = many()
    random.Random(1).shuffle(every)
    assert drawn(every) == drawn(many())


def test_all_are_counted_also_those_that_are_not_shown() -> None:
    found = counted(many(7))
    assert found["a", "review"] == Counter({Ending.WON: 3, Ending.LOST: 2, Ending.EVEN: 2})
