"""Text and charts as HTML: the only place that turns strangers' text into markup.

Takes texts and drawings, gives markup in which every text is visible and escaped.
"""

from __future__ import annotations

import re
from itertools import groupby

from markupsafe import Markup, escape

from pullsmith.report.charts.svg import Chart, Drawing, element
from pullsmith.report.shortened import Cut, shortened
from pullsmith.visible import visible

_ADDED, _REMOVED = re.compile(r" *\d+ \+"), re.compile(r" +-")
_SHOWN_BLANKS = "\n\t\xa0\N{NARROW NO-BREAK SPACE}"  # the fixed ones are our own, in numbers


def written(value: object) -> object:
    """What a template prints: text visible and not longer than a reader takes in; markup as it is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return visible(shortened(value), keep=_SHOWN_BLANKS)


def code(text: Cut) -> Markup:
    """Lines as they are, and how many more there are."""
    return Markup().join(_line(line) + "\n" for line in text.lines) + _rest(text)


def diff(text: Cut) -> Markup:
    """A diff of judges' form, its added and removed lines, heads of files and hunks marked."""
    runs = []
    for style, lines in groupby(text.lines, _style):
        run = Markup().join(_line(line) + "\n" for line in lines)
        runs.append(Markup('<span class="{}">{}</span>').format(style, run) if style else run)
    return Markup().join(runs) + _rest(text)


def svg(chart: Chart, drawing: Drawing, style: str) -> Markup:
    """A drawing inside the page, which its name and words describe to those who do not see it."""
    return element(
        "svg",
        drawing.marks,
        class_=style,
        viewBox=f"0 0 {drawing.width:g} {drawing.height:g}",
        role="img",
        aria_label=visible(f"{chart.title}. {shortened(chart.text, 1_500)}"),
    )


def _style(line: str) -> str:
    """Of a line with its number: an added one has both, a removed one blanks and its sign."""
    if line.startswith("## File: "):
        return "f"
    if line.startswith("@@ "):
        return "h"
    if _ADDED.match(line):
        return "a"
    return "d" if _REMOVED.match(line) else ""


def _line(line: str) -> Markup:
    return escape(visible(line))


def _rest(text: Cut) -> Markup:
    if not text.more_lines:
        return Markup()
    lines = "line" if text.more_lines == 1 else "lines"
    return Markup('<span class="rest">… {:,} more {}</span>').format(text.more_lines, lines)
