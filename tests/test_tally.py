"""In = out + dropped."""

from __future__ import annotations

import pytest

from pullsmith.errors import TallyError
from pullsmith.records import Message, drop
from pullsmith.tally import Tally

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
