"""Settings of report."""

from __future__ import annotations

from pullsmith.study.base import Settings


class ReportSettings(Settings):
    """What is shown beside the study's own numbers."""

    published: bool = False
    """Show the table of 2024 beside the board, labelled as not rerun; it is in no tier, difference or finding."""
