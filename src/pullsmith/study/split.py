"""Settings of split and of the evaluation set."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field

from pullsmith.study.base import Settings


class SplitSettings(Settings):
    """How pull requests are divided; always by group, never by row."""

    name: str = Field(default="main", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """What the frozen split is called; --new-split NAME makes another beside it."""
    by: Literal["auto", "repository", "date"] = "auto"
    """Real pull requests by whole repositories or by date; auto: by date where there is one repository."""
    eval_share: float = Field(default=0.1, gt=0, lt=1)
    """The share of repositories (or, of a single repository, of its newest pull requests) held out."""
    eval_after: date | None = None
    """Only what was merged on this day (UTC) or later is evaluated; by date, all of that is held out."""
    decontaminate: bool = True
    """Drop training pull requests that share 13 words in a row of added code with the evaluation set."""
    benchmarks: tuple[Path, ...] = ()
    """Files (text, JSON, JSON lines, Parquet) whose words are kept out of training in the same way."""


class EvalSettings(Settings):
    """The evaluation set, the same pull requests for every model."""

    per_tool: int = Field(default=100, ge=1)
    """How many examples per tool, of planted and of real pull requests alike, where there are as many."""
    chosen_by: Literal["seed", "human"] = "seed"
    """Who picks them: a seeded choice for coverage, or people from its short-list."""
