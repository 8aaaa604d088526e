"""``report``: every form of a board that is there, and nothing else on stdout."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pullsmith.cli import main
from pullsmith.pipeline import run_folder
from pullsmith.pipeline.stages import STAGES, jobs
from pullsmith.report.board import Board
from pullsmith.store import Manifest, make_folder, write_bytes
from pullsmith.study import load_study
from pullsmith.tally import Tally
from tests.report.rows import of, rate, row

TEXT = """
name = "small"
student = [{ model = "tiny" }]
[collect]
sources = [{ git = "clone" }]
"""
BOARD = of(row("tiny", better=rate(0.4)), row("tiny", "before", better=rate(0.1)))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study whose every job is done, and whose report holds BOARD."""
    path = tmp_path / "small.toml"
    path.write_text(TEXT)
    loaded = load_study(path, ())
    run = run_folder(loaded)
    outputs: dict[str, str] = {}
    for stage, key in jobs(loaded, STAGES):
        job = run.job(key)
        make_folder(job.path)
        if key.stage == "report":
            write_bytes(job.path / "board.json", BOARD.model_dump_json().encode())
        outputs[str(key)] = job.output_digest()
        inputs = {str(need): outputs[str(need)] for need in stage.needs(loaded, key.cell)}
        job.finish(
            Manifest(
                pullsmith_version="0", stage=key.stage, cell=key.cell, inputs=inputs,
                settings=stage.settings(loaded, key.cell), output_digest=outputs[str(key)],
                tally=Tally(records_in=0, records_out=0, dropped={}, rows=0), versions={},
                measured={},
            )
        )  # fmt: skip
    return path


def report(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


def test_text_is_the_default_and_ends_with_the_page(study: Path) -> None:
    done = report(study)
    assert done.exit_code == 0, done.output
    assert "Before and after fine-tuning" in done.stdout
    assert "2024" not in done.stdout
    assert done.stdout.rstrip().endswith("index.html")


@pytest.mark.parametrize("arguments", [("--json",), ("--format", "json")])
def test_json_is_the_board(study: Path, arguments: tuple[str, ...]) -> None:
    done = report(study, *arguments)
    assert Board.model_validate_json(done.stdout) == BOARD


@pytest.mark.parametrize("arguments", [("--csv",), ("--format", "csv")])
def test_csv_is_a_line_a_row(study: Path, arguments: tuple[str, ...]) -> None:
    lines = list(csv.DictReader(io.StringIO(report(study, *arguments).stdout)))
    assert [line["entrant"] for line in lines] == ["tiny@after", "tiny@before"]


def test_markdown_and_the_table_of_2024_beside_it(study: Path) -> None:
    plain = report(study, "--format", "markdown")
    assert plain.stdout.startswith("# test\n")
    beside = report(study, "--format", "markdown", "--published").stdout
    assert beside.count("published 2024, not rerun") >= 14
    assert report(study, "--published").stdout.count("rerun)") == 14
    assert len(json.loads(report(study, "--json", "--published").stdout)["published"]) == 14
    # What is printed beside a board is not written into it.
    assert "published 2024" not in report(study, "--format", "markdown").stdout


def test_the_funnel_is_text_or_json(study: Path) -> None:
    assert json.loads(report(study, "--funnel", "--json").stdout)[0]["job"] == "collect"
    assert "Funnel" in report(study, "--funnel").stdout
    done = report(study, "--funnel", "--csv")
    assert done.exit_code == 2
    assert "not as csv" in done.stderr


def test_the_setting_makes_the_files_anew_and_the_default_leaves_old_reports_done(
    study: Path,
) -> None:
    done = report(study, "report.published=true")
    assert done.exit_code == 1
    assert "published" in done.stderr
    assert report(study).exit_code == 0


def test_the_picture_is_written_where_it_is_wanted(study: Path, tmp_path: Path) -> None:
    done = report(study, "--json", "--picture", tmp_path / "board.svg")
    assert done.exit_code == 0, done.output
    assert Board.model_validate_json(done.stdout) == BOARD  # and nothing of the picture
    assert "tiny (after)" in (tmp_path / "board.svg").read_text()
    refused = report(study, "--picture", tmp_path / "board.jpg")
    assert refused.exit_code == 1
    assert "write .svg or .png" in refused.stderr
