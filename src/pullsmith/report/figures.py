"""Numbers as people read them: per cent with one decimal, the interval in brackets.

Takes shares and gives text, the same for terminal, Markdown and page. DAGGER marks an interval that
no resampling made, because all pull requests were alike.
"""

from __future__ import annotations

from pullsmith.report.board import Difference, Estimate, Rate, Told

DASH = "\N{EN DASH}"
DAGGER = "\N{DAGGER}"


def percent(value: float | None) -> str:
    """A share as per cent; a dash where there is none."""
    return DASH if value is None else f"{100 * value:.1f} %"


def bounds(low: float | None, high: float | None) -> str:
    """An interval in per cent, in brackets; empty where there is none."""
    return "" if low is None or high is None else f"[{100 * low:.1f} to {100 * high:.1f}]"


def better_text(rate: Rate | None) -> str:
    """A better rate with its interval; a dash for None."""
    if rate is None:
        return DASH
    return _text(rate.better_rate, bounds(rate.better_low, rate.better_high), rate.degenerate)


def estimate_text(estimate: Estimate | None) -> str:
    """A share with its interval; a dash for None."""
    if estimate is None:
        return DASH
    return _text(estimate.value, bounds(estimate.low, estimate.high), estimate.degenerate)


def told_text(told: Told | None) -> str:
    """A statistic that is a share, with its interval; a dash for None."""
    if told is None:
        return DASH
    return _text(told.value, bounds(told.low, told.high), told.degenerate)


def number_text(told: Told | None) -> str:
    """A statistic that is no share (kappa, tau, a strength, logits), with its interval.

    Where every resample gave the same there is a DAGGER in its place: of what was not seen, nothing
    bounds such a number.
    """
    if told is None or told.value is None or told.low is None or told.high is None:
        return DASH
    if told.degenerate:
        return f"{told.value:+.2f} {DAGGER}"
    return f"{told.value:+.2f} [{told.low:+.2f} to {told.high:+.2f}]"


def points_text(difference: Difference) -> str:
    """A difference in percentage points, with sign and interval."""
    low, high = 100 * difference.low, 100 * difference.high
    mark = f" {DAGGER}" if difference.degenerate else ""
    return f"{100 * difference.difference:+.1f} points [{low:+.1f} to {high:+.1f}]{mark}"


def p_text(value: float | None) -> str:
    """A p-value with three decimals; a dash where there is none."""
    if value is None:
        return DASH
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _text(value: float | None, interval: str, degenerate: bool) -> str:
    parts = [percent(value), interval, DAGGER if degenerate and interval else ""]
    return " ".join(part for part in parts if part)
