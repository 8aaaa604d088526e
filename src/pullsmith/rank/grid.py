"""Where rates are counted: every slice and tool that has tasks, with its own population.

Takes tasks and pull requests; gives fields of the grid and columns for the bootstrap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pullsmith.rank.bootstrap import Column, Resampler
from pullsmith.rank.rates import ALL, Task
from pullsmith.records import PullRequest

SLICES = (ALL, "planted", "real")


@dataclass(frozen=True)
class Field:
    """One slice and one tool (ALL for every tool), and the draws of its pull requests."""

    slice: str
    tool: str
    tasks: frozenset[Task]
    resampler: Resampler

    def column(self, parts: Mapping[Task, tuple[float, float]]) -> Column:
        """``parts`` of this field's tasks, summed up by pull request."""
        found: dict[str, tuple[float, float]] = {}
        for task, (total, count) in parts.items():
            if task in self.tasks:
                before = found.get(task[0], (0.0, 0.0))
                found[task[0]] = (before[0] + total, before[1] + count)
        return found


def fields(
    tasks: Iterable[Task],
    pull_requests: Mapping[str, PullRequest],
    *,
    resamples: int,
    seed: int,
) -> list[Field]:
    """Every field that has tasks; a field's draws are of the pull requests it has tasks on."""
    known = sorted(set(tasks))
    tools = sorted({tool for _, tool, _ in known})
    found = []
    for name in SLICES:
        for tool in (ALL, *tools):
            mine = [
                task
                for task in known
                if tool in (ALL, task[1]) and _in_slice(pull_requests[task[0]], name)
            ]
            if mine:
                requests: Sequence[str] = sorted({task[0] for task in mine})
                draws = Resampler(requests, resamples=resamples, seed=seed)
                found.append(Field(name, tool, frozenset(mine), draws))
    return found


def _in_slice(request: PullRequest, name: str) -> bool:
    return name == ALL or request.planted == (name == "planted")
