"""The losses of all trainings, a small chart each: what was trained on, and broken what was held out."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from pullsmith.report.charts.svg import (
    NARROW,
    WIDE,
    Chart,
    Drawing,
    element,
    fitting,
    joined,
    line,
    text,
)
from pullsmith.report.losses import HEIGHT, WIDTH, Curve, curve_text

_GAP = 24.0
_TALL = 62.0 + HEIGHT * 0.62  # a chart with its name above and its numbers below


def losses(curves: Sequence[Curve]) -> Chart | None:
    """The chart; None where nobody left losses."""
    if not curves:
        return None
    return Chart(
        name="losses",
        title="Loss by step of training",
        note="Each on its own scale; the broken line is that of what was held out.",
        text=" ".join(f"{each.name}: {curve_text(each)}." for each in curves),
        wide=_drawing(curves, WIDE, 3),
        narrow=_drawing(curves, NARROW, 1),
    )


def _drawing(curves: Sequence[Curve], width: float, columns: int) -> Drawing:
    cell = (width - _GAP * (columns - 1)) / columns
    marks = []
    for place, each in enumerate(curves):
        x, y = (cell + _GAP) * (place % columns), _TALL * (place // columns)
        marks.append(_small(each, (x, y), cell))
    rows = -(-len(curves) // columns)
    return Drawing(width, _TALL * rows, joined(marks))


def _small(each: Curve, corner: tuple[float, float], width: float) -> Markup:
    x, y = corner
    across, down = width / WIDTH, 0.62
    plot = [
        element("polyline", points=_scaled(each.trained, across, down), class_="curve"),
        line((0, HEIGHT * down), (width, HEIGHT * down), "grid"),
    ]
    if each.held_out:
        points = _scaled(each.held_out, across, down)
        plot.append(element("polyline", points=points, class_="curve held"))
    return element(
        "g",
        joined([
            element("title", f"{fitting(each.name, 2000)}: {curve_text(each)}"),
            text(x, y + 14, fitting(each.name, width)),
            element("g", joined(plot), transform=f"translate({x:.1f} {y + 22:.1f})"),
            text(x, y + 38 + HEIGHT * down, fitting(_numbers(each), width * 1.15), "small"),
        ]),
    )  # fmt: skip


def _numbers(each: Curve) -> str:
    held = "" if each.last_held_out is None else f", held out {each.last_held_out:.2f}"
    return f"{each.first:.2f} → {each.last:.2f} in {each.steps:,} steps{held}"


def _scaled(points: str, across: float, down: float) -> str:
    pairs = (point.split(",") for point in points.split())
    return " ".join(f"{float(x) * across:.1f},{float(y) * down:.1f}" for x, y in pairs)
