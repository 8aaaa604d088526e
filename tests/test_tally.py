"""In = out + dropped."""

from __future__ import annotations

import pytest

from pullsmith.errors import TallyError
from pullsmith.records import Message, drop
from pullsmith.tally import StepTally, Tally

DROPS = [drop("s", Message(role="u", content="x"), reason) for reason in ("b", "a", "a")]


def test_counts_by_reason() -> None:
    tally = Tally.of(records_in=5, records_out=2, drops=DROPS)
    assert tally.dropped == {"a": 2, "b": 1}
    assert tally.rows == 2


def test_rows_may_differ_from_records() -> None:
    assert Tally.of(records_in=4, records_out=1, drops=DROPS, rows=3).rows == 3


@pytest.mark.parametrize(("records_in", "what"), [(6, "1 lost"), (4, "1 too many")])
def test_refuses_sums_that_do_not_add_up(records_in: int, what: str) -> None:
    with pytest.raises(TallyError, match=what):
        Tally.of(records_in=records_in, records_out=2, drops=DROPS)


def test_steps_make_a_tally() -> None:
    one = StepTally(name="one", records_in=5, records_out=3, dropped={"b": 2})
    two = StepTally(name="two", records_in=3, records_out=2, dropped={"a": 1})
    tally = Tally.of_steps([one, two], records_in=5)
    assert (tally.records_out, tally.rows, tally.dropped) == (2, 2, {"a": 1, "b": 2})
    assert one.plus(one) == StepTally(name="one", records_in=10, records_out=6, dropped={"b": 4})
    assert Tally.of_steps([], records_in=5).records_out == 5


def test_every_step_takes_what_the_one_before_gave() -> None:
    one = StepTally(name="one", records_in=5, records_out=3, dropped={"b": 2})
    lost = StepTally(name="two", records_in=3, records_out=2)
    fewer = StepTally(name="two", records_in=2, records_out=2)
    with pytest.raises(TallyError, match="two: 3 records in, 2 out and 0 dropped: 1 lost"):
        Tally.of_steps([one, lost], records_in=5)
    with pytest.raises(TallyError, match="two: 2 in, but 3 came out before"):
        Tally.of_steps([one, fewer], records_in=5)
