"""``rank``: verdicts into rates, of a study's run or of a published board."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pullsmith.cli.run import go


@click.command()
@click.argument("study", metavar="STUDY|FOLDER", type=click.Path(path_type=Path))
@click.argument("overrides", nargs=-1, metavar="[A.B=C]...")
@click.option("--restart", is_flag=True, help="Move results made with other settings aside first.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Of a published board: keep what was made again in this folder.")  # fmt: skip
@click.option("--trust-tools", is_flag=True, help="Of a published board: run the code of the tools it brings.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Of a published board: print JSON.")
@click.pass_context
def rank(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    ctx: click.Context,
    study: Path,
    overrides: tuple[str, ...],
    restart: bool,
    into: Path | None,
    trust_tools: bool,
    as_json: bool,
) -> None:
    """Turn verdicts into rates with intervals. The stages before it must be done.

    Where FOLDER is what pullsmith publish wrote, its board is made again, with no network, no key and no run
    folder, and compared byte for byte with the published one; another one is an error, exit code 1.
    """
    from pullsmith.study import load_study

    if study.is_dir():
        if overrides or restart:
            raise click.UsageError("a published board is made again as it is: leave settings out")
        _again(study, into=into, trust_tools=trust_tools, as_json=as_json)
        return
    if into or trust_tools or as_json:
        raise click.UsageError("--into, --trust-tools and --json go with a published FOLDER")
    again = " ".join(["pullsmith rank", str(study), *overrides])
    go(ctx, load_study(study, overrides), resume_command=again, only="rank", restart=restart)


def _again(folder: Path, *, into: Path | None, trust_tools: bool, as_json: bool) -> None:
    from datetime import date

    from pullsmith.publish.again import made_again
    from pullsmith.report.terminal import print_board
    from pullsmith.visible import visible

    with made_again(folder, into=into, trust_tools=trust_tools) as made:
        retired = made.retired(date.today())
        if as_json:
            told = {
                "study": made.pack.list.study, "same": made.difference is None,
                "difference": made.difference, "retired": retired,
            }  # fmt: skip
            click.echo(json.dumps(told, indent=2))
        else:
            print_board(made.report / "board.json")
            for line in retired:
                click.echo(visible(f"  {line}"))
        said = made.same()
        if not as_json:
            click.echo(visible(said))
