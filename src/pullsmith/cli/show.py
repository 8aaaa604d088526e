"""``show``: one pull request through every stage that is done."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pullsmith.cli.shown_records import Cut, Lines
    from pullsmith.records import PullRequest, Record
    from pullsmith.store import JobKey
    from pullsmith.study import Study

_study_option = click.option(
    "--study", type=click.Path(dir_okay=False, path_type=Path), default=Path("pullsmith-demo/demo.toml"),
    show_default=True, help="The study the pull request belongs to.",
)  # fmt: skip


@click.command()
@click.argument("record_id", metavar="ID")
@_study_option
@click.option(
    "--tool",
    metavar="TOOL",
    help="Print what a model sees of it: this tool's prompts, to the byte.",
)
@click.option("--contract", metavar="NAME", help="With --tool: only in this contract.")
@click.option(
    "--judge", metavar="MODEL", help="With --tool: what this judge is asked of it instead."
)
@click.option("--full", is_flag=True, help="Cut nothing: whole patches, bodies and messages.")
@click.option("--json", "as_json", is_flag=True, help="Print every record as a line of JSON.")
def show(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    record_id: str,
    study: Path,
    tool: str | None,
    contract: str | None,
    judge: str | None,
    full: bool,
    as_json: bool,
) -> None:
    """Walk one pull request through every stage that is done.

    ID is a pull request's id, the id of any record made of it, a number (123, owner/name#123), the
    beginning of its commit, or a part of its id (name@ab12): whatever fits only one.
    """
    from pullsmith import pipeline
    from pullsmith.study import load_study

    loaded = load_study(study)
    pull_request = pipeline.find_pull_request(loaded, record_id)
    records = pipeline.trail(loaded, pull_request)
    if (contract or judge) and not tool:
        option = "--contract says in which words" if contract else "--judge says by whom"
        raise click.UsageError(
            f"{option} --tool is {'shown' if contract else 'judged'}; name the tool too"
        )
    if judge and tool:
        _write_questions(records, loaded, judge, tool)
        return
    if tool:
        records = _of_render(records, tool, contract)
        if not as_json:
            _write_prompts(records)
            return
    if as_json:
        for job, record in records:
            # ASCII: what is left of a stranger's text cannot steer a terminal.
            click.echo(json.dumps({"job": str(job), **record.model_dump(mode="json")}))
        return
    _print(_shown(records, loaded, full=full))
    _say_what_is_missing(loaded)


def _of_render(
    records: Iterator[tuple[JobKey, Record]], tool: str, contract: str | None
) -> Iterator[tuple[JobKey, Record]]:
    from pullsmith.cli.shown_prompts import asked
    from pullsmith.records import Prompt

    prompts = [(job, record) for job, record in records if isinstance(record, Prompt)]
    wanted = asked((prompt for _, prompt in prompts), tool, contract)
    return ((job, prompt) for job, prompt in prompts if prompt in wanted)


def _write_prompts(records: Iterator[tuple[JobKey, Record]]) -> None:
    """As bytes, so that no line end is turned into another."""
    from pullsmith.cli.shown_prompts import texts
    from pullsmith.records import Prompt

    prompts = [record for _, record in records if isinstance(record, Prompt)]
    for text in texts(prompts, terminal=sys.stdout.isatty()):
        click.echo(text.encode("utf-8", "surrogateescape"), nl=False)


def _write_questions(
    records: Iterator[tuple[JobKey, Record]], study: Study, judge: str, tool: str
) -> None:
    from pullsmith.cli.shown_prompts import message_texts
    from pullsmith.cli.shown_questions import questions

    for name, messages in questions(records, study, judge, tool):
        for text in message_texts(name, messages, terminal=sys.stdout.isatty()):
            click.echo(text.encode("utf-8", "surrogateescape"), nl=False)


def _shown(records: Iterator[tuple[JobKey, Record]], study: Study, *, full: bool) -> Lines:
    """Every record in words, and behind a job's answers to several parts what they come to."""
    from itertools import groupby

    from pullsmith.cli.shown_answers import whole_answers
    from pullsmith.cli.shown_records import Cut
    from pullsmith.contracts.own_tools import tools_of
    from pullsmith.records import Answer

    cut, tools = Cut.nothing() if full else Cut(), tools_of(study)
    before: PullRequest | None = None
    for job, of_job in groupby(records, key=lambda each: each[0]):
        answers: list[Answer] = []
        for _, record in of_job:
            yield from _one(str(job), record, before, cut)
            before = _pull_request_of(record) or before
            if isinstance(record, Answer):
                answers.append(record)
        yield from whole_answers(str(job), answers, tools, cut)


def _one(job: str, record: Record, before: PullRequest | None, cut: Cut) -> Lines:
    """A record in words; a pull request that came before, only as far as it changed."""
    from pullsmith.cli.shown_pull_request import changes, pull_request
    from pullsmith.cli.shown_records import head, line, plain
    from pullsmith.records import PullRequest, Verdict

    yield head(job, record)
    if not isinstance(record, PullRequest):
        yield from plain(record, cut)
        if isinstance(record, Verdict) and record.contradicts:
            yield line("its scores contradict it", "bold")
        return
    yield from pull_request(record, cut) if before is None else changes(before, record, cut)


def _pull_request_of(record: Record) -> PullRequest | None:
    from pullsmith.records import PullRequest

    return record if isinstance(record, PullRequest) else None


def _print(lines: Lines) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in lines:
        console.print(line)


def _say_what_is_missing(study: Study) -> None:
    from pullsmith.pipeline import unfinished

    missing = ", ".join(str(key) for key in unfinished(study))
    if missing:
        click.echo(f"not done yet: {missing}", err=True)
