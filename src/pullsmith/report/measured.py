"""What training and answering took, by the clock of the machines they ran on: measured.json.

Takes a board's rows and the manifests of the run; gives records and tables. These seconds differ from run
to run, so they stand beside the board and never in it. What nobody measured is None, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from pullsmith.errors import RunFolderError
from pullsmith.report.board import NO_MODEL, Board, Part, Row
from pullsmith.report.figures import DASH, bytes_text, seconds_text
from pullsmith.report.table import Table
from pullsmith.store import JobKey, Manifest, RunFolder, of_phase
from pullsmith.study import Study

SCHEMA_VERSION = 1
FILE_NAME = "measured.json"


class Training(Part):
    """One training. ``seconds`` are of ``steps`` steps, fewer than ``of_steps`` where it was resumed.

    Memory is the most on the GPUs, or of the whole process where there is no GPU.
    """

    machine: str
    seconds: float | None
    steps: int | None
    of_steps: int | None
    tokens_per_second: float | None
    peak_gpu_bytes: float | None
    peak_process_bytes: float | None


class Took(Part):
    """A row of the board: how long its first answers took, and its training.

    Latency is from when a call was sent to when its answer was there; a model in this process
    answers in batches. ``tokens_per_second`` are of answers, while at least one call was in flight.
    ``machine`` is where the model ran, or for an endpoint what it was asked from.
    """

    entrant: str
    model: str
    phase: str
    runs: str
    machine: str
    timed_answers: int | None
    latency_median_seconds: float | None
    latency_p95_seconds: float | None
    tokens_per_second: float | None
    peak_gpu_bytes: float | None
    peak_process_bytes: float | None
    training: Training | None


class Measured(Part):
    """What measured.json holds: one entry a row of the board that is a model."""

    schema_version: int = SCHEMA_VERSION
    study: str
    models: tuple[Took, ...]


def measured(study: Study, run: RunFolder, board: Board) -> Measured:
    """What the manifests of respond and train say of the board's rows."""
    cells = {role.label: role.cell for role in (*study.student, *study.reference)}
    rows = [row for row in board.models if row.runs != NO_MODEL and row.model in cells]
    return Measured(
        study=study.name, models=tuple(_took(run, row, cells[row.model]) for row in rows)
    )


def read_measured(path: Path) -> Measured | None:
    """What is stored at ``path``; None where nothing is, raises RunFolderError for another version."""
    try:
        return Measured.model_validate_json(path.read_bytes())
    except OSError:
        return None
    except ValidationError as error:
        raise RunFolderError(
            f"{path}: not what this version measures: {error.errors()[0]['msg']}; run report again"
        ) from error


def _took(run: RunFolder, row: Row, cell: str) -> Took:
    answered = run.job(JobKey("respond", cell)).manifest()
    figures = answered.measured if answered else {}
    timed = figures.get(of_phase(row.phase, "timed_answers"))
    return Took(
        entrant=row.entrant,
        model=row.model,
        phase=row.phase,
        runs=row.runs,
        machine=answered.machine if answered else "",
        timed_answers=None if timed is None else round(timed),
        latency_median_seconds=figures.get(of_phase(row.phase, "latency_median_seconds")),
        latency_p95_seconds=figures.get(of_phase(row.phase, "latency_p95_seconds")),
        tokens_per_second=figures.get(of_phase(row.phase, "output_tokens_per_second")),
        peak_gpu_bytes=figures.get(of_phase(row.phase, "peak_gpu_bytes")),
        peak_process_bytes=figures.get(of_phase(row.phase, "peak_process_bytes")),
        training=_training(run.job(JobKey("train", cell)).manifest()) if _trained(row) else None,
    )


def _trained(row: Row) -> bool:
    return row.role == "student" and row.phase == "after"


def _training(manifest: Manifest | None) -> Training | None:
    if manifest is None:
        return None
    figures = manifest.measured
    steps, of_steps = figures.get("steps"), figures.get("of_steps")
    return Training(
        machine=manifest.machine,
        seconds=figures.get("train_seconds"),
        steps=None if steps is None else round(steps),
        of_steps=None if of_steps is None else round(of_steps),
        tokens_per_second=figures.get("tokens_per_second"),
        peak_gpu_bytes=figures.get("peak_gpu_bytes"),
        peak_process_bytes=figures.get("peak_process_bytes"),
    )


def took_tables(found: Measured) -> list[Table]:
    """What it took to answer and to train; without rows they are left out."""
    answered = [took for took in found.models if took.timed_answers is not None]
    trained = [(took, took.training) for took in found.models if took.training]
    both = [
        _with_machines(
            Table(
                "What it took to answer",
                "From sending a call to having its answer; a model in our own process answers in "
                "batches, and each of a batch takes as long as the batch. Tokens a second are of "
                "answers, while at least one call was in flight.",
                ("Model", "Answers", "Median", "95 % within", "Tokens/s", "Most memory"),
                tuple(_answering(took) for took in answered),
            ),
            [took.machine for took in answered],
        ),
        _with_machines(
            Table(
                "What it took to train",
                "",
                ("Model", "Time", "Steps", "Tokens/s", "Most memory"),
                tuple(_trained_row(took, training) for took, training in trained),
            ),
            [training.machine for _, training in trained],
        ),
    ]
    return [table for table in both if table.rows]


def _answering(took: Took) -> tuple[str, ...]:
    return (
        f"{took.model} ({took.phase if took.phase != 'none' else 'reference'})",
        f"{took.timed_answers:,}",
        seconds_text(took.latency_median_seconds),
        seconds_text(took.latency_p95_seconds),
        _rate(took.tokens_per_second),
        "at its endpoint" if took.runs != "here" else _memory(took),
    )


def _trained_row(took: Took, training: Training) -> tuple[str, ...]:
    return (
        took.model,
        seconds_text(training.seconds),
        _steps(training),
        _rate(training.tokens_per_second),
        _memory(training),
    )


def _steps(training: Training) -> str:
    if training.steps is None:
        return DASH
    if training.of_steps and training.steps < training.of_steps:
        return f"the last {training.steps:,} of {training.of_steps:,}"
    return f"{training.steps:,}"


def _rate(value: float | None) -> str:
    return DASH if value is None else f"{value:,.0f}"


def _memory(found: Took | Training) -> str:
    """On the GPU where there is one, else of the process, which is not the same thing."""
    if found.peak_gpu_bytes is not None:
        return f"{bytes_text(found.peak_gpu_bytes)} (GPU)"
    return bytes_text(found.peak_process_bytes)


def _with_machines(table: Table, machines: Iterable[str]) -> Table:
    """The machine in the note where it is one, in a column where they are several."""
    named = list(machines)
    different = dict.fromkeys(filter(None, named))
    if not different:
        return table
    if len(different) == 1 and all(named):
        note = f"Measured on {next(iter(different))}. {table.note}".strip()
        return Table(table.title, note, table.header, table.rows)
    return Table(
        table.title,
        table.note,
        (*table.header, "Machine"),
        tuple((*row, machine or DASH) for row, machine in zip(table.rows, named, strict=True)),
    )
