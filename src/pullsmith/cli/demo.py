"""``demo``: the embedded study, without a key and without a download."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from pullsmith.cli.run import go, print_board
from pullsmith.errors import RunFolderError


@click.command()
@click.argument(
    "directory", required=False, type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]"
)
@click.option("--out", default=Path("pullsmith-demo"), show_default=True, type=click.Path(path_type=Path),
              help="Where the study file and its run go.")  # fmt: skip
@click.option(
    "--set", "overrides", multiple=True, metavar="A.B=C", help="Change a setting of the study."
)
@click.pass_context
def demo(ctx: click.Context, directory: Path | None, out: Path, overrides: tuple[str, ...]) -> None:
    """Run the whole chain on the git repository DIR (or the one you stand in), in three to six minutes.

    Pull requests with planted defects, made from the Python standard library, fill up what the
    repository lacks. No key, no download, no language model but the small one that is trained.
    """
    from pullsmith.study import load_study

    study_file = out / "demo.toml"
    _write_study(study_file, repository=directory, must_exist=directory is not None)
    study = load_study(study_file, overrides)
    command = " ".join(["pullsmith run", str(study_file), *overrides])
    go(ctx, study, resume_command=command)
    print_board(study)
    click.echo(
        f"look closer: pullsmith status {study_file}; pullsmith show ID --study {study_file}"
    )


def _write_study(path: Path, *, repository: Path | None, must_exist: bool) -> None:
    """The study file, unless it is there already: a demo that was stopped goes on."""
    if path.exists():
        return
    folder = (repository or Path.cwd()).resolve()
    text = files("pullsmith").joinpath("cli/demo.toml").read_text(encoding="utf-8")
    optional = "false" if must_exist else "true"
    text = text.replace("@REPOSITORY@", str(folder).replace("\\", "\\\\").replace('"', '\\"'))
    text = text.replace("@OPTIONAL@", optional)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunFolderError(
            f"{path}: cannot be written: {error.strerror}; choose another --out"
        ) from error
