"""Charts as files of their own: SVG with its colours and background inside, and PNG of it.

Takes Charts, gives bytes. A file reads alike on a light and on a dark page. PNG needs a font on the
machine; without one there is none, as it would have no words.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from markupsafe import Markup

from pullsmith.report.charts.svg import Chart, bar, element, fitting, joined, text
from pullsmith.report.palette import LIGHT, filled
from pullsmith.visible import visible

_MARGIN, _HEAD = 24.0, 44.0
_ZOOM = 2.0  # pixels a unit: sharp on a fine screen
NO_FONT = (
    "charts: no font on this machine, so there are SVG files and no PNG; "
    "install one (Debian: fonts-dejavu-core) and run report again"
)
_FAMILIES = ("DejaVu Sans", "Liberation Sans", "Noto Sans", "Arial", "Helvetica")


def svg_file(chart: Chart) -> str:
    """The wide drawing below its title."""
    drawing = chart.wide
    width, height = drawing.width + 2 * _MARGIN, drawing.height + 2 * _MARGIN + _HEAD
    marks = [
        element("title", visible(chart.title)),
        element("desc", visible(chart.text)),
        element("style", Markup(_style())),  # noqa: S704, RUF100  # our own file
        bar((0, 0), (width, height), "paper"),
        text(_MARGIN, _MARGIN + 16, fitting(chart.title, drawing.width, 15), "title"),
        element("g", drawing.marks, transform=f"translate({_MARGIN:g} {_MARGIN + _HEAD:g})"),
    ]
    return str(
        element(
            "svg", joined(marks), xmlns="http://www.w3.org/2000/svg", class_="chart", role="img",
            width=width, height=height, viewBox=f"0 0 {width:g} {height:g}",
        )
    ) + "\n"  # fmt: skip


def png_file(svg: str) -> bytes | None:
    """The picture of an SVG file; None where the machine has no font to write its words with."""
    family = font()
    return _pixels(svg, family) if family else None


@cache
def font() -> str:
    """A family that this machine writes words with; empty where there is none."""
    blank = _pixels(_probe(""), _FAMILIES[0])
    return next((name for name in _FAMILIES if _pixels(_probe("A"), name) != blank), "")


def _pixels(svg: str, family: str) -> bytes:
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
