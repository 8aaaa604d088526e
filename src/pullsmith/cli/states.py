"""Where the jobs of a study stand: a line each, or of a grid a line a student."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from pullsmith.cli.costs import print_spending

if TYPE_CHECKING:
    from pullsmith.pipeline import JobStatus
    from pullsmith.study import Study

_OF_A_STUDENT = ("train", "respond", "judge")


def print_states(
    study: Study, *, as_json: bool, until: str | None = None, only: str | None = None
) -> None:
    """Every job that a run would come to, a line each, and what was spent."""
    from pullsmith import pipeline

    chosen = {key for _, key in pipeline.chosen_jobs(study, until=until, only=only)}
    states = [state for state in pipeline.status(study) if state.key in chosen]
    if as_json:
        click.echo(json.dumps([_as_dict(state) for state in states], indent=2))
        return
    _print_lines(states)
    print_spending(study)


def print_status(study: Study, *, as_json: bool) -> None:
    """The same of all jobs; where students are cells of a grid, those have a table of their own."""
    from pullsmith import pipeline

    if as_json or len(study.student) == len({student.entry for student in study.student}):
        print_states(study, as_json=as_json)
        return
    states = pipeline.status(study)
    cells = set(study.student_cells)
    _print_lines([state for state in states if state.key.cell not in cells])
    of = {(state.key.stage, state.key.cell): state for state in states}
    click.echo()
    for line in _table([*_rows(study, of)]):
        click.echo(line)
    for state in states:
        if state.key.cell in cells and state.why:
            click.echo(f"{state.key}: {state.why}")
    print_spending(study)


def _print_lines(states: Sequence[JobStatus]) -> None:
    width = max(len(str(state.key)) for state in states)
    for state in states:
        click.echo(f"{state.key!s:{width}}  {state.state:8}{_facts(state)}".rstrip())


def _rows(
    study: Study, of: Mapping[tuple[str, str | None], JobStatus]
) -> Iterator[tuple[str, ...]]:
    """The head, then a row a student: where each of its jobs stands, and what they took so far."""
    yield ("student", *_OF_A_STUDENT, "examples", "seconds", "cost")
    for student in study.student:
        mine = [of[stage, student.cell] for stage in _OF_A_STUDENT]
        done = [state.manifest for state in mine if state.manifest]
        trained = mine[0].manifest
        examples = f"{trained.tally.records_out:,}" if trained else ""
        seconds = f"{sum(each.measured['wall_seconds'] for each in done):,.1f}" if done else ""
        usd = sum(each.measured.get("cost_usd", 0.0) for each in done)
        cost = f"${usd:.2f}" if usd else ""
        yield (student.label, *(state.state for state in mine), examples, seconds, cost)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if at > len(_OF_A_STUDENT) else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _as_dict(state: JobStatus) -> dict[str, object]:
    manifest = state.manifest
    return {
        "job": str(state.key),
        "state": state.state.value,
        "why": state.why,
        "tally": manifest.tally.model_dump() if manifest else None,
        "measured": manifest.measured if manifest else None,
    }


def _facts(state: JobStatus) -> str:
    if state.manifest is None:
        return ""
    tally, measured = state.manifest.tally, state.manifest.measured
    dropped = "".join(f", {count} {reason}" for reason, count in tally.dropped.items())
    cost = f"  ${measured['cost_usd']:.2f}" if measured.get("cost_usd") else ""
    cost += f"  price unknown of {measured['unpriced']:.0f}" if measured.get("unpriced") else ""
    why = f"  {state.why}" if state.why else ""
    return f"  {tally.records_in} in, {tally.rows} out{dropped}  {measured['wall_seconds']:.1f} s{cost}{why}"
