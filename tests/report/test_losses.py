"""The drawing of a training's losses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pullsmith.errors import RunFolderError
from pullsmith.report.losses import HEIGHT, WIDTH, curve, read_curve
from pullsmith.report.page import page
from tests.report.made import board

ROWS = [{"step": 5, "loss": 4.0}, {"step": 5, "eval_loss": 3.0}, {"step": 10, "loss": 2.0}]


def test_the_highest_loss_is_at_the_top_and_the_last_step_at_the_right() -> None:
    found = curve("a", ROWS)
    assert found is not None
    assert found.trained == f"{WIDTH / 2:.1f},0.0 {WIDTH:.1f},{HEIGHT:.1f}"
    assert found.held_out == f"{WIDTH / 2:.1f},{HEIGHT / 2:.1f}"
    assert (found.steps, found.first, found.last, found.last_held_out) == (10, 4.0, 2.0, 3.0)


def test_one_loss_is_no_line_and_equal_ones_are_a_level_one() -> None:
    assert curve("a", ROWS[:2]) is None
    level = curve("a", [{"step": 1, "loss": 2.0}, {"step": 2, "loss": 2.0}])
    assert level is not None
    assert level.trained.endswith(",0.0")


def test_it_is_read_from_the_job_or_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "loss.json"
    assert read_curve("a", path) is None
    path.write_text(json.dumps(ROWS))
    assert read_curve("a", path) == curve("a", ROWS)
    path.write_text("[{")
    with pytest.raises(RunFolderError, match=r"loss\.json: no list of losses"):
        read_curve("a", path)


def test_the_page_shows_it_with_the_name_escaped() -> None:
    found = curve("<b>7b</b>", ROWS)
    assert found is not None
    text = page(board(), [found])
    assert "4.000 to 2.000 in 10 steps; held out 3.000" in text
    assert "<b>" not in text
    assert "<polyline" not in page(board())
