"""All charts of a board, by name; those that have nothing to show are not there."""

from __future__ import annotations

from collections.abc import Sequence

from pullsmith.report.board import Board
from pullsmith.report.charts.agreement import agreement
from pullsmith.report.charts.change import change
from pullsmith.report.charts.forest import forest
from pullsmith.report.charts.funnel import funnel_chart
from pullsmith.report.charts.leanings import leanings
from pullsmith.report.charts.losses import losses
from pullsmith.report.charts.svg import Chart
from pullsmith.report.losses import Curve


def charts(board: Board, curves: Sequence[Curve] = ()) -> dict[str, Chart]:
    """Name to chart, in the order of the page."""
    made = (
        forest(board),
        change(board),
        agreement(board),
        leanings(board),
        losses(curves),
        funnel_chart(board),
    )
    return {chart.name: chart for chart in made if chart is not None}
