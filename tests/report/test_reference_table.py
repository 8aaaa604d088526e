"""Several references: each has its rates, its verdicts and its column; the first makes the headline."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.publish.told import board_of
from pullsmith.records import Rating
from pullsmith.report.markdown import markdown
from pullsmith.report.reference_table import references_table
from tests.finished import TERSE, finished, small_study, verdicts_of


def test_every_reference_has_its_rates_and_its_column(tmp_path: Path) -> None:
    run = finished(small_study(tmp_path))
    assert {verdict.reference for verdict in verdicts_of(run)} == {"rules", TERSE}
    rated = {
        (r.entrant, r.reference): r.better_rate
        for r in run.read("rank", Rating)
        if (r.judge, r.tool, r.slice) == ("all", "all", "all")
    }
    board = board_of(run)
    assert board is not None
    for row in board.models:
        if row.role == "student":
            assert row.references.keys() == {"rules", TERSE}
            for name, rate in row.references.items():
                assert rate.better_rate == rated[row.entrant, name]
            assert row.better_rate == pytest.approx(rated[row.entrant, "rules"])
    table = references_table(board)
    assert table.header == ("Model", "rules", TERSE)
    assert [row[0] for row in table.rows] == ["tiny (after)", "tiny (before)"]
    # Both references say the same, so both rates are: better on 3 of 10 pull requests.
    assert all(cell.startswith("30.0 % [") for cell in table.rows[0][1:])
    assert "## Per reference" in markdown(board)


def test_one_reference_needs_no_table(tmp_path: Path) -> None:
    board = board_of(finished(small_study(tmp_path, reference=[{"model": "rules"}])))
    assert board is not None
    assert references_table(board).rows == ()
    assert "## Per reference" not in markdown(board)
