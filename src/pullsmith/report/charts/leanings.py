"""What judges lean to: the place an answer is shown in, and its length."""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.report.board import Board
from pullsmith.report.charts.intervals import Line, intervals
from pullsmith.report.charts.svg import Chart
from pullsmith.report.figures import bounds, percent

_NAMES = {"first_rate": "first shown wins", "longer_rate": "longer wins"}


def leanings(board: Board) -> Chart | None:
    """The chart; None where nothing is known, as under rules that saw no pair in both orders."""
    lines = list(_lines(board))
    if not lines:
        return None
    return Chart(
        name="judges-lean",
        title="What the judges lean to; even is 50 %",
        note="Of the verdicts that chose: how many took the answer shown first, and the longer one. Both "
        "orders cancel the first in every rate.",
        text=" ".join(f"{each.name}: {each.number}." for each in lines),
        wide=intervals(lines),
        narrow=intervals(lines, narrow=True),
    )


def _lines(board: Board) -> Iterator[Line]:
    for name, words in _NAMES.items():
        for told in board.statistics:
            if told.name != name or told.value is None or told.low is None or told.high is None:
                continue
            number = f"{percent(told.value)} {bounds(told.low, told.high)}"
            yield Line(
                f"{told.judge}: {words}", told.value, told.low, told.high, number, percent(told.value),
                even=0.5, group=name,
            )  # fmt: skip
