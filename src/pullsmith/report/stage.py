"""report: the board as board.json, board.md, board.csv, index.html and charts; stored records in, files out.

Reads rank, respond, train and every manifest. Nothing measured (seconds, memory) is in these files, so
the same records give the same bytes; what was measured is in measured.json and measured.md beside them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import RunFolderError
from pullsmith.records import Checkpoint, Contrast, GroupContrast, Metric, Rating, Statistic
from pullsmith.report.board import MissingCell
from pullsmith.report.build import Stored, build
from pullsmith.report.charts.every import charts
from pullsmith.report.charts.files import NO_FONT, font, png_file, svg_file
from pullsmith.report.charts.svg import Chart
from pullsmith.report.csv_lines import csv_text
from pullsmith.report.exhibits import sample
from pullsmith.report.funnel import funnel
from pullsmith.report.losses import Curve, read_curve
from pullsmith.report.markdown import markdown, measured_markdown
from pullsmith.report.measured import FILE_NAME, measured, took_tables
from pullsmith.report.method import method
from pullsmith.report.page import page
from pullsmith.report.spending import COLUMNS, spending
from pullsmith.rows import read_rows
from pullsmith.store import JobKey, make_folder, write_bytes
from pullsmith.study.train import LOSSES_NAME
from pullsmith.tally import Tally


def run(context: StageContext) -> StageResult:
    """Write the files; what comes in and goes out is ratings, the rows are the board's."""
    stored = _stored(context)
    board = build(stored)
    folder = context.job.path
    write_bytes(folder / "board.json", board.model_dump_json(indent=2).encode() + b"\n")
    write_bytes(folder / "board.md", markdown(board).encode())
    write_bytes(folder / "board.csv", csv_text(board).encode())
    took = measured(context.study, context.run, board)
    write_bytes(folder / FILE_NAME, took.model_dump_json(indent=2).encode() + b"\n")
    write_bytes(folder / "measured.md", measured_markdown(took).encode())
    curves, tables = _curves(context), took_tables(took)
    shown, made = sample(context.study, context.run), method(context.study, context.run)
    write_bytes(folder / "index.html", page(board, curves, tables, shown, made).encode())
    _write_charts(context, charts(board, curves))
    count = len(stored.ratings)
    return StageResult(
        Tally.of(records_in=count, records_out=count, drops=[], rows=len(board.models))
    )


def _write_charts(context: StageContext, made: Mapping[str, Chart]) -> None:
    """Each as SVG and, where this machine can write words, as PNG."""
    folder = context.job.path / "charts"
    shutil.rmtree(folder, ignore_errors=True)  # those of an earlier try may be others
    make_folder(folder)
    for name, chart in made.items():
        svg = svg_file(chart)
        write_bytes(folder / f"{name}.svg", svg.encode())
        png = png_file(svg)
        if png is not None:
            write_bytes(folder / f"{name}.png", png)
    if made and not font():
        context.report(NO_FONT)


def _curves(context: StageContext) -> list[Curve]:
    """The losses of every student's training."""
    found = [
        read_curve(role.label, context.run.job(JobKey("train", role.cell)).path / LOSSES_NAME)
        for role in context.study.student
    ]
    return [curve for curve in found if curve is not None]


def _stored(context: StageContext) -> Stored:
    ranked = context.run.job(JobKey("rank")).path
    groups = ranked / "group-contrasts.parquet"
    if not groups.exists():
        raise RunFolderError(
            f"{groups}: not there: an older version ranked this run; remove the folder "
            f"{ranked} and run again: it is made from stored verdicts alone"
        )
    return Stored(
        study=context.study,
        ratings=list(context.run.read("rank", Rating)),
        metrics=list(read_rows(ranked / "metrics.parquet", Metric)),
        contrasts=list(read_rows(ranked / "contrasts.parquet", Contrast)),
        groups=list(read_rows(groups, GroupContrast)),
        statistics=list(read_rows(ranked / "statistics.parquet", Statistic)),
        checkpoints=[
            checkpoint
            for cell in context.study.student_cells
            for checkpoint in context.run.read("train", Checkpoint, cell)
        ],
        funnel=funnel(context.study, context.run),
        spent=spending(
            row
            for cell in context.study.respond_cells
            for row in context.run.job(JobKey("respond", cell)).columns(*COLUMNS)
        ),
        missing=[
            MissingCell(model=one.label, stage=one.stage, state=one.state)
            for one in context.missing
        ],
    )
