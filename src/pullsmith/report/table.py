"""What a table is, before anybody writes it as Markdown, HTML or text."""

from __future__ import annotations

from dataclasses import dataclass

from pullsmith.report.board import Row


@dataclass(frozen=True)
class Table:
    """A heading, what the numbers are, column names, and cells; the first column is a name."""

    title: str
    note: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def entrant_text(row: Row) -> str:
    """A model and its phase, or the part it plays."""
    role = row.phase if row.phase != "none" else {"baseline": "no skill"}.get(row.role, row.role)
    return f"{row.model} ({role})"
