"""Shares with their intervals, a line each, on one scale from 0 to 100 %: what a forest plot is made of.

Takes lines, gives a Drawing. Wide: name, line and number side by side; narrow: name and number above
the line, so that nothing has to be scrolled on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pullsmith.report.charts.svg import (
    NARROW,
    WIDE,
    Drawing,
    bar,
    dot,
    element,
    fitting,
    joined,
    line,
    text,
)

_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_HEAD = 26.0  # the scale's height
NAMES, NUMBERS = 320.0, 172.0  # columns of the wide form
_WIDE_ROW, _NARROW_ROW = 24.0, 44.0
_GUTTER = 26.0  # left of the names, where lines have labels
_EDGE = 8.0  # half a mark, so that none is cut at 0 or 100 %


@dataclass(frozen=True)
class Line:
    """A name, a share in 0..1 with its bounds, and how it reads as a number, whole and short.

    ``even`` is where as many are for as against; ``hollow`` is drawn as a ring; ``group`` is what
    it stands with: where it changes, a rule is drawn, and ``label`` is set before it.
    """

    name: str
    value: float
    low: float
    high: float
    number: str
    short: str
    even: float | None = None
    hollow: bool = False
    group: str = ""
    label: str = ""


@dataclass(frozen=True)
class Scale:
    """Where 0 and 1 are drawn."""

    start: float
    end: float

    def at(self, share: float) -> float:
        """The place of a share; what is outside 0..1 is put on the edge."""
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def intervals(lines: Sequence[Line], *, narrow: bool = False) -> Drawing:
    """The drawing of all lines, in their order."""
    width, row = (NARROW, _NARROW_ROW) if narrow else (WIDE, _WIDE_ROW)
    scale = Scale(_EDGE, width - _EDGE) if narrow else Scale(NAMES + _EDGE, width - NUMBERS - _EDGE)
    height = _HEAD + row * len(lines) + 6
    marks = [axis(scale, _HEAD if narrow else height)]
    for place, each in enumerate(lines):
        top = _HEAD + row * place
        first = not place or each.group != lines[place - 1].group
        if place and first:
            marks.append(line((0, top), (width, top), "grid"))
        if first and each.label:
            marks.append(text(0, top + (16 if narrow else 17), each.label, "small"))
        drawn = (_narrow_line if narrow else _wide_line)(each, scale, top, width)
        # A pointer that rests on a line reads its whole name.
        title = element("title", f"{fitting(each.name, 2000)}: {each.number}")
        marks.append(element("g", joined([title, *drawn])))
    return Drawing(width, height, joined(marks))


def axis(scale: Scale, height: float) -> Markup:
    """The scale: ticks at the quarters, 50 % a little stronger."""
    marks = []
    for tick in _TICKS:
        x = scale.at(tick)
        anchor = {0.0: "start", 1.0: "end"}.get(tick, "middle")
        marks.append(line((x, _HEAD - 6), (x, height), "half" if tick == 0.5 else "grid"))
        marks.append(text(x, 12, f"{100 * tick:.0f} %", "small", anchor))
    return joined(marks)


def ground(scale: Scale, y: float) -> list[Markup]:
    """The scale again under one line: from 0 to 1, the middle marked."""
    middle = scale.at(0.5)
    return [
        line((scale.start, y), (scale.end, y), "grid"),
        line((middle, y - 6), (middle, y + 6), "half"),
    ]


def whisker(each: Line, scale: Scale, y: float) -> list[Markup]:
    """Interval, tick at even, and the share itself on top."""
    marks = [line((scale.at(each.low), y), (scale.at(each.high), y), "range")]
    if each.even is not None:
        x = scale.at(each.even)
        marks.append(line((x, y - 6), (x, y + 6), "even"))
    marks.append(dot(scale.at(each.value), y, "hollow" if each.hollow else "mark"))
    return marks


def _wide_line(each: Line, scale: Scale, top: float, width: float) -> list[Markup]:
    base, middle = top + 17, top + 12
    return [
        bar((0, top), (width, _WIDE_ROW), "hit"),
        _name(each, base, NAMES - 12),
        *whisker(each, scale, middle),
        text(width, base, each.number, "number", "end"),
    ]


def _narrow_line(each: Line, scale: Scale, top: float, width: float) -> list[Markup]:
    room = width - 7.0 * len(each.short) - 10
    return [
        _name(each, top + 16, room),
        text(width, top + 16, each.short, "number", "end"),
        *ground(scale, top + 31),
        *whisker(each, scale, top + 31),
    ]


def _name(each: Line, base: float, room: float) -> Markup:
    start = _GUTTER if each.label else 0.0
    return text(start, base, fitting(each.name, room - start), "soft" if each.hollow else "")
