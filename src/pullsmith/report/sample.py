"""Which comparisons the page shows: of every model and tool some that were won, lost, even and neither.

Takes columns of verdicts, gives Comparisons in the order in which they earn their place. Drawn by the
digest of the pull request, so that models are shown on the same ones; reads no text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pullsmith.records import Result, digest, part_of
from pullsmith.study.judging import HUMAN, panel_of

COLUMNS = (
    "prompt_id", "pull_request_id", "tool", "candidate", "reference", "judge", "repeat", "result", "by_rule",
)  # fmt: skip
MOST_OF_A_KIND = 3  # of one model, tool and ending
MOST = 600  # on one page; what its size allows decides after that


class Ending(StrEnum):
    """How a comparison ended under the panel, from the model's side; the order is that of showing."""

    LOST = "lost"
    WON = "won"
    EVEN = "even"
    UNREADABLE = "unreadable"
    INVALID = "invalid"


MEANING = {
    Ending.LOST: "more verdicts for the reference",
    Ending.WON: "more verdicts for the model",
    Ending.EVEN: "ties, or as many for the one as for the other",
    Ending.UNREADABLE: "no verdict could be read",
    Ending.INVALID: "the model's answer does not follow its contract: lost, unless the reference's does not either; no judge was asked",
}


@dataclass(frozen=True, order=True)
class Comparison:
    """A model's answer to one prompt beside the reference's, and how it ended."""

    pull_request_id: str
    tool: str
    prompt_id: str  # the candidate's
    candidate: str
    reference: str
    cell: str  # of the candidate
    ending: Ending

    @property
    def part(self) -> int:
        """Which of several prompts to the same pull request and tool."""
        return part_of(self.prompt_id)

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"c-{digest([self.candidate, self.prompt_id])}"


def comparisons(rows: Iterable[Mapping[str, Any]], cell: str, reference: str) -> list[Comparison]:
    """Every comparison of a candidate cell with ``reference``; ``rows`` have COLUMNS."""
    found: dict[tuple[str, str, str, str], dict[str, Counter[str]]] = {}
    ruled: set[tuple[str, str, str, str]] = set()
    for row in rows:
        if row["reference"] != reference or (row["repeat"] and row["judge"] != HUMAN):
            continue
        key = (row["pull_request_id"], row["tool"], row["prompt_id"], row["candidate"])
        found.setdefault(key, {}).setdefault(row["judge"], Counter())[row["result"]] += 1
        if row["by_rule"] in ("candidate_invalid", "both_invalid"):
            ruled.add(key)
    panel = panel_of({judge for judges in found.values() for judge in judges})
    return [
        Comparison(
            *key, reference, cell, Ending.INVALID if key in ruled else _ending(judges, panel)
        )
        for key, judges in sorted(found.items())
    ]


def _ending(judges: Mapping[str, Counter[str]], panel: frozenset[str]) -> Ending:
    told = sum((counts for judge, counts in judges.items() if judge in panel), Counter[str]())
    won, lost = told[Result.WIN], told[Result.LOSS]
    if not won + lost + told[Result.TIE]:
        return Ending.UNREADABLE
    return Ending.WON if won > lost else Ending.LOST if lost > won else Ending.EVEN


def drawn(every: Sequence[Comparison], most: int = MOST) -> list[Comparison]:
    """The first ``most``: one of each model, tool and ending, then a second of each, then a third.

    The same comparisons give the same ones in the same order, however they come.
    """
    groups: dict[tuple[Ending, str, str], list[Comparison]] = {}
    for each in every:
        groups.setdefault((each.ending, each.tool, each.candidate), []).append(each)
    order = list(Ending)
    ranked: list[tuple[int, int, str, Comparison]] = []
    for (ending, *_), mine in groups.items():
        mine.sort(key=lambda one: (digest(one.pull_request_id), one))
        for place, one in enumerate(mine[:MOST_OF_A_KIND]):
            ranked.append((place, order.index(ending), digest(one.pull_request_id), one))
    return [one for *_, one in sorted(ranked)[:most]]


def counted(every: Iterable[Comparison]) -> dict[tuple[str, str], Counter[Ending]]:
    """How many comparisons of each model and tool ended how."""
    found: dict[tuple[str, str], Counter[Ending]] = {}
    for each in every:
        found.setdefault((each.candidate, each.tool), Counter())[each.ending] += 1
    return found


def tasks(some: Iterable[Comparison]) -> Iterator[tuple[tuple[str, str, int], list[Comparison]]]:
    """By pull request, tool and part, in the order of their names."""
    found: dict[tuple[str, str, int], list[Comparison]] = {}
    for each in some:
        found.setdefault((each.pull_request_id, each.tool, each.part), []).append(each)
    yield from sorted(found.items())
