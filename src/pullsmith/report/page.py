"""The board as one self-contained page: index.html, readable without network and without script.

Takes a Board, gives HTML. Everything that comes from people and models is escaped; the policy in
the head allows this page's one style sheet and nothing else, so that even a mistake runs nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from pullsmith.report.board import Board, Row
from pullsmith.report.losses import HEIGHT, WIDTH, Curve
from pullsmith.report.table import Table, entrant_text, headline_rows
from pullsmith.report.tables import main_table, tables

BAR_WIDTH = 200  # units of the drawing, not pixels


@dataclass(frozen=True)
class Bar:
    """A rate and its interval along a line from 0 to BAR_WIDTH."""

    low: float
    at: float
    high: float


def page(board: Board, curves: Sequence[Curve] = (), took: Sequence[Table] = ()) -> str:
    """The whole page; ``curves`` are the losses of the trainings, ``took`` what was measured."""
    css = _read("page.css")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    rows = headline_rows(board)
    main = main_table(board)
    return _environment().get_template("page.html.jinja").render(
        board=board,
        main=main,
        rows=rows,
        names=[entrant_text(row) for row in rows],
        bars=[bar(row) for row in rows],
        tables=[*tables(board), *took],
        width=BAR_WIDTH,
        curves=curves,
        chart=(WIDTH, HEIGHT),
        css=Markup(css),  # noqa: S704, RUF100  # our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )  # fmt: skip


def bar(row: Row) -> Bar | None:
    """Where a row's better rate lies; None where it has none."""
    if row.better_rate is None or row.better_low is None or row.better_high is None:
        return None
    low, at, high = (
        round(BAR_WIDTH * value, 1) for value in (row.better_low, row.better_rate, row.better_high)
    )
    return Bar(low, at, high)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _read(name: str) -> str:
    return (files("pullsmith.report") / "templates" / name).read_text(encoding="utf-8")
