"""How often better than each reference, where a study has several.

Takes a Board, gives a Table; without rows where there is one reference, whose rates the board has.
"""

from __future__ import annotations

from pullsmith.report.board import Board
from pullsmith.report.figures import better_text
from pullsmith.report.table import Table, entrant_text


def references_table(board: Board) -> Table:
    """One row a model, one column a reference; the first one makes the headline."""
    several = len(board.references) > 1
    rated = [row for row in board.models if row.references and several]
    return Table(
        "Per reference",
        f"How often better than each. {board.references[0]} makes the headline, tiers and differences.",
        ("Model", *board.references),
        tuple(
            (
                entrant_text(row),
                *(better_text(row.references.get(name)) for name in board.references),
            )
            for row in rated
        ),
        entrants=tuple(row.entrant for row in rated),
    )
