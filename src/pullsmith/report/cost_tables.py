"""Tables of what answers cost, and of what a model may have seen before.

Takes a Board, gives Tables; those without rows are for the caller to leave out. No measured second is
here: those are ``measured``'s.
"""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.report.board import NO_MODEL, Board, Row, Spent
from pullsmith.report.figures import DASH, dollars, percent
from pullsmith.report.table import Table, entrant_text


def cost_tables(board: Board) -> Iterator[Table]:
    """Tokens and dollars, and training cut-offs."""
    yield _spent(board)
    yield _cutoffs(board)


def _spent(board: Board) -> Table:
    rows = [row for row in board.models if row.spent and row.runs != NO_MODEL]
    return Table(
        "What the answers cost",
        "Tokens are means a prompt, repairs and second looks among them, by the count of whoever "
        "answered. Dollars are of calls that are paid for; a model on a machine of one's own costs what "
        "the machine does.",
        ("Model", "Prompts", "Tokens in", "Tokens out", "Dollars", "per 1,000 prompts"),
        tuple(
            (
                entrant_text(row),
                f"{row.spent.prompts:,}",
                *_tokens(row.spent),
                *_paid(row, row.spent),
            )
            for row in rows
            if row.spent
        ),
        entrants=tuple(row.entrant for row in rows),
    )


def _tokens(spent: Spent) -> tuple[str, str]:
    means = (spent.input_tokens, spent.output_tokens)
    one, other = (DASH if mean is None else f"{mean:,.0f}" for mean in means)
    return one, other


def _paid(row: Row, spent: Spent) -> tuple[str, str]:
    if row.runs == "here":
        return "own machine", DASH
    if spent.unpriced == spent.calls:
        return "price unknown", DASH
    if spent.unpriced:
        return f"{dollars(spent.cost_usd)} and {spent.unpriced:,} of unknown price", DASH
    return dollars(spent.cost_usd), dollars(1000 * spent.cost_usd / max(spent.prompts, 1))


def _cutoffs(board: Board) -> Table:
    """Every model that is fine-tuned, where anything is known of any: an unknown is worth a line, too."""
    rows = [row for row in board.models if row.role == "student" and row.phase == "after"]
    if not any(row.cutoff for row in rows):
        rows = []
    return Table(
        "Training cut-offs",
        "What a model learnt from ends at its cut-off. Real pull requests that are not newer may have been "
        "in it, and what it says of them may be memory; planted ones were never merged anywhere.",
        ("Model", "Learnt until", "Real pull requests not newer"),
        tuple(
            (row.model, row.cutoff or "unknown", percent(row.before_cutoff_rate)) for row in rows
        ),
        entrants=tuple(row.entrant for row in rows),
    )
