"""What docs/page.md says of sizes, names and sections is so."""

from __future__ import annotations

import re
from pathlib import Path

from pullsmith.report import exhibit_records, exhibits, page, sample, shortened
from pullsmith.report.charts.every import charts
from pullsmith.report.losses import curve
from tests.report.many import board_of_thirty

ROOT = Path(__file__).parents[1]
DOCS = " ".join((ROOT / "docs" / "page.md").read_text(encoding="utf-8").split())


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"With more than {page._OPEN_ROWS} rows" in DOCS
    assert f"more than {page.MOST_ROWS:,} rows" in DOCS
    assert "up to three comparisons" in DOCS
    assert sample.MOST_OF_A_KIND == 3
    assert f"at most {sample.MOST} and {exhibits.MOST_BYTES / 1e6:.0f} MB" in DOCS
    assert f"lines at {shortened.LINE_CHARACTERS} characters, diffs at {exhibits.DIFF_LINES} lines" in DOCS  # fmt: skip
    assert f"answers at {exhibit_records.ANSWER_LINES}, reasons at {exhibit_records.REASON_CHARACTERS} characters" in DOCS  # fmt: skip


def test_every_chart_and_every_ending_is_told() -> None:
    found = curve("a", [{"step": 1, "loss": 2.0}, {"step": 2, "loss": 1.0}])
    assert found is not None
    files = DOCS.partition("## Charts as files")[2].partition("##")[0]
    assert re.findall(r"\| `([a-z-]+)` \|", files) == list(charts(board_of_thirty(), [found]))
    assert all(ending.value in DOCS for ending in sample.Ending)


def test_the_command_line_knows_the_picture() -> None:
    from pullsmith.cli.report import report

    options = {name for parameter in report.params for name in parameter.opts}
    assert "--picture" in options
    assert "--picture docs/board.svg" in DOCS
