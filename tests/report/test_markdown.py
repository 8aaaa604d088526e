"""Markdown: a table stays a table whatever its names are."""

from __future__ import annotations

import re

from pullsmith.report.markdown import escape, markdown, table_text
from pullsmith.report.table import Table
from tests.report.rows import HOSTILE, of, rate, row, spent


def test_a_hostile_name_is_one_cell_and_is_read_as_it_is() -> None:
    text = table_text(Table("T", "", ("Model", "Rate"), ((HOSTILE, "1 %"),)))
    line = text.splitlines()[-1]
    unescaped = line.replace("\\\\", "").replace("\\|", "")
    assert unescaped.count("|") == 3
    assert not re.findall(r"(?<!\\)[*<&$`]", line)
    assert "\\\\x1b" in line
    assert "\\\\u202e" in line


def test_dollars_are_no_formula() -> None:
    # Between two dollars GitHub would set what stands there as mathematics.
    made = row("gpt", "none", runs="endpoint", spent=spent())
    assert r"| \$2.50 | \$25.00 |" in markdown(of(made))
    assert escape("a plain name-1.5 (after)") == "a plain name-1.5 (after)"


def test_board_md_has_no_second_and_says_where_they_are() -> None:
    text = markdown(of(row("coder", better=rate(0.4))))
    assert "stands in measured.md" in text
    assert "What it took" not in text
