"""``show``: one pull request through every stage."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pullsmith.errors import StudyError

if TYPE_CHECKING:
    from pullsmith.records import Record
    from pullsmith.study import Study

_study_option = click.option(
    "--study", type=click.Path(dir_okay=False, path_type=Path), default=Path("pullsmith-demo/demo.toml"),
    show_default=True, help="The study the pull request belongs to.",
)  # fmt: skip


@click.command()
@click.argument("record_id", metavar="ID")
@_study_option
@click.option("--json", "as_json", is_flag=True, help="Print every record as a line of JSON.")
def show(record_id: str, study: Path, as_json: bool) -> None:
    """Walk one pull request, or one record of it, through every stage.

    ID is a pull request's id, the id of any of its records, or a beginning that fits only one.
    """
    from pullsmith.study import load_study

    loaded = load_study(study)
    pull_request = _find(loaded, record_id.split("#", maxsplit=1)[0])
    for job, record in _trail(loaded, pull_request):
        if as_json:
            click.echo(
                json.dumps({"job": job, **record.model_dump(mode="json")}, ensure_ascii=False)
            )
        else:
            _print(job, record)


def _find(study: Study, wanted: str) -> str:
    """The one collected pull request whose id is, or begins with, ``wanted``."""
    from pullsmith.pipeline import run_folder
    from pullsmith.records import PullRequest

    known = [record.id for record in run_folder(study).read("collect", PullRequest)]
    if wanted in known:
        return wanted
    fitting = [name for name in known if name.startswith(wanted)]
    if len(fitting) == 1:
        return fitting[0]
    near = fitting[:3] or difflib.get_close_matches(wanted, known, n=3, cutoff=0.3) or known[:3]
    what = "several pull requests begin with" if fitting else "no pull request"
    raise StudyError(f"{what} {wanted!r}; for example {', '.join(near)}")


def _trail(study: Study, pull_request: str) -> Iterator[tuple[str, Record]]:
    """(job, record) of everything finished that belongs to the pull request, in the stages' order."""
    from pullsmith import pipeline
    from pullsmith.records import Answer, Example, Prompt, PullRequest, Verdict

    types: dict[str, type[Record]] = {
        "collect": PullRequest, "select": PullRequest, "split": PullRequest, "render": Prompt,
        "generate": Answer, "clean": Example, "respond": Answer, "judge": Verdict,
    }  # fmt: skip
    run = pipeline.run_folder(study)
    for state in pipeline.status(study):
        if state.manifest is None:
            continue
        job = run.job(state.key)
        if state.key.stage in types:
            for record in job.read(types[state.key.stage]):
                if getattr(record, "pull_request_id", getattr(record, "id", "")) == pull_request:
                    yield str(state.key), record
        for drop in job.drops():
            if drop.record_id.split("#")[0] == pull_request:
                yield str(state.key), drop


_LONG = {"body", "patch", "text", "target", "value_json", "why", "record_json"}


def _print(job: str, record: Record) -> None:
    values = record.model_dump(mode="json", exclude_defaults=True)
    name = type(record).__name__
    click.echo(click.style(f"── {job}: {name} {values.pop('id', '')}", bold=True))
    for key, value in values.items():
        if key == "messages":
            for message in value:
                click.echo(f"  [{message['role']}]")
                _indent(message["content"])
        elif key == "files":
            for change in value:
                click.echo(f"  {change['status']} {change['path']}")
                _indent(change.get("patch", ""))
        elif key in _LONG and isinstance(value, str) and "\n" in value:
            click.echo(f"  {key}:")
            _indent(value)
        else:
            click.echo(
                f"  {key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
            )


def _indent(text: str) -> None:
    for line in text.split("\n"):
        click.echo(f"    {_printable(line)}")


def _printable(line: str) -> str:
    """Pull-request text is hostile to terminals too: control characters are shown, not sent."""
    return "".join(
        c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in line
    )
