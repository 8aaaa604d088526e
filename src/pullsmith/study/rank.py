"""Settings of rank."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pullsmith.study.base import Settings


class RankSettings(Settings):
    """How sure the board is."""

    resamples: int = Field(default=2000, ge=100)
    """Bootstrap resamples, by pull request."""
    cluster: Literal["pull_request", "repository"] = "pull_request"
    """What is resampled together: all that is known of a pull request, or of a repository."""
