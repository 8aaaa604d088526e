"""The report as one self-contained page: index.html, readable without network and without script.

Takes a Board, and what else there is: losses, a sample of comparisons, the method. Gives HTML. All that
comes from people and models is made visible and escaped; the policy in the head allows this page's
one style sheet and nothing else, so that even a mistake runs nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from pullsmith.records import digest
from pullsmith.report import markup
from pullsmith.report.board import Board, Row
from pullsmith.report.charts.every import charts
from pullsmith.report.cost_tables import cost_tables
from pullsmith.report.exhibit import Sample
from pullsmith.report.glance import facts
from pullsmith.report.judge_tables import judge_tables
from pullsmith.report.losses import Curve
from pullsmith.report.method import Method
from pullsmith.report.palette import variables
from pullsmith.report.sample import MEANING, Ending
from pullsmith.report.table import Table, entrant_text
from pullsmith.report.tables import funnel_table, main_table, reasons_table, tables

MOST_ROWS = 1_000  # of one table: all pairs of thirty models twice
_OPEN_ROWS = 16  # a table with more is folded at first
_OF_MODELS = (
    "Strengths",
    "Slices",
    "Length",
    "Canaries",
)  # told with the judges, read with the models
_PER_JUDGE = "Per judge"  # and the other way round


@dataclass(frozen=True)
class Shown:
    """A table as the page has it: its place, whether it is unfolded, and rows that are left out."""

    place: str
    table: Table
    unfolded: bool
    more_rows: int


@dataclass(frozen=True)
class Parts:
    """The tables by where they are read: about models, judges, costs and records."""

    models: tuple[Shown, ...]
    judges: tuple[Shown, ...]
    costs: tuple[Shown, ...]
    records: tuple[Shown, ...]


def page(  # each is another kind of thing a page shows
    board: Board,
    curves: Sequence[Curve] = (),
    took: Sequence[Table] = (),
    sample: Sample | None = None,
    method: Method | None = None,
) -> str:
    """The whole page; ``curves`` are the losses of the trainings, ``took`` what was measured."""
    css = variables() + _read("page.css") + _read("chart.css")
    digest_of = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return _environment().get_template("page.html.jinja").render(
        board=board,
        main=main_table(board),
        facts=facts(board),
        parts=_parts(board, took),
        charts=charts(board, curves),
        sample=sample or Sample(board.references[0], missing="no records were given"),
        method=method,
        places=places(board) if sample and sample.exhibits else {},
        names={row.entrant: entrant_text(row) for row in board.models},
        endings=list(Ending),
        meaning=MEANING,
        css=Markup(css),  # noqa: S704, RUF100  # our own files
        policy=f"default-src 'none'; style-src 'sha256-{digest_of}'; base-uri 'none'; form-action 'none'",
    )  # fmt: skip


def places(board: Board) -> dict[str, str]:
    """Where a model's sample is, by what tables call its row, or the model after fine-tuning."""
    rated = [row for row in board.models if row.rate is not None]
    found = {row.model: _place(row) for row in rated if row.phase != "before"}
    for row in rated:
        found |= {row.entrant: _place(row), entrant_text(row): _place(row)}
    return found


def _place(row: Row) -> str:
    return f"m-{digest(row.entrant)}"


def _parts(board: Board, took: Sequence[Table]) -> Parts:
    judges = {t.title for t in judge_tables(board)} - set(_OF_MODELS) | {_PER_JUDGE}
    costs = {t.title for t in cost_tables(board)}
    records = {t.title for t in (funnel_table(board.funnel), reasons_table(board.funnel))}
    every = [table for table in tables(board) if table.rows]

    def titled(titles: set[str]) -> tuple[Shown, ...]:
        return tuple(_shown(table) for table in every if table.title in titles)

    models = {table.title for table in every} - judges - costs - records
    measured = tuple(_shown(table) for table in took if table.rows)
    return Parts(titled(models), titled(judges), (*titled(costs), *measured), titled(records))


def _shown(table: Table) -> Shown:
    rows = table.rows[:MOST_ROWS]
    return Shown(
        place=f"t-{digest(table.title)}",
        table=replace(table, rows=rows),
        unfolded=len(rows) <= _OPEN_ROWS,
        more_rows=len(table.rows) - len(rows),
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=markup.written,
    )
    made.filters |= {
        "code": markup.code,
        "diff": markup.diff,
        "place": lambda name: f"m-{digest(name)}",
    }
    made.globals |= {"svg": markup.svg}
    return made


def _read(name: str) -> str:
    return (files("pullsmith.report") / "templates" / name).read_text(encoding="utf-8")
