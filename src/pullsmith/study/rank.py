"""Settings of rank."""

from __future__ import annotations

from pydantic import Field

from pullsmith.study.base import Settings


class RankSettings(Settings):
    """How sure the board is."""

    resamples: int = Field(default=2000, ge=100)
    """Bootstrap resamples, by pull request."""
