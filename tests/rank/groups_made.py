"""Verdicts of many models at once, for the tests of groups of models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pullsmith.rank.comparisons import Comparison, comparisons
from pullsmith.rank.grid import Field, fields
from pullsmith.rank.groups import group_contrasts
from pullsmith.rank.rates import Rated, Shares, Task
from pullsmith.rank.slices import Sliced, slices
from pullsmith.records import Claim, GroupContrast
from pullsmith.stats.bootstrap import Resampler
from pullsmith.study.facts import StudentFacts
from tests.judged import pull_request

Wins = Mapping[str, NDArray[np.float64]]  # entrant -> 1 or 0 for each pull request


def shares_of(
    wins: Wins, *, tool: str = "review", reference: str = "rules"
) -> dict[Rated, dict[Task, Shares]]:
    """The shares of verdicts that one judge gave once."""
    return {
        (entrant, reference, "all"): {
            (f"planted:pr{n}", tool, 0): Shares(float(won), float(won), float(won), float(won), 1, 0)
            for n, won in enumerate(mine)
        }
        for entrant, mine in wins.items()
    }  # fmt: skip


def grid_of(
    shares: Mapping[Rated, Mapping[Task, Shares]], *, tokens: Mapping[Task, int] | None = None
) -> list[Field]:
    """Every field of all their tasks; ``tokens`` of their diffs make slices by length."""
    tasks = sorted({task for mine in shares.values() for task in mine})
    requests = {task[0]: pull_request(task[0].removeprefix("planted:")) for task in tasks}
    return fields(
        slices(tasks, Sliced(requests, tokens or {})), partial(Resampler, resamples=400, seed=0)
    )


def contrasts_of(wins: Wins, facts: list[StudentFacts]) -> dict[tuple[Claim, str], GroupContrast]:
    """Every contrast, by claim and subject."""
    shares = shares_of(wins)
    asked = comparisons(facts, ["review"], None)
    return by_claim(shares, asked, grid_of(shares))


def by_claim(
    shares: Mapping[Rated, Mapping[Task, Shares]], asked: list[Comparison], grid: list[Field]
) -> dict[tuple[Claim, str], GroupContrast]:
    """The contrasts of these comparisons, by claim and subject."""
    return {(row.claim, row.subject): row for row in group_contrasts(shares, asked, grid)}
