"""The board as tables of text: the same cells for Markdown, terminal and page.

Takes a Board, gives Tables. Knows no file format and escapes nothing: that is the writers' work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pullsmith.report.board import Board, Difference, Estimate, FunnelRow, Row
from pullsmith.report.figures import DASH, better_text, estimate_text, p_text, percent, points_text
from pullsmith.report.judge_tables import judge_tables
from pullsmith.report.planted_tables import planted_part_tables
from pullsmith.report.reasons import meaning
from pullsmith.report.table import Table, entrant_text

OTHER_FAMILIES = "other-families"  # what ratings call the mean over them
_PLANTED = {
    "review": {
        "planted_recall": "Review: kind and line found",
        "planted_line_recall": "line alone",
        "planted_kind_recall": "kind alone",
        "planted_precision": "claims that are right",
        "planted_silence": "silent when clean",
    },
    "improve": {
        "planted_recall": "Improve: kind and line found",
        "planted_kind_recall": "kind alone",
        "planted_exact_fix": "exact fix",
        "planted_precision": "claims that are right",
        "planted_silence": "silent when clean",
    },
}


def tables(board: Board) -> list[Table]:
    """Every table but the board itself; those without rows are left out."""
    made = [
        _slices(board),
        *(_planted(board, tool) for tool in _PLANTED),
        *planted_part_tables(board),
        _tools(board),
        _judges(board),
        *judge_tables(board),
        _differences(board),
        funnel_table(board.funnel),
        reasons_table(board.funnel),
    ]
    return [table for table in made if table.rows]


def main_table(board: Board) -> Table:
    """The board: one row a model and phase."""
    reference = board.references[0]
    return Table(
        title="Board",
        note=f"Share of prompts on which a model's answer is better than that of {reference}; "
        "what share of its answers is valid at the first try (and repaired, where it is asked again), "
        "and valid and grounded; what its reviews found of "
        "planted defects (kind and line), how many of its claims were right, and on how many clean "
        "pull requests it claimed nothing.",
        header=(
            "Model", f"Better than {reference}", "Tier", "Valid", "Grounded",
            "Recall", "Precision", "Silent when clean",
        ),
        rows=tuple(_main_row(row) for row in board.models),
    )  # fmt: skip


def _main_row(row: Row) -> tuple[str, ...]:
    review = row.planted.get("review", {})
    return (
        entrant_text(row),
        better_text(row.rate),
        DASH if row.tier is None else str(row.tier),
        _valid(row),
        percent(row.grounded_rate),
        estimate_text(review.get("planted_recall")),
        percent(row.planted_precision),
        percent(row.planted_silence),
    )


def _valid(row: Row) -> str:
    """Of first answers, and behind it in the end, of those who are asked again where they are refused."""
    repaired = row.metrics.get("all", {}).get("repaired_rate")
    valid = percent(row.valid_rate)
    return f"{valid} ({percent(repaired.value)} repaired)" if repaired else valid


def _slices(board: Board) -> Table:
    names = [name for name in board.pull_requests if name != "all"]
    header = ["Model"]
    for name in names:
        count = board.pull_requests[name]
        header += [f"{name} (n = {count}): better", f"{name}: valid", f"{name}: grounded"]
    return Table(
        "Planted and real pull requests apart",
        "Planted ones have a known truth, real ones do not.",
        tuple(header),
        tuple(_slice_row(row, names) for row in board.models),
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


def _differences(board: Board) -> Table:
    wanted = [d for d in board.differences if _is_headline(d)]
    rows = [
        (
            f"{d.entrant} minus {d.other}",
            "better rate" if d.name == "better_rate" else "review recall",
            points_text(d),
            str(d.pull_requests),
            "yes" if d.resolved else "cannot tell",
            p_text(d.adjusted_p),
        )
        for d in wanted
    ]
    header = ("Pair", "In", "Difference", "Pull requests", "Resolved", "p, all pairs")
    note = (
        "On the same prompts; resolved where the interval leaves out zero. Many pairs are looked at: "
        "the last column is the p-value adjusted for all of one table (Holm)."
    )
    return Table("Differences, paired", note, header, tuple(rows))


def _is_headline(difference: Difference) -> bool:
    if difference.name == "planted_recall":
        return True
    return (difference.judge, difference.tool, difference.slice) == ("all", "all", "all")


def funnel_table(funnel: Sequence[FunnelRow]) -> Table:
    """What every job took in, kept and dropped."""
    rows = [
        (
            row.job,
            str(row.records_in),
            str(row.records_out),
            str(row.rows),
            ", ".join(f"{count} {reason}" for reason, count in row.dropped.items()) or DASH,
        )
        for row in funnel
    ]
    note = "What came in is what was kept plus what was dropped; rows are what the job wrote."
    return Table("Funnel", note, ("Job", "In", "Kept", "Rows", "Dropped"), tuple(rows))


def reasons_table(funnel: Sequence[FunnelRow]) -> Table:
    """Every reason to drop, what it means, how often it was given, and for what."""
    rows = [
        (
            f"{row.job}: {reason}",
            meaning(row.job, reason),
            f"{count} ({percent(count / row.records_in if row.records_in else None)})",
            *_two(row, reason),
        )
        for row in funnel
        for reason, count in sorted(row.dropped.items(), key=lambda item: (-item[1], item[0]))
    ]
    note = "The share is of what came into the job. Two examples each, drawn by id; all are kept in dropped.parquet."
    header = ("Dropped", "Because", "Records", "For example", "And")
    return Table("Why records were dropped", note, header, tuple(rows))


def _two(row: FunnelRow, reason: str) -> tuple[str, str]:
    said = [
        f"{each.record_id}: {each.detail}".removesuffix(": ")
        for each in row.examples.get(reason, ())
    ]
    one, other, *_ = (*said, DASH, DASH)
    return one, other
