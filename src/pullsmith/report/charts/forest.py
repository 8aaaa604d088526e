"""The forest plot: every model's better rate with its interval, the best first, tier by tier."""

from __future__ import annotations

from itertools import groupby

from pullsmith.report.board import Board, Rate, Row
from pullsmith.report.charts.intervals import Line, intervals
from pullsmith.report.charts.svg import Chart
from pullsmith.report.figures import DASH, bounds, percent
from pullsmith.report.table import entrant_text


def forest(board: Board) -> Chart | None:
    """The chart; None where no model has a rate."""
    rated = sorted(
        (row for row in board.models if _known(row.rate)),
        key=lambda row: (-(row.better_rate or 0.0), row.entrant),
    )
    lines = [_line(row, row.rate) for row in rated if row.rate is not None]
    if not lines:
        return None
    return Chart(
        name="forest",
        title=f"How often better than {board.references[0]}",
        note="The dot is the share of prompts, the bar its 95 % interval; a ring is a model that was not "
        "fine-tuned here. The tick on each bar is even: as many wins as losses. It lies below 50 % where "
        "there are ties. The small number is the tier.",
        text=_words(rated, board.references[0]),
        wide=intervals(lines),
        narrow=intervals(lines, narrow=True),
    )


def even_rate(rate: Rate) -> float | None:
    """The better rate at which a model wins as often as it loses, given its share of ties.

    Ties are not better: with a share t of ties, even is (1 - t) / 2. None without a rate.
    """
    if rate.better_rate is None or rate.ties_half_rate is None:
        return None
    ties = 2 * (rate.ties_half_rate - rate.better_rate)
    return (1 - ties) / 2


def _known(rate: Rate | None) -> bool:
    return rate is not None and None not in (rate.better_rate, rate.better_low, rate.better_high)


def _line(row: Row, rate: Rate) -> Line:
    return Line(
        name=entrant_text(row),
        value=rate.better_rate or 0.0,
        low=rate.better_low or 0.0,
        high=rate.better_high or 0.0,
        number=f"{percent(rate.better_rate)} {bounds(rate.better_low, rate.better_high)}",
        short=percent(rate.better_rate),
        even=even_rate(rate),
        hollow=row.phase != "after",
        group=str(row.tier or ""),
        label=str(row.tier or DASH),
    )


def _words(rated: list[Row], reference: str) -> str:
    """The tiers in words, the best of each by name."""
    best = rated[0]
    said = [
        f"{len(rated)} rows, from {percent(rated[-1].better_rate)} to {percent(best.better_rate)} "
        f"better than {reference}; {entrant_text(best)} is first."
    ]
    for tier, rows in groupby(sorted(rated, key=lambda r: r.tier or 0), lambda r: r.tier):
        names = [entrant_text(row) for row in rows]
        if tier is not None:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            said.append(f"Tier {tier}: {', '.join(names[:3])}{more}.")
    return " ".join(said)
