"""The few numbers at the head of the page: the best model, how much was asked, who judged.

Takes a Board, gives Facts. Says nothing that is not on the board below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pullsmith.report.board import Board, Row
from pullsmith.report.figures import DAGGER, bounds, percent
from pullsmith.report.table import entrant_text
from pullsmith.study.judging import panel_of


@dataclass(frozen=True)
class Fact:
    """A number with its name above and what it is of below."""

    name: str
    value: str
    note: str = ""


def facts(board: Board) -> tuple[Fact, ...]:
    """At most four; those that a board has nothing for are left out."""
    return tuple(_facts(board))


def _facts(board: Board) -> Iterator[Fact]:
    rated = [row for row in board.models if row.better_rate is not None]
    if rated:
        yield _best(max(rated, key=lambda row: (row.better_rate or 0.0, row.entrant)), rated)
    models = {row.model for row in board.models if row.role == "student"}
    if models:
        phases = sorted({row.phase for row in board.models if row.role == "student"}, reverse=True)
        yield Fact("Models", f"{len(models):,}", f"{' and '.join(phases)} fine-tuning")
    if asked := board.pull_requests.get("all", 0):
        yield Fact("Held-out pull requests", f"{asked:,}", ", ".join(board.tools))
    told = sum(row.rate.verdicts for row in board.models if row.rate)
    if told:
        count = len(panel_of(judge.name for judge in board.judges))
        yield Fact("Verdicts", f"{told:,}", f"of {count} judge{'' if count == 1 else 's'}")


def _best(row: Row, rated: list[Row]) -> Fact:
    interval = bounds(row.better_low, row.better_high)
    mark = f" {DAGGER}" if row.rate and row.rate.degenerate else ""
    tied = sum(other.tier == row.tier for other in rated) - 1
    with_it = f"; {tied} more in its tier" if tied and row.tier else ""
    return Fact(
        f"Best, better than {row.reference}",
        percent(row.better_rate),
        f"{interval}{mark} {entrant_text(row)}{with_it}",
    )
