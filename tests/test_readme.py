"""README's board: between its markers and nowhere else, and only out of a run."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path

import pytest

from tests.report.rows import HOSTILE, of, rate, row

README = Path(__file__).parents[1] / "README.md"
_SCRIPT = run_path(str(README.parent / "bench" / "readme.py"))
BEGIN, END, with_board = (_SCRIPT[name] for name in ("BEGIN", "END", "with_board"))
BOARD = of(row("coder", better=rate(0.4)), row("coder", "before", better=rate(0.1)))


def test_readme_has_a_place_for_the_board_and_a_board_in_it() -> None:
    text = README.read_text(encoding="utf-8")
    inside = text.partition(BEGIN)[2].partition(END)[0]
    assert "### Board" in inside
    assert "| Model | Size | Better than rules | Tier |" in inside


def test_only_what_stands_between_the_markers_changes_and_again_nothing() -> None:
    old = f"# a\n\nbefore\n\n{BEGIN}\nSTALE\n{END}\n\nafter | x\n"
    new = with_board(old, BOARD, "docs/board.svg")
    assert new.startswith(f"# a\n\nbefore\n\n{BEGIN}\n")
    assert new.endswith(f"{END}\n\nafter | x\n")
    assert "STALE" not in new
    assert "| coder (after) |" in new
    assert "](docs/board.svg)" in new
    assert with_board(new, BOARD, "docs/board.svg") == new


def test_a_hostile_name_ends_neither_table_nor_place() -> None:
    hostile = of(row(f"{END}{HOSTILE}", better=rate(0.4)))
    new = with_board(f"{BEGIN}\n{END}\nafter\n", hostile)
    assert new.count(END) == 1


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}\n{BEGIN}"])
def test_without_both_markers_nothing_is_written(text: str) -> None:
    with pytest.raises(ValueError, match="no place for a board"):
        with_board(text, BOARD)
