"""``journal``: the answers of a run as a file, and the answers of such a file into a run."""

from __future__ import annotations

from pathlib import Path

import click

STUDY = click.Path(dir_okay=False, path_type=Path)


@click.group()
def journal() -> None:
    """The questions and answers of a run: export them, import them."""


@journal.command("export")
@click.argument("study", type=STUDY)
@click.argument("file", type=STUDY)
@click.option("--model", default="", metavar="NAME", help="Only this model's answers.")
def export(study: Path, file: Path, model: str) -> None:
    """Write every answer of STUDY's run to FILE, *.parquet or *.jsonl."""
    from pullsmith.llm.journal_file import export_journal
    from pullsmith.pipeline import run_folder
    from pullsmith.study import load_study

    count = export_journal(run_folder(load_study(study)).journal, file, model)
    click.echo(f"{file}: {count} answers")


@journal.command("import")
@click.argument("study", type=STUDY)
@click.argument("file", type=STUDY)
def import_(study: Path, file: Path) -> None:
    """Put the answers in FILE into STUDY's run: what they answer is not asked again."""
    from pullsmith.llm.journal_file import import_journal
    from pullsmith.pipeline import run_folder
    from pullsmith.store import make_folder
    from pullsmith.study import load_study

    run = run_folder(load_study(study))
    make_folder(run.path)
    click.echo(f"{run.journal}: {import_journal(file, run.journal)} new answers")
