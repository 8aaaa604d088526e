"""``report``: the board, or with ``--funnel`` what every stage kept and dropped so far."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pullsmith.cli.run import STUDY, go, print_board

if TYPE_CHECKING:
    from pullsmith.study import Study


@click.command()
@click.argument("study", type=STUDY)
@click.argument("overrides", nargs=-1, metavar="[A.B=C]...")
@click.option("--restart", is_flag=True, help="Move a report made with other settings aside first.")
@click.option(
    "--funnel",
    is_flag=True,
    help="Only print what every stage kept and dropped so far, reason by reason, with examples.",
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write the chart of all models to FILE, as SVG or PNG by its ending.",
)
@click.option("--json", "as_json", is_flag=True, help="With --funnel: print JSON.")
@click.pass_context
def report(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    ctx: click.Context,
    study: Path,
    overrides: tuple[str, ...],
    restart: bool,
    funnel: bool,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Write the board, the page and board.json. The stages before it must be done."""
    from pullsmith.study import load_study

    if as_json and not funnel:
        raise click.UsageError("--json goes with --funnel; the board is in report/board.json")
    loaded = load_study(study, overrides)
    if funnel:
        _print_funnel(loaded, as_json=as_json)
        return
    again = " ".join(["pullsmith report", str(study), *overrides])
    go(ctx, loaded, resume_command=again, only="report", restart=restart)
    print_board(loaded)
    if picture is not None:
        _write_picture(loaded, picture)


def _write_picture(study: Study, path: Path) -> None:
    from pullsmith.errors import StudyError
    from pullsmith.report.board import board
    from pullsmith.report.charts.files import write_picture
    from pullsmith.report.charts.forest import forest

    chart = forest(board(study))
    if chart is None:
        raise StudyError(f"--picture {path}: no model of {study.name} has a rate to draw yet")
    write_picture(chart, path)
    click.echo(f"picture: {path}")


def _print_funnel(study: Study, *, as_json: bool) -> None:
    from pullsmith.pipeline import run_folder
    from pullsmith.report.funnel import funnel
    from pullsmith.report.terminal import print_funnel

    rows = funnel(study, run_folder(study))
    if as_json:
        click.echo(json.dumps([row.model_dump() for row in rows], indent=2))
    else:
        print_funnel(rows)
