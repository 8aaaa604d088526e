"""What it took: out of manifests, machine beside it; nothing that nobody measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.errors import RunFolderError
from pullsmith.report.figures import DASH
from pullsmith.report.measured import Measured, measured, read_measured, took_tables
from pullsmith.store import JobKey, Manifest, RunFolder, make_folder, of_phase
from pullsmith.tally import Tally
from tests.judged import study
from tests.report.rows import HOSTILE, of, rate, row

STUDY = study(
    student=[{"model": "tiny", "name": "a"}, {"model": "tiny", "name": "b"}],
    reference=[{"model": "openai:gpt"}, {"model": "rules"}],
)
GIB = 2**30
ANSWERED = {
    "timed_answers": 600.0, "latency_median_seconds": 0.5, "latency_p95_seconds": 75.0,
    "output_tokens_per_second": 1234.5,
}  # fmt: skip
BOARD = of(
    row("a", better=rate(0.4)),
    row("a", "before", better=rate(0.1)),
    row("b", better=rate(0.3)),
    row("openai:gpt", "none", runs="endpoint"),
    row("rules", "none", runs="no model"),
)


def done(run: RunFolder, stage: str, cell: str, figures: dict[str, float], machine: str) -> None:
    job = run.job(JobKey(stage, cell))
    make_folder(job.path)
    job.finish(
        Manifest(
            pullsmith_version="0", stage=stage, cell=cell, settings={}, inputs={}, output_digest="",
            tally=Tally(records_in=0, records_out=0, dropped={}, rows=0), versions={},
            measured=figures, machine=machine,
        )
    )  # fmt: skip


def phases(*names: str, **more: float) -> dict[str, float]:
    return {of_phase(p, n): v for p in names for n, v in {**ANSWERED, **more}.items()}


def test_rows_of_models_with_what_their_manifests_say(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    done(run, "respond", "a", phases("before", "after", peak_process_bytes=3.0 * GIB), "two cores")
    done(run, "respond", "openai-gpt", phases("none"), "two cores")
    done(run, "train", "a", {"train_seconds": 5400.0, "steps": 500.0, "of_steps": 2000.0,
                             "tokens_per_second": 18000.0, "peak_gpu_bytes": 12.5 * GIB}, "one GPU")  # fmt: skip
    found = measured(STUDY, run, BOARD)
    assert [took.entrant for took in found.models] == [
        "a@after",
        "a@before",
        "b@after",
        "openai:gpt",
    ]
    answer, train = took_tables(found)
    assert answer.note.startswith("Measured on two cores. ")
    assert answer.rows == (
        ("a (after)", "600", "0.5 s", "1.2 min", "1,234", "3.0 GiB"),
        ("a (before)", "600", "0.5 s", "1.2 min", "1,234", "3.0 GiB"),
        ("openai:gpt (reference)", "600", "0.5 s", "1.2 min", "1,234", "at its endpoint"),
    )
    # It was resumed: its seconds are of the steps since then, and the table says so.
    assert train.rows == (("a", "1.5 h", "the last 500 of 2,000", "18,000", "12.5 GiB (GPU)"),)
    assert train.note.startswith("Measured on one GPU.")


def test_cells_of_several_machines_say_which(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    done(run, "respond", "a", phases("after"), "two cores")
    done(run, "respond", "b", phases("after"), "one GPU")
    (answer,) = took_tables(measured(STUDY, run, BOARD))
    assert answer.header[-1] == "Machine"
    assert [cells[-1] for cells in answer.rows] == ["two cores", "one GPU"]
    # Nobody looked at the memory.
    assert {cells[-2] for cells in answer.rows} == {DASH}


def test_what_nobody_measured_is_none_and_in_no_table(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    done(run, "respond", "a", {"wall_seconds": 3.0}, "")
    found = measured(STUDY, run, BOARD)
    assert all(took.latency_median_seconds is None for took in found.models)
    assert took_tables(found) == []


def test_it_is_read_as_it_was_written_and_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "measured.json"
    assert read_measured(path) is None
    found = measured(STUDY, RunFolder(tmp_path), BOARD)
    path.write_text(found.model_copy(update={"study": HOSTILE}).model_dump_json())
    again = read_measured(path)
    assert again == Measured(study=HOSTILE, models=found.models)
    path.write_text('{"rows": []}')
    with pytest.raises(RunFolderError, match="run report again"):
        read_measured(path)
