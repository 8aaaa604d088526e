"""The table of 2024 beside a board: rows that say of themselves that nobody ran them again."""

from __future__ import annotations

from pullsmith.models.published import published_rows
from pullsmith.report.board import Board, Published


def published() -> tuple[Published, ...]:
    """The rows, the best first."""
    return tuple(
        Published(
            model=row.model, size_billions=row.size_billions, after=row.after, before=row.before,
            label=row.label, note=row.note,
        )
        for row in published_rows()
    )  # fmt: skip


def with_published(board: Board) -> Board:
    """``board`` with the published rows beside its own; no number of it changes."""
    return board.model_copy(update={"published": published()})
