"""The board on the terminal: what it shows, the table, the findings.

Takes the path of a board.json, prints to stdout. Names come from people and models: no markup is
read in them, and control characters are shown, not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from pullsmith.report.board import Board, FunnelRow, read_board
from pullsmith.report.figures import DASH
from pullsmith.report.table import Table
from pullsmith.report.tables import funnel_table, main_table, reasons_table, tables

WIDTH = 120  # where stdout is no terminal
_SHOWN = ("Planted and real pull requests apart",)


def print_board(path: Path, console: Console | None = None) -> None:
    """Print the board stored at ``path``; raises RunFolderError where there is none."""
    out = console or Console(highlight=False, markup=False, soft_wrap=False)
    if console is None and not out.is_terminal:
        out = Console(highlight=False, markup=False, width=WIDTH)
    show(read_board(path), out)


def print_funnel(funnel: Sequence[FunnelRow], console: Console | None = None) -> None:
    """Print the funnel: every job, then every reason with its examples below it."""
    out = console or Console(highlight=False, markup=False)
    if console is None and not out.is_terminal:
        out = Console(highlight=False, markup=False, width=WIDTH)
    table = funnel_table([row.model_copy(update={"dropped": {}}) for row in funnel])
    out.print(Text(f"\n{table.title}", style="bold"))
    out.print(
        _rich(replace(table, header=table.header[:-1], rows=tuple(r[:-1] for r in table.rows)))
    )
    table = reasons_table(funnel)
    out.print(Text(f"{table.title}", style="bold"))
    for name, because, records, *examples in table.rows:
        out.print(Text(printable(f"  {records:>14}  {name}{because and f': {because}'}")))
        for example in examples:
            if example != DASH:
                out.print(Padding(Text(printable(example), style="dim"), (0, 0, 0, 18)))
    out.print()


def show(board: Board, console: Console) -> None:
    """Print ``board`` to ``console``."""
    console.print(Text(f"\n{printable(board.study)}: what this shows", style="bold"))
    for line in board.shows:
        console.print(Padding(Text(f"- {printable(line)}"), (0, 0, 0, 2)))
    for table in (main_table(board), *(t for t in tables(board) if t.title in _SHOWN)):
        console.print(Text(f"\n{table.title}", style="bold"))
        console.print(_rich(table))
    for line in board.findings:
        console.print(Padding(Text(f"- {printable(line)}"), (0, 0, 0, 2)))
    console.print()


def printable(text: str) -> str:
    """``text`` with everything but printable characters written out."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )


def _rich(table: Table) -> RichTable:
    made = RichTable(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for place, name in enumerate(table.header):
        made.add_column(
            Text(printable(name)), justify="right" if place else "left", no_wrap=not place
        )
    for row in table.rows:
        # The interval on a line of its own, whole: broken in the middle it cannot be read.
        made.add_row(
            *(
                Text(printable(cell).replace(" [", "\n[").replace(" to ", "\u00a0to\u00a0"))
                for cell in row
            )
        )
    return made
