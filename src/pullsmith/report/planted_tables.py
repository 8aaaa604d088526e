"""Tables of what was found of planted defects, by kind of defect and by language.

Takes a Board, gives Tables; those without rows are for the caller to leave out.
"""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.report.board import Board, Row
from pullsmith.report.figures import DASH, estimate_text
from pullsmith.report.table import Table, entrant_text

_RECALL = "planted_recall"


def planted_part_tables(board: Board) -> Iterator[Table]:
    """One table a tool: a row a kind or language, a column a model that was measured on it."""
    tools = dict.fromkeys(tool for row in board.models for tool in row.planted_parts)
    for tool in tools:
        models = [row for row in board.models if tool in row.planted_parts]
        parts = sorted({part for row in models for part in row.planted_parts[tool]})
        rows = [_part(tool, part, models) for part in parts]
        yield Table(
            f"Planted defects by kind and language: {tool}",
            "The share of the defects that was found, kind and line. board.json also has what was "
            "claimed, fixed and left alone.",
            ("Part", "defects", *(entrant_text(row) for row in models)),
            tuple(row for row in rows if row),
        )


def _part(tool: str, part: str, models: list[Row]) -> tuple[str, ...]:
    """Nothing where no model met a defect there."""
    found = [row.planted_parts[tool].get(part, {}).get(_RECALL) for row in models]
    counts = [each.count for each in found if each]
    if not counts:
        return ()
    told = part.replace(":", ": ").replace("_", " ")
    return (told, str(max(counts)), *(estimate_text(each) if each else DASH for each in found))
