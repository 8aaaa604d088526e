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


def size_text(billions: float | None) -> str:
    """A number of weights in billions or millions, three digits; a dash where nobody knows."""
    if billions is None:
        return DASH
    return f"{billions:.3g} B" if billions >= 1 else f"{1000 * billions:.3g} M"


def dollars(usd: float) -> str:
    """An amount; a small one with its first digits, so that it is never taken for nothing."""
    if 0 < usd < 0.0001:
        return "< $0.0001"
    return f"${usd:,.2f}" if usd >= 0.1 or not usd else f"${usd:.2g}"


def bytes_text(count: float | None) -> str:
    """Memory in GiB or MiB; a dash where nobody knows."""
    if count is None:
        return DASH
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"


def seconds_text(seconds: float | None) -> str:
    """A time as people say it; a dash where nobody knows."""
    if seconds is None:
        return DASH
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.3g} s"


def better_text(rate: Rate | None) -> str:
    """A better rate with its interval; a dash for None, and why where no verdict could be read."""
    if rate is None:
        return DASH
    if rate.better_rate is None:
        return f"{DASH} ({rate.unreadable} unreadable)"
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
