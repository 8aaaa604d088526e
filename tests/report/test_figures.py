"""Numbers as people read them: what has no spread says so."""

from __future__ import annotations

from pullsmith.report.board import Told
from pullsmith.report.figures import DAGGER, DASH, number_text

TOLD = Told(
    name="tau", judge="a", other="b", entrant="", reference="r", value=1.0, low=1.0, high=1.0,
    count=3, pull_requests=9, degenerate=True,
)  # fmt: skip


def test_a_number_without_spread_has_a_mark_and_no_interval_of_nothing() -> None:
    assert number_text(TOLD) == f"+1.00 {DAGGER}"
    spread = TOLD.model_copy(update={"low": 0.33, "degenerate": False})
    assert number_text(spread) == "+1.00 [+0.33 to +1.00]"
    assert number_text(TOLD.model_copy(update={"value": None})) == DASH
