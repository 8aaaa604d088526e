"""Looks: a plain case stops, an even one does not, and whole pull requests are asked."""

from __future__ import annotations

from collections.abc import Sequence

from pullsmith.judge.looks import in_looks, panel_means
from pullsmith.pairs import Pair
from pullsmith.records import Order, Result, Verdict
from tests.judged import answer, issue, prompt, pull_request, review, verdict

PAIRS = [
    Pair(
        request,
        prompt(request, "review"),
        answer(request, review(issue())),
        answer(request, review(), model="rules"),
    )
    for request in (pull_request(f"pr{n}") for n in range(100))
]


def judged(pairs: Sequence[Pair], result: Result) -> list[Verdict]:
    return [verdict(pair.pull_request.id, result, order=order) for pair in pairs for order in Order]


def test_a_plain_case_stops_at_a_look_and_says_who_was_not_asked() -> None:
    found, left = in_looks(PAIRS, lambda some: judged(some, Result.LOSS), seed=0)
    assert len(found) in (2 * 20, 2 * 40)
    assert len(found) // 2 + len(left) == 100
    assert not {v.pull_request_id for v in found} & {p.pull_request.id for p in left}


def test_ties_never_stop() -> None:
    found, left = in_looks(PAIRS, lambda some: judged(some, Result.TIE), seed=0)
    assert (len(found), left) == (200, [])


def test_nothing_to_ask() -> None:
    assert in_looks([], lambda some: judged(some, Result.TIE), seed=0) == ([], [])


def test_a_pull_request_counts_once_whatever_the_judges_and_orders() -> None:
    rows = [
        verdict("a", Result.WIN),
        verdict("a", Result.TIE, order=Order.REFERENCE_FIRST),
        verdict("b", Result.UNREADABLE),
        verdict("c", Result.LOSS),
        verdict("c", Result.WIN, repeat=1),
    ]
    assert panel_means(rows) == [0.75, 0.0]


def test_rules_beside_a_language_model_stop_nothing() -> None:
    rows = [verdict("a", Result.WIN), verdict("a", Result.LOSS, judge="x")]
    assert panel_means(rows) == [0.0]
