"""Verdicts of one task as shares: how often better, and what unreadable verdicts leave open.

Takes Verdicts, gives a Shares per task (pull request and tool). Knows no interval and no slice.

A judge's mean is over its readable verdicts in both orders; a task's value is the mean over the
judges of the panel that have one: rules beside language models are in no mean. Ties are not better. What is unreadable is left out here, and counted as all
won or all lost in the bounds beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pullsmith.records import Result, Verdict, part_of
from pullsmith.study.judging import HUMAN, panel_of

ALL = "all"
OTHER_FAMILIES = "other-families"
Task = tuple[str, str, int]  # pull request, tool, and the part where it takes several prompts
Rated = tuple[str, str, str]  # entrant, reference, judge or ALL


@dataclass(frozen=True, slots=True)
class Shares:
    """One task under one judge or the mean of several; None where nothing was readable."""

    better: float | None
    ties_half: float | None
    all_win: float
    all_loss: float
    verdicts: int
    unreadable: int


def shares_by_task(
    verdicts: Iterable[Verdict], families: Mapping[str, str] | None = None
) -> dict[Rated, dict[Task, Shares]]:
    """The shares of every task, under each judge and under ALL, the panel; empty without verdicts.

    Where ``families`` (of judges and entrants) say that a judge of the panel is of the entrant's or
    the reference's family, also under OTHER_FAMILIES: the mean without such judges.
    """
    counts: dict[tuple[str, str], dict[Task, dict[str, Counter[Result]]]] = {}
    for verdict in verdicts:
        # A judge is asked again to see whether it agrees with itself, no more; people are several.
        if verdict.repeat and verdict.judge != HUMAN:
            continue
        tasks = counts.setdefault((verdict.candidate, verdict.reference), {})
        part = part_of(verdict.prompt_id)
        judges = tasks.setdefault((verdict.pull_request_id, verdict.tool, part), {})
        judges.setdefault(verdict.judge, Counter())[verdict.result] += 1
    panel = panel_of(name for tasks in counts.values() for mine in tasks.values() for name in mine)
    found: dict[Rated, dict[Task, Shares]] = {}
    for pair, tasks in counts.items():
        for task, judges in tasks.items():
            single = {judge: judge_shares(results) for judge, results in judges.items()}
            for judge, shares in single.items():
                found.setdefault((*pair, judge), {})[task] = shares
            mean = {judge: shares for judge, shares in single.items() if judge in panel}
            if mean:
                found.setdefault((*pair, ALL), {})[task] = mean_shares(list(mean.values()))
            others = _other_families(mean, pair, families or {})
            if 0 < len(others) < len(mean):
                found.setdefault((*pair, OTHER_FAMILIES), {})[task] = mean_shares(others)
    return found


def _other_families(
    single: Mapping[str, Shares], pair: tuple[str, str], families: Mapping[str, str]
) -> list[Shares]:
    near = {families.get(name, "") for name in pair} - {""}
    return [shares for judge, shares in single.items() if families.get(judge, "") not in near]


def judge_shares(results: Mapping[Result, int]) -> Shares:
    """The shares of one judge's verdicts on one task; there is at least one."""
    unreadable = results.get(Result.UNREADABLE, 0)
    total = sum(results.values())
    readable = total - unreadable
    wins, ties = results.get(Result.WIN, 0), results.get(Result.TIE, 0)
    return Shares(
        better=wins / readable if readable else None,
        ties_half=(wins + ties / 2) / readable if readable else None,
        all_win=(wins + unreadable) / total,
        all_loss=wins / total,
        verdicts=total,
        unreadable=unreadable,
    )


def mean_shares(judges: list[Shares]) -> Shares:
    """The mean over judges, each counting the same; there is at least one."""
    return Shares(
        better=_mean(shares.better for shares in judges),
        ties_half=_mean(shares.ties_half for shares in judges),
        all_win=sum(shares.all_win for shares in judges) / len(judges),
        all_loss=sum(shares.all_loss for shares in judges) / len(judges),
        verdicts=sum(shares.verdicts for shares in judges),
        unreadable=sum(shares.unreadable for shares in judges),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None
