"""``discover``: a ranked list of repositories out of GH Archive's hour files."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pullsmith.visible import visible

if TYPE_CHECKING:
    from pullsmith.discover import Discovered, FileRead, RankedRepository


class Form(StrEnum):
    """How the list is written."""

    TABLE = "table"
    NAMES = "names"
    TOML = "toml"
    JSON = "json"


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILES…")
@click.option("--min-merged", default=1, show_default=True, type=click.IntRange(min=0), metavar="N",
              help="Leave out repositories with fewer merged pull requests.")  # fmt: skip
@click.option("--top", default=100, show_default=True, type=click.IntRange(min=1), metavar="N",
              help="How many repositories to list.")  # fmt: skip
@click.option("--names", "form", flag_value=Form.NAMES.value, help="Print owner/name lines.")
@click.option("--toml", "form", flag_value=Form.TOML.value, help="Print sources for a study file.")
@click.option(
    "--json", "form", flag_value=Form.JSON.value, help="Print JSON, with what was left out."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the list here instead."
)
@click.option("--threads", default=2, show_default=True, type=click.IntRange(min=1),
              help="How many files are fetched and read beside each other.")  # fmt: skip
@click.option("--memory", "memory_mb", default=1024, show_default=True, type=click.IntRange(min=256), metavar="MB",
              help="What DuckDB may use; beyond it goes to temporary files.")  # fmt: skip
def discover(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    files: tuple[str, ...],
    min_merged: int,
    top: int,
    form: str | None,
    out: Path | None,
    threads: int,
    memory_mb: int,
) -> None:
    """Rank repositories by merged pull requests and review comments, out of GH Archive hour files.

    FILES are paths, globs, folders or http(s) addresses of hour files such as 2026-01-31-5.json.gz;
    an address is fetched, nothing else is. Programs' pull requests and comments do not count.
    Where files could not be read they are named, and the list is made of the others.
    """
    from pullsmith.discover import Machine, Wanted
    from pullsmith.discover import discover as search
    from pullsmith.store import write_bytes

    found = search(
        files,
        wanted=Wanted(min_merged=min_merged, top=top),
        machine=Machine(threads=threads, memory_mb=memory_mb),
        report=_report,
    )
    _summary(found)
    text = _text(found, Form(form or Form.TABLE))
    if out is None:
        click.echo(text, nl=False)
    else:
        write_bytes(out, text.encode())
        click.echo(f"wrote {out}", err=True)


def _report(read: FileRead) -> None:
    what = f"{read.lines} lines, {read.pull_request_events} events of pull requests"
    if not read.usable:
        what = f"not used, {read.state}: {read.detail}"
    elif read.detail:
        what = f"{what}; {read.state}: {read.detail}"
    if read.usable and read.broken_lines:
        what += f"; {read.broken_lines} broken lines"
    if read.incomplete_events:
        what += f"; {read.incomplete_events} incomplete events"
    click.echo(f"  {visible(read.name)}: {visible(what)}", err=True)


def _summary(found: Discovered) -> None:
    counts, unread = found.counts, sum(not read.usable for read in found.files)
    unsaid = any(one.merged_at_most > one.merged for one in found.repositories)
    lines = [
        f"{len(found.files)} files, {unread} not used; {counts.events} events of pull requests, "
        f"{counts.repeated_events} more given twice",
        f"{counts.repositories} repositories with enough merged pull requests, "
        f"{len(found.repositories)} listed; {counts.bot_pull_requests} pull requests of programs left out",
    ]
    if found.missing_hours:
        lines.append(f"hours missing: {_some(found.missing_hours)}")
    if counts.odd_names:
        lines.append(f"{counts.odd_names} repositories left out: their name is none GitHub gives")
    if unsaid:
        lines.append(
            "merged = at least … at most: some closed events do not say whether they were merges"
        )
    for line in lines:
        click.echo(f"  {line}", err=True)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more


def _text(found: Discovered, form: Form) -> str:
    if form is Form.JSON:
        return found.model_dump_json(indent=2) + "\n"
    names = [one.repository for one in found.repositories]
    if form is Form.NAMES:
        return "".join(f"{name}\n" for name in names)
    if form is Form.TOML:
        sources = "".join(f'    {{ github = "{name}", optional = true }},\n' for name in names)
        return f"# Licences are unknown yet: collect reads them, select decides.\n[collect]\nsources = [\n{sources}]\n"
    return _table(found.repositories)


_HEADS = (
    "rank",
    "score",
    "merged",
    "closed",
    "comments",
    "authors",
    "reviewers",
    "licence",
    "repository",
)


def _table(repositories: Sequence[RankedRepository]) -> str:
    """Columns; numbers to the right, the name last. Only the heads where nothing was found."""
    rows = [_HEADS, *map(_row, repositories)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    return "".join(
        "  ".join(
            [*(cell.rjust(width) for cell, width in zip(row[:-1], widths, strict=False)), row[-1]]
        )
        + "\n"
        for row in rows
    )


def _row(one: RankedRepository) -> tuple[str, ...]:
    merged = (
        str(one.merged)
        if one.merged == one.merged_at_most
        else f"{one.merged}…{one.merged_at_most}"
    )
    numbers = (one.closed, one.review_comments, one.authors, one.reviewers)
    return (
        str(one.rank),
        f"{one.score:.1f}",
        merged,
        *map(str, numbers),
        one.licence,
        one.repository,
    )
