"""The board as tables of text: the same cells for Markdown, terminal and page.

Takes a Board, gives Tables. Knows no file format and escapes nothing: that is the writers' work.
"""

from __future__ import annotations

from collections.abc import Sequence

from pullsmith.models.published import LABEL
from pullsmith.report.board import Board, FunnelRow, Rate, Row
from pullsmith.report.cost_tables import cost_tables
from pullsmith.report.figures import (
    DASH,
    better_text,
    estimate_text,
    p_text,
    percent,
    points_text,
    size_text,
)
from pullsmith.report.judge_tables import judge_tables
from pullsmith.report.model_tables import model_tables
from pullsmith.report.reasons import meaning
from pullsmith.report.table import Table, entrant_text, headline_rows, not_finished
from pullsmith.report.words import is_headline


def tables(board: Board) -> list[Table]:
    """Every table but the board itself; those without rows are left out."""
    made = [
        *_first(board),
        *model_tables(board),
        *judge_tables(board),
        _differences(board),
        *cost_tables(board),
        funnel_table(board.funnel),
        reasons_table(board.funnel),
    ]
    return [table for table in made if table.rows]


def glance(board: Board) -> list[Table]:
    """The board at a glance: the published columns, before and after, and what no judge decides."""
    return [main_table(board), *(table for table in _first(board) if table.rows)]


def _first(board: Board) -> list[Table]:
    return [before_after(board), unjudged(board), published_table(board)]


def main_table(board: Board) -> Table:
    """The board as the published page has it: model, size, how often better; and how sure that is."""
    reference = board.references[0]
    rows = headline_rows(board)
    licensed = any(row.licence for row in rows)
    return Table(
        title="Board",
        note=f"How often a model's answer is better than that of {reference}, after fine-tuning "
        "where it was fine-tuned. Models of one tier cannot be told apart from its best.",
        header=("Model", "Size", f"Better than {reference}", "Tier", *["Licence"] * licensed),
        rows=(
            *(_main_row(row, licensed=licensed) for row in rows),
            *(
                (each.model, DASH, not_finished(each), DASH, *[DASH] * licensed)
                for each in board.missing
            ),
        ),
        entrants=(*(row.entrant for row in rows), *("" for _ in board.missing)),
    )


def _main_row(row: Row, *, licensed: bool) -> tuple[str, ...]:
    """With its licence where anybody's is known."""
    return (
        entrant_text(row),
        size_text(row.size_billions),
        better_text(row.rate),
        DASH if row.tier is None else str(row.tier),
        *[row.licence or DASH] * licensed,
    )


def before_after(board: Board) -> Table:
    """What fine-tuning changed, on the same prompts."""
    phases = {(row.model, row.phase): row for row in board.models if row.phase != "none"}
    models = dict.fromkeys(model for model, _ in phases)
    return Table(
        "Before and after fine-tuning",
        "The difference is on the same prompts; it is resolved where its interval leaves out zero.",
        ("Model", "Before", "After", "Difference", "Resolved"),
        tuple(
            (
                model,
                *(better_text(_rate(phases.get((model, phase)))) for phase in ("before", "after")),
                *_effect(board, phases.get((model, "before")), phases.get((model, "after"))),
            )
            for model in models
        ),
    )


def _rate(row: Row | None) -> Rate | None:
    return row.rate if row else None


def _effect(board: Board, before: Row | None, after: Row | None) -> tuple[str, str]:
    if before is None or after is None:
        return f"no {'before' if before is None else 'after'}", DASH
    wanted = (after.entrant, before.entrant, board.references[0])
    for each in board.differences:
        if is_headline(each) and (each.entrant, each.other, each.reference) == wanted:
            return points_text(each), "yes" if each.resolved else "cannot tell"
    return DASH, DASH


def unjudged(board: Board) -> Table:
    """What needs no judge: validity, grounding, and what reviews found of planted defects."""
    return Table(
        "What no judge decides",
        "Valid: of first answers (and of those repaired, where they are asked again). Grounded: valid, "
        "and about lines that were shown. Empty: valid, and nothing reported. The others are of reviews of "
        "planted pull requests: F1 of the defects found (kind and line) and of the claims that were "
        "right, each of them alone, and on how many clean ones nothing was claimed.",
        ("Model", "Valid", "Grounded", "Empty", "F1", "Recall", "Precision", "Silent when clean"),
        tuple(_unjudged_row(row) for row in board.models),
        entrants=tuple(row.entrant for row in board.models),
    )


def _unjudged_row(row: Row) -> tuple[str, ...]:
    review = row.planted.get("review", {})
    return (
        entrant_text(row),
        _valid(row),
        percent(row.grounded_rate),
        percent(row.empty_rate),
        estimate_text(review.get("planted_f1")),
        estimate_text(review.get("planted_recall")),
        percent(row.planted_precision),
        percent(row.planted_silence),
    )


def _valid(row: Row) -> str:
    """Of first answers, and behind it in the end, of those who are asked again where they are refused."""
    repaired = row.metrics.get("all", {}).get("repaired_rate")
    valid = percent(row.valid_rate)
    return f"{valid} ({percent(repaired.value)} repaired)" if repaired else valid


def published_table(board: Board) -> Table:
    """The table of 2024 as it was published, where it is wanted."""
    return Table(
        f"The table of 2024: {LABEL}",
        "Other pull requests, another reference and judges that are switched off: not to be compared "
        "row by row. It has no intervals, and is in no tier, difference or finding.",
        ("Model", "Size", "Better, before", "Better, after"),
        tuple(
            (
                f"{row.model} ({row.label})", size_text(row.size_billions), percent(row.before),
                percent(row.after),
            )
            for row in board.published
        ),
    )  # fmt: skip


def _differences(board: Board) -> Table:
    wanted = [d for d in board.differences if is_headline(d) or d.name == "planted_recall"]
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
