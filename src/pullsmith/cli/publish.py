"""``publish``: the training examples of a run as a data set, and its board to be made again elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pullsmith.cli.run import STUDY

if TYPE_CHECKING:
    from pullsmith.publish import Published
    from pullsmith.publish.board import PublishedBoard
    from pullsmith.publish.pack import Part

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("study", type=STUDY)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(["data", "board"]), help="Write only the data set, or only the board.")  # fmt: skip
@click.option("--exclude", type=_FILE, help="A file of repositories, pull requests and authors to leave out.")  # fmt: skip
@click.option("--licences", type=click.Choice(["permissive", "any"]), default="permissive", show_default=True, help="Which held-out pull requests the board may show.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def publish(  # click passes every option by itself
    study: Path,
    folder: Path,
    only: Part | None,
    exclude: Path | None,
    licences: str,
    as_json: bool,
) -> None:
    """Write what STUDY's run hands on into FOLDER: a data set, and the board in FOLDER/board.

    load_dataset reads the folder as it is; so do TRL, Axolotl and LLaMA-Factory with the entries
    that lie in it. pullsmith rank FOLDER makes the board again anywhere. Texts are scanned for secrets once more;
    nothing is sent anywhere.
    """
    from pullsmith.export.card import student_cards
    from pullsmith.publish import publish as write_pack
    from pullsmith.study import load_study

    made = write_pack(
        load_study(study), folder, exclude=exclude, only=only, any_licence=licences == "any",
        cards=student_cards,
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(_as_dict(made), indent=2))
        return
    if made.no_board:
        click.echo(f"  no board yet: {made.no_board}", err=True)
    if made.data:
        rows, out = made.data, _reasons(made.data.left_out)
        click.echo(f"{folder}: {rows.rows} of {rows.rows_in} rows, left out: {out}")
    if made.board:
        _print_board(folder, made.board)


def _print_board(folder: Path, board: PublishedBoard) -> None:
    said = board.list
    total = said.pull_requests + sum(said.left_out.values())
    out = _reasons(said.left_out)
    click.echo(
        f"{folder / 'board'}: {said.pull_requests} of {total} pull requests, left out: {out}"
    )
    if board.unlike_run:
        click.echo(f"  not the same as the run's own report: {board.unlike_run}", err=True)
    click.echo(f"  make it again with: pullsmith rank {folder}", err=True)


def _reasons(left_out: dict[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in left_out.items()) or "none"


def _as_dict(made: Published) -> dict[str, object]:
    rows: dict[str, object] = {}
    if made.data:
        rows = {
            "rows_in": made.data.rows_in, "rows": made.data.rows, "left_out": made.data.left_out,
        }  # fmt: skip
    board: dict[str, object] | None = None
    if made.board:
        board = made.board.list.model_dump(exclude={"files"})
        board["unlike_run"] = made.board.unlike_run
    return {"folder": str(made.folder), **rows, "board": board, "no_board": made.no_board}
