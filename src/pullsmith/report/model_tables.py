"""Tables of models in detail: by slice, on planted defects, by tool, by judge.

Takes a Board, gives Tables; those without rows are for the caller to leave out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pullsmith.report.board import Board, Estimate, Row
from pullsmith.report.figures import DASH, better_text, estimate_text, percent
from pullsmith.report.planted_tables import planted_part_tables
from pullsmith.report.reference_table import references_table
from pullsmith.report.table import Table, entrant_text

OTHER_FAMILIES = "other-families"  # what ratings call the mean over them
_PLANTED = {
    "review": {
        "planted_f1": "Review: F1",
        "planted_recall": "kind and line found",
        "planted_line_recall": "line alone",
        "planted_kind_recall": "kind alone",
        "planted_precision": "claims that are right",
        "planted_silence": "silent when clean",
    },
    "improve": {
        "planted_f1": "Improve: F1",
        "planted_recall": "kind and line found",
        "planted_kind_recall": "kind alone",
        "planted_exact_fix": "exact fix",
        "planted_precision": "claims that are right",
        "planted_silence": "silent when clean",
    },
}


def model_tables(board: Board) -> Iterator[Table]:
    """Planted and real apart, planted defects by tool, every tool, every judge, every reference."""
    yield slices_table(board)
    for tool in _PLANTED:
        yield _planted(board, tool)
    yield from planted_part_tables(board)
    yield _tools(board)
    yield _judges(board)
    yield references_table(board)


def slices_table(board: Board) -> Table:
    """The numbers on planted and on real pull requests alone; no rows where there is one kind only."""
    names = [name for name in board.pull_requests if name != "all"]
    header = ["Model"]
    for name in names:
        count = board.pull_requests[name]
        header += [f"{name} (n = {count}): better", f"{name}: valid", f"{name}: grounded"]
    return Table(
        "Planted and real pull requests apart",
        "Planted ones have a known truth, real ones do not.",
        tuple(header),
        tuple(_slice_row(row, names) for row in board.models if len(names) > 1),
    )


def _slice_row(row: Row, names: list[str]) -> tuple[str, ...]:
    cells = [entrant_text(row)]
    for name in names:
        metrics = row.metrics.get(name, {})
        cells += [
            better_text(row.slices.get(name)),
            estimate_text(metrics.get("valid_rate")),
            estimate_text(metrics.get("grounded_rate")),
        ]
    return tuple(cells)


def _planted(board: Board, tool: str) -> Table:
    columns = _PLANTED[tool]
    rows = [
        (entrant_text(row), *(_counted(row.planted[tool].get(name)) for name in columns))
        for row in board.models
        if tool in row.planted
    ]
    return Table(
        f"Planted defects: {tool}",
        "No judge decides these. n counts defects, claims or clean pull requests.",
        ("Model", *columns.values()),
        tuple(rows),
    )


def _counted(estimate: Estimate | None) -> str:
    return f"{estimate_text(estimate)} (n = {estimate.count})" if estimate else DASH


def _tools(board: Board) -> Table:
    header = ["Model"]
    for tool in board.tools:
        header += [f"{tool}: better", f"{tool}: valid", f"{tool}: grounded", f"{tool}: empty"]
    return Table(
        "Per tool", "", tuple(header), tuple(_tool_row(row, board) for row in board.models)
    )


def _tool_row(row: Row, board: Board) -> tuple[str, ...]:
    cells = [entrant_text(row)]
    for name in board.tools:
        tool = row.tools.get(name)
        metrics: Mapping[str, Estimate] = tool.metrics if tool else {}
        cells.append(better_text(tool.rate if tool else None))
        cells += [
            percent(metrics[m].value) if m in metrics else DASH
            for m in ("valid_rate", "grounded_rate", "empty_rate")
        ]
    return tuple(cells)


def _judges(board: Board) -> Table:
    names = [judge.name for judge in board.judges]
    shown = [j.name if j.language_model else f"{j.name} (rules)" for j in board.judges]
    if any(OTHER_FAMILIES in row.judges for row in board.models):
        names.append(OTHER_FAMILIES)
        shown.append("judges of other families")
    rows = [
        (
            entrant_text(row),
            *(better_text(row.judges.get(name)) for name in names),
            percent(row.rate.ties_half_rate),
            f"{percent(row.rate.all_loss)} to {percent(row.rate.all_win)}",
            str(row.rate.unreadable),
        )
        for row in board.models
        if row.rate
    ]
    last = ("ties as half", "if all unreadable lost or won", "unreadable")
    note = "How often better under each judge, and what ties and unreadable verdicts leave open."
    return Table("Per judge", note, ("Model", *shown, *last), tuple(rows))
