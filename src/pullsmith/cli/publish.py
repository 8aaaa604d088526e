"""``publish``: the training examples of a run as a data set."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pullsmith.cli.run import STUDY

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("study", type=STUDY)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--exclude", type=_FILE, help="A file of repositories, pull requests and authors to leave out.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def publish(study: Path, folder: Path, exclude: Path | None, as_json: bool) -> None:
    """Write the examples of STUDY's run into FOLDER, as a data set with its card.

    load_dataset reads the folder as it is; so do TRL, Axolotl and LLaMA-Factory with the entries
    that lie in it. Texts are scanned for secrets once more; nothing is sent anywhere.
    """
    from pullsmith.publish import publish as write_pack
    from pullsmith.study import load_study

    made = write_pack(load_study(study), folder, exclude=exclude)
    if as_json:
        told = {"folder": str(made.folder), "rows_in": made.rows_in, "rows": made.rows}
        click.echo(json.dumps({**told, "left_out": made.left_out}, indent=2))
        return
    left_out = ", ".join(f"{count} {reason}" for reason, count in made.left_out.items()) or "none"
    click.echo(f"{made.folder}: {made.rows} of {made.rows_in} rows, left out: {left_out}")
