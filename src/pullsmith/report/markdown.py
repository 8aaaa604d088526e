"""The board as Markdown: board.md; and what it took, measured.md.

Takes a Board, gives text. Names come from people and models, so what Markdown would read as markup
is escaped, and what nobody would see is written out.
"""

from __future__ import annotations

import re

from pullsmith.report.board import Board
from pullsmith.report.measured import Measured, took_tables
from pullsmith.report.table import Table
from pullsmith.report.tables import main_table, tables
from pullsmith.visible import visible

# A dollar begins a formula where GitHub shows the file, an ampersand a character by its name.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def markdown(board: Board) -> str:
    """The whole report, tables as GitHub writes them."""
    parts = [f"# {escape(board.study)}", "## What this shows", listed(board.shows)]
    if board.findings:
        parts += ["## Findings", listed(board.findings)]
    parts += [table_text(table) for table in (main_table(board), *tables(board))]
    parts.append(
        "How long answers and trainings took, and their memory, stands in measured.md: those numbers "
        "differ from run to run."
    )
    return "\n\n".join(parts) + "\n"


def measured_markdown(found: Measured) -> str:
    """The tables of what was measured, under a heading of their own."""
    parts = [
        f"# {escape(found.study)}: what it took",
        "By the clock of the machines: these numbers differ from run to run.",
        *(table_text(table) for table in took_tables(found)),
    ]
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """``text`` on one line, as Markdown shows it letter by letter."""
    return _MARKUP.sub(r"\\\1", visible(" ".join(text.split())))


def listed(lines: tuple[str, ...]) -> str:
    """The lines as a list."""
    return "\n".join(f"- {escape(line)}" for line in lines)


def table_text(table: Table) -> str:
    """A table with its heading and note."""
    lines = [
        _cells(table.header),
        _cells(("---", *["---:" for _ in table.header[1:]]), raw=True),
        *(_cells(row) for row in table.rows),
    ]
    note = f"{escape(table.note)}\n\n" if table.note else ""
    return f"## {escape(table.title)}\n\n{note}" + "\n".join(lines)


def _cells(cells: tuple[str, ...], *, raw: bool = False) -> str:
    return "| " + " | ".join(cell if raw else escape(cell) for cell in cells) + " |"
