"""report: the board as board.json, board.md and index.html; stored records in, files out.

Reads rank, train and every manifest. Nothing measured (seconds, memory) is in the files, so the same
records give the same bytes.
"""

from __future__ import annotations

from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import RunFolderError
from pullsmith.records import Checkpoint, Contrast, GroupContrast, Metric, Rating, Statistic
from pullsmith.report.build import Stored, build
from pullsmith.report.funnel import funnel
from pullsmith.report.losses import Curve, read_curve
from pullsmith.report.markdown import markdown
from pullsmith.report.page import page
from pullsmith.rows import read_rows
from pullsmith.store import JobKey, write_bytes
from pullsmith.study.train import LOSSES_NAME
from pullsmith.tally import Tally


def run(context: StageContext) -> StageResult:
    """Write the three files; what comes in and goes out is ratings, the rows are the board's."""
    stored = _stored(context)
    board = build(stored)
    folder = context.job.path
    write_bytes(folder / "board.json", board.model_dump_json(indent=2).encode() + b"\n")
    write_bytes(folder / "board.md", markdown(board).encode())
    write_bytes(folder / "index.html", page(board, _curves(context)).encode())
    count = len(stored.ratings)
    return StageResult(
        Tally.of(records_in=count, records_out=count, drops=[], rows=len(board.models))
    )


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
    )
