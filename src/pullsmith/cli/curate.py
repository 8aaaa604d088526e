"""``curate``: the curation page, and the same through files; how far people are and how they agree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pullsmith.cli.plain_table import print_table
from pullsmith.cli.run import STUDY
from pullsmith.visible import visible

if TYPE_CHECKING:
    from pullsmith.curate.desk import Desk
    from pullsmith.curate.exchange.lines import Imported
    from pullsmith.curate.items import Agreement, Bounded

QUEUES = ("clean", "choose", "judge")
FORMS = ("csv", "jsonl", "label-studio", "argilla")
FILE = click.Path(dir_okay=False, path_type=Path)
_SHOWN = 20


@click.command()
@click.argument("study", type=STUDY)
@click.argument("overrides", nargs=-1, metavar="[A.B=C]...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the page is reached; another address than this machine's needs the link that is printed.")  # fmt: skip
@click.option("--port", default=8321, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")  # fmt: skip
@click.option("--queue", type=click.Choice(QUEUES), help="What to decide on first; for --export, what is written (clean unless given).")  # fmt: skip
@click.option("--export", "to_file", type=FILE, metavar="FILE", help="Write a queue to be filled in without a browser.")  # fmt: skip
@click.option("--import", "from_file", type=FILE, metavar="FILE", help="Make the decisions that people wrote into FILE.")  # fmt: skip
@click.option("--form", type=click.Choice(FORMS), help="What FILE is, where its name does not say.")
@click.option("--as", "who", default="", metavar="NAME", help="Who fills FILE in.")
@click.option("--agreement", is_flag=True, help="Say how far people are and how they agree.")
@click.option("--json", "as_json", is_flag=True, help="With --agreement: print JSON.")
@click.pass_context
def curate(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    ctx: click.Context,
    study: Path,
    overrides: tuple[str, ...],
    host: str,
    port: int,
    queue: str | None,
    to_file: Path | None,
    from_file: Path | None,
    form: str | None,
    who: str,
    agreement: bool,
    as_json: bool,
) -> None:
    """Let people keep, fix and reject examples, choose what is evaluated, and judge pairs of answers.

    Opens a page on this machine; Ctrl-C ends it. Every decision is a line of decisions.jsonl in the
    run's folder, which clean, split and judge replay: run pullsmith run STUDY afterwards.
    """
    from pullsmith.curate.desk import open_desk
    from pullsmith.study import load_study

    if sum((to_file is not None, from_file is not None, agreement)) > 1:
        raise click.UsageError("--export, --import and --agreement are asked for one at a time")
    desk = open_desk(load_study(study, overrides))
    for said in desk.said():
        _tell(said)
    if agreement:
        _print_agreement(desk, as_json=as_json)
    elif to_file is not None:
        _export(desk, to_file, queue or "clean", form=form or "", who=who)
    elif from_file is not None:
        if _import(desk, from_file, form=form or "", who=who):
            ctx.exit(1)
    else:
        from pullsmith.curate.web import serve

        serve(desk, host=host, port=port, queue=queue or "", report=_tell)


def _export(desk: Desk, path: Path, queue: str, *, form: str, who: str) -> None:
    from pullsmith.curate.exchange.files import export_file
    from pullsmith.curate.items import Queue

    count = export_file(desk, Queue(queue), path, form=form, who=who)
    click.echo(f"{path}: {count} lines of {queue}")
    if form == "label-studio":
        click.echo(f"{path}.xml: the labelling configuration of the project")


def _import(desk: Desk, path: Path, *, form: str, who: str) -> bool:
    """Whether anything was refused."""
    from pullsmith.curate.exchange.files import import_file

    found = import_file(desk, path, form=form, who=who)
    click.echo(f"{path}: {_counts(found)}")
    for said in found.refused[:_SHOWN]:
        _tell(said)
    if len(found.refused) > _SHOWN:
        _tell(f"… and {len(found.refused) - _SHOWN} more that were refused")
    return bool(found.refused)


def _counts(found: Imported) -> str:
    made = [f"{count} {action}" for action, count in sorted(found.written.items())]
    others = (
        (found.there_already, "there already"),
        (found.without_a_decision, "without a decision"),
        (len(found.refused), "refused"),
    )
    return ", ".join([*(made or ["nothing new"]), *(f"{n} {what}" for n, what in others if n)])


def _print_agreement(desk: Desk, *, as_json: bool) -> None:
    progress, found = desk.progress(), desk.agreement()
    if as_json:
        told = {
            "progress": [asdict(each) for each in progress],
            "agreement": [asdict(each) for each in found],
        }
        click.echo(json.dumps(told, indent=2))
        return
    head = ("queue", "decided", "of", "wanted", "people differ on")
    rows = [
        (str(p.queue), *map(str, (p.decided, p.total, p.wanted, p.disagreed))) for p in progress
    ]
    print_table([head, *rows])
    if not found:
        click.echo("\nno two people have decided on the same thing yet")
        return
    click.echo()
    print_table([("queue", "one", "other", "both", "agree", "kappa"), *map(_agreement, found)])
    _print_differences(found)


def _agreement(one: Agreement) -> tuple[str, ...]:
    people = visible(one.one), visible(one.other)
    return str(one.queue), *people, str(one.items), _bounded(one.raw), _bounded(one.kappa)


def _print_differences(found: Sequence[Agreement]) -> None:
    names = dict.fromkeys(name for one in found for name in one.differ)
    if names:
        click.echo("\nthe last word counts on what they differ on:")
    for name in list(names)[:_SHOWN]:
        click.echo(f"  {visible(name)}")
    if len(names) > _SHOWN:
        click.echo(f"  … and {len(names) - _SHOWN} more")


def _bounded(number: Bounded) -> str:
    if number.value is None or number.low is None or number.high is None:
        return "-"
    return f"{number.value:.2f} [{number.low:.2f} to {number.high:.2f}]"


def _tell(message: str) -> None:
    click.echo(f"  {visible(message)}", err=True)
