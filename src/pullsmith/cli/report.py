"""``report``: the board; with ``--funnel`` what every stage kept and dropped; ``--compare`` of two studies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pullsmith.cli.comparing import print_comparison
from pullsmith.cli.run import STUDY, go, print_board

if TYPE_CHECKING:
    from pullsmith.study import Study


@click.command()
@click.argument("study", type=STUDY, required=False)
@click.argument("overrides", nargs=-1, metavar="[A.B=C]...")
@click.option("--restart", is_flag=True, help="Move a report made with other settings aside first.")
@click.option(
    "--funnel",
    is_flag=True,
    help="Only print what every stage kept and dropped so far, reason by reason, with examples.",
)
@click.option("--compare", nargs=2, type=click.Path(path_type=Path), metavar="A B", help="Instead: compare two studies on one eval set; each a study file or a published folder.")  # fmt: skip
@click.option("--markdown", is_flag=True, help="With --compare: print Markdown.")
@click.option("--json", "as_json", is_flag=True, help="With --funnel or --compare: print JSON.")
@click.pass_context
def report(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    ctx: click.Context,
    study: Path | None,
    overrides: tuple[str, ...],
    restart: bool,
    funnel: bool,
    compare: tuple[Path, Path] | None,
    markdown: bool,
    as_json: bool,
) -> None:
    """Write the board, the page and board.json. The stages before it must be done."""
    from pullsmith.study import load_study

    if compare:
        if study or funnel or restart:
            raise click.UsageError("--compare A B is about these two alone")
        print_comparison(*compare, as_json=as_json, as_markdown=markdown)
        return
    if markdown:
        raise click.UsageError("--markdown goes with --compare; the board is in report/board.md")
    if study is None:
        raise click.UsageError("name a STUDY, or two with --compare A B")
    if as_json and not funnel:
        raise click.UsageError(
            "--json goes with --funnel or --compare; the board is in report/board.json"
        )
    loaded = load_study(study, overrides)
    if funnel:
        _print_funnel(loaded, as_json=as_json)
        return
    again = " ".join(["pullsmith report", str(study), *overrides])
    go(ctx, loaded, resume_command=again, only="report", restart=restart)
    print_board(loaded)


def _print_funnel(study: Study, *, as_json: bool) -> None:
    from pullsmith.pipeline import run_folder
    from pullsmith.report.funnel import funnel
    from pullsmith.report.terminal import print_funnel

    rows = funnel(study, run_folder(study))
    if as_json:
        click.echo(json.dumps([row.model_dump() for row in rows], indent=2))
    else:
        print_funnel(rows)
