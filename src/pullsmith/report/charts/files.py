"""Charts as files of their own: SVG with its colours and background inside, and PNG of it.

Takes Charts, gives bytes. A file reads alike on a light and on a dark page. PNG needs a font on the
machine; without one there is none, as it would have no words.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from textwrap import wrap

from markupsafe import Markup

from pullsmith.errors import StudyError
from pullsmith.report.charts.svg import Chart, bar, element, fitting, joined, text
from pullsmith.report.palette import LIGHT, filled
from pullsmith.report.shortened import shortened
from pullsmith.store import write_bytes
from pullsmith.visible import visible

_MARGIN, _TITLE, _NOTE = 24.0, 30.0, 16.0
_NOTE_LETTERS = 135  # of a line of the note
_ZOOM = 2.0  # pixels a unit: sharp on a fine screen
NO_FONT = (
    "charts: no font on this machine, so there are SVG files and no PNG; "
    "install one (Debian: fonts-dejavu-core) and run report again"
)
_FAMILIES = ("DejaVu Sans", "Liberation Sans", "Noto Sans", "Arial", "Helvetica")


def svg_file(chart: Chart) -> str:
    """The wide drawing below its title and how to read it."""
    drawing = chart.wide
    notes = wrap(visible(shortened(chart.note)), _NOTE_LETTERS)
    head = _MARGIN + _TITLE + _NOTE * len(notes) + 10
    width, height = drawing.width + 2 * _MARGIN, drawing.height + head + _MARGIN
    marks = [
        element("title", visible(chart.title)),
        element("desc", visible(chart.text)),
        element("style", Markup(_style())),  # noqa: S704, RUF100  # our own file
        bar((0, 0), (width, height), "paper"),
        text(_MARGIN, _MARGIN + 16, fitting(chart.title, drawing.width, 15), "title"),
        *(
            text(_MARGIN, _MARGIN + _TITLE + 8 + _NOTE * place, line, "small")
            for place, line in enumerate(notes)
        ),
        element("g", drawing.marks, transform=f"translate({_MARGIN:g} {head:g})"),
    ]
    return str(
        element(
            "svg", joined(marks), xmlns="http://www.w3.org/2000/svg", class_="chart", role="img",
            width=width, height=height, viewBox=f"0 0 {width:g} {height:g}",
        )
    ) + "\n"  # fmt: skip


def write_picture(chart: Chart, path: Path, family: str | None = None) -> None:
    """Write a chart as the file's ending says, .svg or .png.

    Raises StudyError for another ending, and for PNG on a machine without a font.
    """
    ending = path.suffix.lower()
    if ending not in (".svg", ".png"):
        raise StudyError(f"--picture {path}: its ending is {ending!r}; write .svg or .png")
    svg = svg_file(chart)
    content = svg.encode() if ending == ".svg" else png_file(svg, family)
    if content is None:
        raise StudyError(f"--picture {path}: {NO_FONT}")
    write_bytes(path, content)


def png_file(svg: str, family: str | None = None) -> bytes | None:
    """The picture of an SVG file; None where there is no font to write its words with.

    ``family`` is the font; unless it is given, the one that this machine has.
    """
    chosen = font() if family is None else family
    return pixels(svg, chosen) if chosen else None


@cache
def font() -> str:
    """A family that this machine writes words with; empty where there is none."""
    return written_with(pixels)


def written_with(draw: Callable[[str, str], bytes]) -> str:
    """The first family in which ``draw`` puts a letter where there was none; empty without one."""
    blank = draw(_probe(""), _FAMILIES[0])
    return next((name for name in _FAMILIES if draw(_probe("A"), name) != blank), "")


def pixels(svg: str, family: str) -> bytes:
    """An SVG file as PNG, its words in ``family``."""
    import resvg_py  # a native library: only where pictures are wanted

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, font_family=family, sans_serif_family=family, zoom=_ZOOM
        )
    )


def _probe(words: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text x="2" y="16" font-family="sans-serif">{words}</text></svg>'


@cache
def _style() -> str:
    css = (files("pullsmith.report") / "templates" / "chart.css").read_text(encoding="utf-8")
    own = f".chart .paper {{ fill: {LIGHT['paper']}; }} .chart .title {{ font-size: 15px; font-weight: 600; }}\n"
    return filled(css) + own
