"""``report``: the board in several forms; ``--funnel``: what every stage kept; ``--compare``: two studies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from pullsmith.cli.comparing import print_comparison
from pullsmith.cli.run import STUDY, go, print_board
from pullsmith.store import JobKey

if TYPE_CHECKING:
    from pullsmith.report.board import Board
    from pullsmith.study import Study

Form = Literal["text", "markdown", "csv", "json"]


@click.command()
@click.argument("study", type=STUDY, required=False)
@click.argument("overrides", nargs=-1, metavar="[A.B=C]...")
@click.option("--restart", is_flag=True, help="Move a report made with other settings aside first.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "csv", "json"]),
    default="text",
    show_default=True,
    help="How the board is printed; the files in the run are written all the same.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--csv", "form", flag_value="csv", help="The same as --format csv.")
@click.option("--markdown", "form", flag_value="markdown", help="The same as --format markdown.")
@click.option(
    "--published",
    is_flag=True,
    help="Print the table of 2024 beside the board, labelled as not rerun.",
)
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
@click.option(
    "--partial",
    is_flag=True,
    help="Rank and report the models that are finished, into partial/; the board names the others.",
)
@click.option("--compare", nargs=2, type=click.Path(path_type=Path), metavar="A B", help="Instead: compare two studies on one eval set; each a study file or a published folder.")  # fmt: skip
@click.pass_context
def report(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    ctx: click.Context,
    study: Path | None,
    overrides: tuple[str, ...],
    restart: bool,
    form: Form,
    published: bool,
    funnel: bool,
    picture: Path | None,
    partial: bool,
    compare: tuple[Path, Path] | None,
) -> None:
    """Write the board, the page, board.csv and board.json. The stages before it must be done."""
    from pullsmith.pipeline import run_folder
    from pullsmith.study import load_study

    if compare:
        if study or funnel or restart or form == "csv":
            raise click.UsageError(
                "--compare A B is about these two alone, as text, Markdown or JSON"
            )
        print_comparison(*compare, as_json=form == "json", as_markdown=form == "markdown")
        return
    if study is None:
        raise click.UsageError("name a STUDY, or two with --compare A B")
    if funnel and form in ("markdown", "csv"):
        raise click.UsageError(f"--funnel is printed as text or JSON, not as {form}")
    loaded = load_study(study, overrides)
    if funnel:
        _print_funnel(loaded, as_json=form == "json")
        return
    if partial:
        folder = _made_partial(loaded)
    else:
        again = " ".join(["pullsmith report", str(study), *overrides])
        go(ctx, loaded, resume_command=again, only="report", restart=restart)
        folder = run_folder(loaded).job(JobKey("report")).path
    if form == "text":
        print_board(loaded, folder=folder, published=published)
    else:
        _print_as(folder / "board.json", form, published=published)
    if picture is not None:
        _write_picture(folder / "board.json", picture)


def _made_partial(study: Study) -> Path:
    """The folder of a report about the models that are finished."""
    from pullsmith import pipeline

    run = pipeline.write_partial(study, report=lambda message: click.echo(f"  {message}", err=True))
    return run.job(JobKey("report")).path


def _write_picture(path: Path, picture: Path) -> None:
    from pullsmith.errors import StudyError
    from pullsmith.report.board import read_board
    from pullsmith.report.charts.files import write_picture
    from pullsmith.report.charts.forest import forest

    board = read_board(path)
    chart = forest(board)
    if chart is None:
        raise StudyError(f"--picture {picture}: no model of {board.study} has a rate to draw yet")
    write_picture(chart, picture)
    click.echo(f"picture: {picture}", err=True)


def _print_as(path: Path, form: Form, *, published: bool) -> None:
    """The board and nothing else, for a program to read or a page to quote."""
    from pullsmith.report.board import read_board
    from pullsmith.report.published import with_published

    stored = read_board(path)
    click.echo(_written(with_published(stored) if published else stored, form), nl=False)


def _written(board: Board, form: Form) -> str:
    from pullsmith.report.csv_lines import csv_text
    from pullsmith.report.markdown import markdown

    if form == "markdown":
        return markdown(board)
    return csv_text(board) if form == "csv" else board.model_dump_json(indent=2) + "\n"


def _print_funnel(study: Study, *, as_json: bool) -> None:
    from pullsmith.pipeline import run_folder
    from pullsmith.report.funnel import funnel
    from pullsmith.report.terminal import print_funnel

    rows = funnel(study, run_folder(study))
    if as_json:
        click.echo(json.dumps([row.model_dump() for row in rows], indent=2))
    else:
        print_funnel(rows)
