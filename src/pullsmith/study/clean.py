"""Settings of clean: which answers become training examples."""

from __future__ import annotations

from pydantic import Field

from pullsmith.study.base import Settings


class CleanSettings(Settings):
    """Strict by default: an answer that is not grounded is no example."""

    grounded: bool = True
    """Drop answers that name files or lines that were not shown."""
    no_ops: bool = True
    """Drop answers whose suggestion changes nothing."""
    max_target_characters: int = Field(default=12_000, ge=1)
    """Longer targets are dropped, never cut."""
    review: int = Field(default=0, ge=0)
    """How many examples people must look at before training goes on."""
