"""Rows, rates and differences of boards for the tests of report."""

from __future__ import annotations

from pullsmith.report.board import Board, Difference, Estimate, Judge, Rate, Row, Spent
from tests.report.made import board

# A name with all that Markdown, a terminal, a spreadsheet and a reader's eye could be led by.
HOSTILE = "=cmd|'/c calc'!A1\n| **x** | \x1b[31mred\u202egpj.exe <b>&amp; $1+1$"


def rate(value: float | None, *, half_width: float = 0.05, unreadable: int = 0) -> Rate:
    """A rate over a hundred pull requests."""
    known = value is not None
    return Rate(
        better_rate=value,
        better_low=max(0.0, (value or 0) - half_width) if known else None,
        better_high=min(1.0, (value or 0) + half_width) if known else None,
        ties_half_rate=value, all_win=value, all_loss=value,
        pull_requests=100, verdicts=200, unreadable=unreadable, degenerate=False,
    )  # fmt: skip


def estimate(value: float) -> Estimate:
    """A share of ten things."""
    return Estimate(
        value=value, low=value / 2, high=value, count=10, pull_requests=10, degenerate=False
    )


def row(model: str, phase: str = "after", *, better: Rate | None = None, **more: object) -> Row:
    """A row; a student's unless it has no phase."""
    values: dict[str, object] = {
        "entrant": f"{model}@{phase}" if phase != "none" else model,
        "model": model, "phase": phase, "role": "student" if phase != "none" else "reference",
        "parameters": None, "reference": "rules" if better else None,
        "better_rate": better.better_rate if better else None,
        "better_low": better.better_low if better else None,
        "better_high": better.better_high if better else None,
        "valid_rate": 0.9, "grounded_rate": 0.8, "planted_recall": None, "planted_precision": None,
        "planted_silence": None, "tier": 1 if better else None, "rate": better,
        "tools": {}, "judges": {"rubric": better} if better else {}, "slices": {}, "references": {},
        "metrics": {}, "planted": {},
    }  # fmt: skip
    return Row.model_validate({**values, **more})


def difference(entrant: str, other: str, value: float, *, half_width: float = 0.1) -> Difference:
    """One of the headline's differences."""
    low, high = value - half_width, value + half_width
    return Difference(
        name="better_rate", entrant=entrant, other=other, reference="rules", judge="all", tool="all",
        slice="all", difference=value, low=low, high=high, prompts=100, pull_requests=100,
        p_value=0.01, adjusted_p=0.02, detectable=0.1, degenerate=False, resolved=low > 0 or high < 0,
    )  # fmt: skip


def judge(name: str) -> Judge:
    """A judge that passed its controls."""
    return Judge(
        name=name, language_model=True, prompt_version="pair-1", orders="both", family="",
        failed_controls=(),
    )  # fmt: skip


def spent(**more: object) -> Spent:
    """A hundred prompts of a model that is paid for."""
    values = {
        "prompts": 100, "calls": 110, "input_tokens": 1200.0, "output_tokens": 300.0,
        "cost_usd": 2.5, "unpriced": 0,
    }  # fmt: skip
    return Spent.model_validate({**values, **more})


def of(*rows: Row, **more: object) -> Board:
    """A board of ``rows``, judged by rubric."""
    made = {"models": rows, "judges": (judge("rubric"),), "pull_requests": {"all": 100}, **more}
    return board().model_copy(update=made)
