"""Do the judges agree? A square of judges: κ on single verdicts below the diagonal, τ above it."""

from __future__ import annotations

from markupsafe import Markup

from pullsmith.report.board import Board
from pullsmith.report.charts.svg import (
    NARROW,
    WIDE,
    Chart,
    Drawing,
    element,
    fitting,
    joined,
    text,
)
from pullsmith.report.figures import DASH
from pullsmith.report.model_tables import OTHER_FAMILIES

Cells = dict[tuple[str, str, str], float]  # statistic, judge, other judge
_STRONGEST = 0.5  # opacity at 1: words on it must be read in light and in dark


def agreement(board: Board) -> Chart | None:
    """The chart; None where fewer than two judges met on a verdict."""
    cells: Cells = {}
    for told in board.statistics:
        if told.value is None or OTHER_FAMILIES in (told.judge, told.other):
            continue
        if told.name in ("kappa", "tau"):
            cells[told.name, told.judge, told.other] = told.value
            cells[told.name, told.other, told.judge] = told.value
    judges = sorted({judge for _, judge, _ in cells})
    if len(judges) < 2:
        return None
    return Chart(
        name="agreement",
        title="Do the judges agree? κ below the diagonal, τ of the order of models above it",
        note="κ is agreement on single verdicts beyond chance, τ agreement on the order of the models: 1 is "
        "always, 0 is chance.",
        text=_words(judges, cells),
        wide=_drawing(judges, cells, WIDE),
        narrow=_drawing(judges, cells, NARROW),
    )


def _words(judges: list[str], cells: Cells) -> str:
    said = []
    for name, sign in (("kappa", "κ"), ("tau", "τ")):
        pairs = [
            f"{one} and {other} {cells[name, one, other]:.2f}"
            for place, one in enumerate(judges)
            for other in judges[place + 1 :]
            if (name, one, other) in cells
        ]
        said += [f"{sign}: {', '.join(pairs)}."] if pairs else []
    return " ".join(said)


def _drawing(judges: list[str], cells: Cells, width: float) -> Drawing:
    """Names to the left; columns have numbers, so that long names need no slanted words."""
    names = min(width * 0.42, 300.0)
    side = min((width - names) / len(judges), 84.0)
    row = min(side, 48.0)
    marks = [
        text(names + side * (place + 0.5), 14, str(place + 1), "small", "middle")
        for place in range(len(judges))
    ]
    for down, one in enumerate(judges):
        top = 24 + row * down
        words = fitting(f"{down + 1}  {one}", names - 12)
        marks.append(text(0, top + row / 2 + 5, words))
        for across, other in enumerate(judges):
            value = cells.get(("kappa" if down > across else "tau", one, other))
            marks += _cell((names + side * across, top), (side, row), value, own=one == other)
    return Drawing(width, 24 + row * len(judges) + 4, joined(marks))


def _cell(
    corner: tuple[float, float], size: tuple[float, float], value: float | None, *, own: bool
) -> list[Markup]:
    x, y = corner
    style = "own" if own else "heat" if value is not None else "none"
    marks = [_square(corner, size, "none" if style == "heat" else style)]
    if style == "heat":
        strength = _STRONGEST * min(1.0, max(0.0, value or 0.0))
        marks.append(_square(corner, size, style, f"{strength:.2f}"))
    words = "" if own else DASH if value is None else f"{value:.2f}"
    if words:
        marks.append(text(x + size[0] / 2, y + size[1] / 2 + 5, words, "figure", "middle"))
    return marks


def _square(
    corner: tuple[float, float], size: tuple[float, float], style: str, opacity: str = "1"
) -> Markup:
    return element(
        "rect", x=corner[0] + 1, y=corner[1] + 1, width=size[0] - 2, height=size[1] - 2, rx=3,
        class_=style, fill_opacity=opacity,
    )  # fmt: skip
