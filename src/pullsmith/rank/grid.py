"""Where rates are counted: every slice and tool that has tasks, with its own population.

Takes tasks by slice; gives fields of the grid and columns for the bootstrap.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from pullsmith.rank.rates import ALL, Task
from pullsmith.rank.slices import MAIN
from pullsmith.stats.bootstrap import Column, Resampler


@dataclass(frozen=True)
class Field:
    """One slice and one tool (ALL for every tool), and the draws of its pull requests."""

    slice: str
    tool: str
    tasks: frozenset[Task]
    resampler: Resampler

    @property
    def main(self) -> bool:
        """Whether it is one of the slices that differences are told for."""
        return self.slice in MAIN

    def column(self, parts: Mapping[Task, tuple[float, float]]) -> Column:
        """``parts`` of this field's tasks, summed up by pull request."""
        found: dict[str, tuple[float, float]] = {}
        for task, (total, count) in parts.items():
            if task in self.tasks:
                before = found.get(task[0], (0.0, 0.0))
                found[task[0]] = (before[0] + total, before[1] + count)
        return found


def fields(
    slices: Mapping[str, frozenset[Task]],
    draw: Callable[[Sequence[str]], Resampler],
    *,
    by_tool: Collection[str] = MAIN,
) -> list[Field]:
    """Every field that has tasks; ``draw`` resamples the pull requests it has tasks on.

    The slices ``by_tool`` by tool and together, the others together only.
    """
    tools = sorted({tool for mine in slices.values() for _, tool, _ in mine})
    found = []
    for name, tasks in slices.items():
        for tool in (ALL, *tools) if name in by_tool else (ALL,):
            mine = frozenset(task for task in tasks if tool in (ALL, task[1]))
            if mine:
                draws = draw(sorted({task[0] for task in mine}))
                found.append(Field(name, tool, mine, draws))
    return found
