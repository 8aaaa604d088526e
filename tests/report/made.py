"""A board for the tests of report."""

from __future__ import annotations

from pullsmith.report.board import Board


def board() -> Board:
    """A board of nobody: no model, no difference, an empty funnel."""
    return Board(
        study="test",
        judges=(),
        references=("rules",),
        chosen_by="seed",
        resamples=100,
        pull_requests={},
        shows=("What it shows.",),
        findings=(),
        models=(),
        differences=(),
        statistics=(),
        funnel=(),
    )
