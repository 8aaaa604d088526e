"""The strokes every chart is made of, as SVG whose texts are escaped and visible.

Takes numbers and texts, gives markup. Colours are classes: the page's style sheet and a file's own
give them. Knows no board.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from pullsmith.report.shortened import shortened
from pullsmith.visible import visible

_LETTER = 0.56  # the mean width of a letter, of the font's size
FONT = 13.0
WIDE, NARROW = 880.0, 340.0  # units of a drawing on a desk and on a phone


@dataclass(frozen=True)
class Drawing:
    """Marks inside ``width`` x ``height`` units."""

    width: float
    height: float
    marks: Markup


@dataclass(frozen=True)
class Chart:
    """A chart by name; ``note`` says how to read it, ``text`` in words what it shows."""

    name: str
    title: str
    note: str
    text: str
    wide: Drawing
    narrow: Drawing


def element(name: str, content: str = "", **attributes: str | float) -> Markup:
    """An element; ``content`` is escaped unless it is markup, ``_`` in a name stands for ``-``."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_number(value))}"'
        for key, value in attributes.items()
    )
    if not content:
        return Markup(f"<{name}{written}/>")  # noqa: S704, RUF100  # escaped just now
    return Markup(f"<{name}{written}>{escape(content)}</{name}>")  # noqa: S704, RUF100


def joined(marks: list[Markup]) -> Markup:
    """One after the other."""
    return Markup("\n").join(marks)


def text(x: float, y: float, words: str, style: str = "", anchor: str = "start") -> Markup:
    """Words whose baseline is at ``y``; ``anchor`` is where ``x`` is: start, middle or end."""
    extra = {"class_": style} if style else {}
    if anchor != "start":
        extra["text_anchor"] = anchor
    return element("text", visible(" ".join(words.split())), x=x, y=y, **extra)


def line(one: tuple[float, float], other: tuple[float, float], style: str) -> Markup:
    """A straight line."""
    return element("line", x1=one[0], y1=one[1], x2=other[0], y2=other[1], class_=style)


def dot(x: float, y: float, style: str, radius: float = 4.5) -> Markup:
    """A filled circle."""
    return element("circle", cx=x, cy=y, r=radius, class_=style)


def bar(corner: tuple[float, float], size: tuple[float, float], style: str) -> Markup:
    """A rectangle; nothing is narrower than a hair, so that little is not none."""
    width = max(size[0], 1.0) if size[0] > 0 else 0.0
    return element("rect", x=corner[0], y=corner[1], width=width, height=size[1], class_=style)


def fitting(words: str, width: float, size: float = FONT) -> str:
    """``words``, or their beginning and end around an ellipsis where they are wider than ``width``."""
    plain = visible(" ".join(shortened(words, 400).split()))
    most = max(3, int(width / (size * _LETTER)))
    if len(plain) <= most:
        return plain
    tail = most // 2
    return f"{plain[: most - tail - 1]}…{plain[len(plain) - tail :]}"


def _number(value: str | float) -> str:
    """Numbers with one decimal at most."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
