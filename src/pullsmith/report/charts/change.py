"""Before and after: what fine-tuning changed, a model a line, from the ring to the dot."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from pullsmith.report.board import Board, Difference, Row
from pullsmith.report.charts.intervals import Scale, axis, ground
from pullsmith.report.charts.svg import (
    NARROW,
    WIDE,
    Chart,
    Drawing,
    dot,
    element,
    fitting,
    joined,
    line,
    text,
)
from pullsmith.report.figures import percent, points_text

_NAMES, _NUMBERS, _HEAD = 300.0, 212.0, 26.0


@dataclass(frozen=True)
class _Change:
    """A model's rates before and after, None where there is none, and the difference in words."""

    model: str
    before: float | None
    after: float
    number: str
    short: str


def change(board: Board) -> Chart | None:
    """The chart; None where no model was rated after fine-tuning beside one that was before."""
    changes = sorted(_changes(board), key=lambda each: (-each.after, each.model))
    if not any(each.before is not None for each in changes):
        return None
    return Chart(
        name="before-after",
        title=f"What fine-tuning changed: how often better than {board.references[0]}",
        note="From the ring (before) to the dot (after); beside it the difference on the same prompts with "
        "its 95 % interval.",
        text=" ".join(_sentence(each) for each in changes[:12])
        + (f" And {len(changes) - 12} more." if len(changes) > 12 else ""),
        wide=_drawing(changes, narrow=False),
        narrow=_drawing(changes, narrow=True),
    )


def _changes(board: Board) -> list[_Change]:
    before = {row.model: row.better_rate for row in board.models if row.phase == "before"}
    return [
        _Change(row.model, before.get(row.model), row.better_rate, *_numbers(board, row))
        for row in board.models
        if row.phase == "after" and row.better_rate is not None
    ]


def _numbers(board: Board, row: Row) -> tuple[str, str]:
    """The difference with its interval, and without."""
    found = next((d for d in board.differences if _is_effect(d, row)), None)
    if found is None:
        return "no “before”", "no “before”"
    return points_text(found), f"{100 * found.difference:+.1f}"


def _is_effect(difference: Difference, row: Row) -> bool:
    where = (difference.name, difference.judge, difference.tool, difference.slice)
    return (
        where == ("better_rate", "all", "all", "all")
        and difference.reference == row.reference
        and (difference.entrant, difference.other) == (row.entrant, f"{row.model}@before")
    )


def _sentence(each: _Change) -> str:
    return (
        f"{each.model}: {percent(each.before)} before, {percent(each.after)} after, {each.number}."
    )


def _drawing(changes: list[_Change], *, narrow: bool) -> Drawing:
    width, row = (NARROW, 44.0) if narrow else (WIDE, 26.0)
    scale = Scale(8, width - 8) if narrow else Scale(_NAMES + 8, width - _NUMBERS - 8)
    height = _HEAD + row * len(changes) + 6
    marks = [axis(scale, _HEAD if narrow else height)]
    for place, each in enumerate(changes):
        top = _HEAD + row * place
        title = element("title", fitting(_sentence(each), 2000))
        marks.append(element("g", joined([title, *_marks(each, scale, top, narrow=narrow)])))
    return Drawing(width, height, joined(marks))


def _marks(each: _Change, scale: Scale, top: float, *, narrow: bool) -> list[Markup]:
    base, middle = (top + 16, top + 31) if narrow else (top + 18, top + 13)
    width = NARROW if narrow else WIDE
    number = each.short if narrow else each.number
    room = width - 7.0 * len(number) - 10 if narrow else _NAMES - 10
    marks = [
        text(0, base, fitting(each.model, room)),
        text(width, base, number, "number", "end"),
        *(ground(scale, middle) if narrow else ()),
    ]
    if each.before is not None:
        marks.append(line((scale.at(each.before), middle), (scale.at(each.after), middle), "range"))
        marks.append(dot(scale.at(each.before), middle, "hollow"))
    marks.append(dot(scale.at(each.after), middle, "mark"))
    return marks
