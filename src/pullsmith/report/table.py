"""What a table is, before anybody writes it as Markdown, HTML or text."""

from __future__ import annotations

from dataclasses import dataclass

from pullsmith.report.board import Board, MissingCell, Row


@dataclass(frozen=True)
class Table:
    """A heading, what the numbers are, column names, and cells; the first column is a name.

    ``entrants`` are the board's names of the rows, where each row is one of the board's; empty for
    a model that the board was made without.
    """

    title: str
    note: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    entrants: tuple[str, ...] = ()


def entrant_text(row: Row) -> str:
    """A model and its phase, or the part it plays."""
    role = row.phase if row.phase != "none" else {"baseline": "no skill"}.get(row.role, row.role)
    return f"{row.model} ({role})"


def not_finished(cell: MissingCell) -> str:
    """Why a model that was asked for has no numbers."""
    return f"not finished: {cell.stage}"


def headline_rows(board: Board) -> list[Row]:
    """The rows of the first table: a model before its fine-tuning only where there is no after."""
    tuned = {row.model for row in board.models if row.phase == "after"}
    return [row for row in board.models if row.phase != "before" or row.model not in tuned]
