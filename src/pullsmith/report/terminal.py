"""The board on the terminal: what it shows, the table, the findings.

Takes the path of a board.json, prints to stdout. Names come from people and models: no markup is
read in them, and control characters are shown, not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from pullsmith.report.board import Board, FunnelRow, read_board
from pullsmith.report.columns import fitted
from pullsmith.report.figures import DASH
from pullsmith.report.measured import FILE_NAME, Measured, read_measured, took_tables
from pullsmith.report.model_tables import slices_table
from pullsmith.report.published import with_published
from pullsmith.report.table import Table
from pullsmith.report.tables import funnel_table, glance, reasons_table
from pullsmith.visible import visible

WIDTH = 120  # where stdout is no terminal


def print_board(path: Path, console: Console | None = None, *, published: bool = False) -> None:
    """Print the board stored at ``path``, and what it took; raises RunFolderError where there is none.

    With ``published`` the table of 2024 stands beside it.
    """
    board = read_board(path)
    board = with_published(board) if published else board
    show(board, console or stdout(), read_measured(path.with_name(FILE_NAME)))


def stdout() -> Console:
    """Standard output, WIDTH wide where it is no terminal."""
    out = Console(highlight=False, markup=False, soft_wrap=False)
    return out if out.is_terminal else Console(highlight=False, markup=False, width=WIDTH)


def print_funnel(funnel: Sequence[FunnelRow], console: Console | None = None) -> None:
    """Print the funnel: every job, then every reason with its examples below it."""
    out = console or stdout()
    table = funnel_table([row.model_copy(update={"dropped": {}}) for row in funnel])
    out.print(Text(f"\n{table.title}", style="bold"))
    kept = replace(table, header=table.header[:-1], rows=tuple(r[:-1] for r in table.rows))
    for part in fitted(kept, out.width):
        out.print(part)
    table = reasons_table(funnel)
    out.print(Text(f"{table.title}", style="bold"))
    for name, because, records, *examples in table.rows:
        out.print(Text(visible(f"  {records:>14}  {name}{because and f': {because}'}")))
        for example in examples:
            if example != DASH:
                out.print(Padding(Text(visible(example), style="dim"), (0, 0, 0, 18)))
    out.print()


def show(board: Board, console: Console, took: Measured | None = None) -> None:
    """Print ``board`` to ``console``, and what it took where that is known."""
    console.print(Text(f"\n{visible(board.study)}: what this shows", style="bold"))
    _lines(console, board.shows)
    for table in glance(board):
        _print(table, console)
    slices = slices_table(board)
    if slices.rows:
        _print(slices, console)
    for table in took_tables(took) if took else ():
        _print(table, console, note=True)
    if board.findings:
        console.print(Text("\nFindings", style="bold"))
    _lines(console, board.findings)
    console.print()


def _lines(console: Console, lines: Sequence[str]) -> None:
    for line in lines:
        console.print(Padding(Text(f"- {visible(line)}"), (0, 0, 0, 2)))


def _print(table: Table, console: Console, *, note: bool = False) -> None:
    """The table, in several parts below each other where it is wider than the console."""
    console.print(Text(f"\n{visible(table.title)}", style="bold"))
    if note and table.note:
        console.print(Text(visible(table.note), style="dim"))
    for part in fitted(table, console.width):
        console.print(part)
