"""Settings of split and of the evaluation set."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pullsmith.study.base import Settings


class SplitSettings(Settings):
    """How pull requests are divided; always by group, never by row."""

    eval_share: float = Field(default=0.1, gt=0, lt=1)
    """The share of repositories (or, of a single repository, of its newest pull requests) held out."""


class EvalSettings(Settings):
    """The evaluation set, the same pull requests for every model."""

    per_tool: int = Field(default=100, ge=1)
    """How many examples per tool, of planted and of real pull requests alike, where there are as many."""
    chosen_by: Literal["seed", "human"] = "seed"
    """Who picks them: a seeded draw, or people in the curation page."""
