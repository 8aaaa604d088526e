"""``estimate`` before, and the table of what was spent after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pullsmith.cli.plain_table import print_table
from pullsmith.errors import StudyError

if TYPE_CHECKING:
    from pullsmith.pipeline.estimate import Line
    from pullsmith.study import Study

STUDY = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("study", type=STUDY)
@click.argument("overrides", nargs=-1, metavar="[A.B=C]...")
@click.option(
    "--gpu",
    "gpu_name",
    default="h100",
    show_default=True,
    help="The GPU that hours and memory are for: rtx-4090, a6000, l40s, a100, h100, h200, b200, mi300x.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def estimate(study: Path, overrides: tuple[str, ...], gpu_name: str, as_json: bool) -> None:
    """Say what STUDY may take at most, before anything is paid for: calls, dollars, GPU hours, disk.

    Prompts are counted where STUDY was rendered, and are as long as its settings allow where not.
    """
    from pullsmith.cli.hardware import hardware_json, print_hardware
    from pullsmith.llm.terms import check_terms
    from pullsmith.pipeline.estimate import estimate as lines_of
    from pullsmith.pipeline.estimate import hardware as hardware_of
    from pullsmith.pipeline.estimate import smallest_difference, warnings
    from pullsmith.study import load_study

    loaded = load_study(study, overrides)
    check_terms(loaded.teacher, loaded.accept_terms)
    lines, hardware = lines_of(loaded), hardware_of(loaded, gpu_name)
    if as_json:
        told = [asdict(line) for line in lines] + hardware_json(loaded, lines, hardware)
        click.echo(json.dumps(told, indent=2))
    else:
        _print_lines(lines)
        print_hardware(loaded, lines, hardware)
        click.echo(smallest_difference(loaded))
        for warning in warnings(loaded, datetime.now(UTC).date()):
            click.echo(f"note: {warning}")
    total = sum(line.usd or 0.0 for line in lines)
    if loaded.budget_usd is not None and total > loaded.budget_usd:
        raise StudyError(
            f"budget_usd = {loaded.budget_usd:g} is less than the ${total:.2f} the calls may cost; "
            "the run would stop when it is spent and could go on with a larger one"
        )


def _print_lines(lines: list[Line]) -> None:
    rows = [("role", "model", "calls", "tokens in", "tokens out", "at most", "price from")]
    rows += [
        (
            line.role, line.model, "?" if line.calls is None else f"{line.calls:,}",
            f"{line.input_tokens:,}" if line.calls is not None else "?",
            f"{line.output_tokens:,}" if line.calls is not None else "?",
            "unknown" if line.usd is None else f"${line.usd:,.2f}", line.price_source,
        )
        for line in lines
    ]  # fmt: skip
    print_table(rows)
    known = sum(line.usd or 0.0 for line in lines)
    unknown = [line.model for line in lines if line.unknown]
    more = f", and what {', '.join(unknown)} cost, which nobody knows yet" if unknown else ""
    click.echo(f"at most ${known:,.2f}{more}")


def print_spending(study: Study) -> None:
    """What every model's answers in the journal came to; nothing where none was asked."""
    from pullsmith.llm.journal import Journal
    from pullsmith.pipeline import run_folder

    path = run_folder(study).journal
    if not path.exists():
        return
    with Journal(path) as journal:
        spending, faults = journal.spending(), journal.faults()
    rows = [("model", "answers", "tokens in", "tokens out", "cost")]
    for model, spent in spending.items():
        cost = f"${spent.cost_usd:,.4f}"
        if spent.unpriced:
            cost = f"price unknown of {spent.unpriced}"
            cost += f", ${spent.cost_usd:,.4f} for the others" if spent.cost_usd else ""
        tokens = (f"{spent.input_tokens:,}", f"{spent.output_tokens:,}")
        rows.append((model, f"{spent.answers:,}", *tokens, cost))
    if len(rows) > 1:
        click.echo()
        print_table(rows)
    if faults:
        told = ", ".join(f"{count} {fault}" for fault, count in faults.items())
        click.echo(f"attempts that failed and were made again: {told}")
    for line in _rounds(study):
        click.echo(line)


def _rounds(study: Study) -> Iterator[str]:
    """What came of the follow-up rounds of every finished job; nothing of those that had none."""
    from pullsmith.pipeline import run_folder
    from pullsmith.store import JobKey

    keys = [JobKey("generate"), *(JobKey("respond", cell) for cell in study.respond_cells)]
    for key in keys:
        manifest = run_folder(study).job(key).manifest()
        counts = {} if manifest is None else manifest.measured
        if asked := counts.get("repairs_asked"):
            yield (
                f"{key}: {asked:,.0f} refused answers asked for once more, "
                f"{counts.get('repairs_mended', 0):,.0f} mended"
            )
        if asked := counts.get("reflections_asked"):
            yield (
                f"{key}: {asked:,.0f} second looks at suggestions, "
                f"{counts.get('reflections_scored', 0):,.0f} with a score for each"
            )
