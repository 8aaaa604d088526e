"""What is not on a board, said in words before anyone takes a blank for a result.

Takes a Board, gives sentences; none where nothing is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.report.board import Board, Row
from pullsmith.report.figures import percent


def gaps(board: Board) -> Iterator[str]:
    """Nobody compared, nothing readable, one judge, a phase that is not there, a set a model may know."""
    rated = [row for row in board.models if row.rate]
    if board.models and not rated:
        yield "Nobody was compared with a reference, so no model has a rate or a tier."
    for row in rated:
        if row.better_rate is None:
            yield f"No verdict on {row.entrant} could be read, so it has no rate and no tier."
    if rated and len(board.judges) == 1:
        yield f"{board.judges[0].name} judged alone, so nothing is said of whether judges agree."
    students = [row for row in board.models if row.role == "student"]
    yield from _phases(students)
    for row in students:
        if row.phase == "after" and row.before_cutoff_rate:
            yield (
                f"{percent(row.before_cutoff_rate)} of the real pull requests are not newer than what "
                f"{row.model} learnt from (until {row.cutoff}): it may have seen them before."
            )
    if board.published:
        yield (
            f"The table of 2024 is beside this board as it was {board.published[0].label}: other pull "
            "requests, another reference and other judges, so no row of it compares with one of these."
        )


def _phases(students: list[Row]) -> Iterator[str]:
    there = {(row.model, row.phase) for row in students}
    for model in dict.fromkeys(row.model for row in students):
        for phase in ("before", "after"):
            if (model, phase) not in there:
                yield (
                    f"{model} has no answers from {phase} its fine-tuning, so nothing is said of what "
                    "that changed."
                )
