"""How long answers took: medians and busy seconds by hand, and the same whatever was in flight."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.llm.journal import Entry, Journal
from pullsmith.llm.protocol import Completion
from pullsmith.llm.timing import Timed, busy_seconds, timing
from pullsmith.records import Outcome


def test_latency_and_speed_by_hand() -> None:
    # In flight from 0 to 4 and from 10 to 11: five seconds, 100 tokens, 20 a second.
    calls = [Timed(2, 2, 30), Timed(4, 3, 50), Timed(11, 1, 20)]
    told = timing(calls)
    assert told["busy_seconds"] == 5
    assert told["output_tokens_per_second"] == 20
    assert told["latency_median_seconds"] == 2
    assert told["latency_p95_seconds"] == pytest.approx(2.9)  # 2 + .9 x (3 - 2)
    assert told["timed_answers"] == 3


def test_what_nobody_timed_is_not_there_and_never_zero() -> None:
    assert timing([]) == {}
    assert timing([Timed(5, 0, 30)]) == {}
    assert timing([Timed(5, 0, 30), Timed(9, 2, 10)])["output_tokens_per_second"] == 5


spans = st.lists(
    st.tuples(st.floats(0, 50), st.floats(0.01, 9)).map(lambda s: Timed(s[0] + s[1], s[1], 1)),
    min_size=1, max_size=12,
)  # fmt: skip


@given(spans, st.randoms(use_true_random=False))
def test_busy_seconds_are_a_union(calls: list[Timed], order: random.Random) -> None:
    busy = busy_seconds(calls)
    longest, total = max(c.seconds for c in calls), sum(c.seconds for c in calls)
    assert longest - 1e-6 <= busy <= total + 1e-6
    mixed = order.sample(calls, len(calls))
    assert busy_seconds([*mixed, *calls]) == pytest.approx(busy)  # twice the same is once
    later = [Timed(c.ended_at + 1000, c.seconds, 1) for c in calls]  # another start, after a pause
    assert busy_seconds([*calls, *later]) == pytest.approx(2 * busy)


def test_the_journal_tells_when_answers_came(tmp_path: Path) -> None:
    made = Completion(outcome=Outcome.OK, text="a", output_tokens=7, latency_seconds=0.5)
    with Journal(tmp_path / "j") as journal:
        journal.write([Entry("one", made), Entry("two", made)])
        found = list(journal.timed(["one", "none"]))
    assert [(call.seconds, call.output_tokens) for call in found] == [(0.5, 7)]
    assert found[0].ended_at > 1.7e9
