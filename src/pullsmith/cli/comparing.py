"""Two studies compared on the terminal, as Markdown or as JSON: what ``report --compare`` prints."""

from __future__ import annotations

from pathlib import Path

import click

from pullsmith.cli.plain_table import print_table
from pullsmith.visible import visible


def print_comparison(one: Path, other: Path, *, as_json: bool, as_markdown: bool) -> None:
    """Compare ``other`` with ``one`` and print it; raises PullsmithError where they cannot be compared."""
    from pullsmith.compare.comparison import compare
    from pullsmith.compare.side import open_side
    from pullsmith.compare.words import markdown, missing_prompts, sentences, tables

    found = compare(open_side(one), open_side(other))
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    if as_markdown:
        click.echo(markdown(found), nl=False)
        return
    for line in sentences(found):
        click.echo(visible(f"- {line}"))
    for table in tables(found):
        click.echo(f"\n{table.title}: {visible(table.note)}" if table.note else f"\n{table.title}")
        rows = [tuple(map(visible, row)) for row in (table.header, *table.rows)]
        print_table(rows)
    for number, line in enumerate(missing_prompts(found)):
        click.echo(
            ("" if number else "\nPrompts with a verdict on one side only\n") + visible(line)
        )
