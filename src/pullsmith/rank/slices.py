"""Slices of the evaluation set: parts of it that a rate is told for by itself.

Takes pull requests, prompts' sizes and models' training cut-offs; gives names and the tasks in
them. ``all``, ``planted`` and ``real`` are always there; ``language:…``, ``size:…``, ``kind:…``,
``prompt:…``, ``newer:MODEL`` and ``older:MODEL`` where they hold FEWEST pull requests and not all.
Planted pull requests are also told apart by defect and language, for what no judge decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pullsmith.models.cutoffs import is_newer
from pullsmith.rank.rates import ALL, Task
from pullsmith.records import PullRequest
from pullsmith.scoring import CLAIM_TOOLS
from pullsmith.traits import kind_of, language_of, size_of

PLANTED = "planted"
MAIN = (ALL, PLANTED, "real")
PARTS = f"{PLANTED}:"  # how the names of parts of the planted ones start
FEWEST = 10  # pull requests: fewer give an interval that says nothing
PROMPT_SIZES = ((1_000, "up to 1,000 tokens"), (4_000, "up to 4,000"))
LONGEST = "more"
_MOST = {name: most for most, name in PROMPT_SIZES}


@dataclass(frozen=True)
class Sliced:
    """What slices are made from: pull requests by id, tokens of the diff by task, cut-offs by model."""

    pull_requests: Mapping[str, PullRequest]
    diff_tokens: Mapping[Task, int] = field(default_factory=dict)
    cutoffs: Mapping[str, str] = field(default_factory=dict)


def slices(tasks: Iterable[Task], sliced: Sliced) -> dict[str, frozenset[Task]]:
    """The tasks of every slice, main ones first; a slice without tasks is not there."""
    found: dict[str, set[Task]] = defaultdict(set)
    known = sorted(set(tasks))
    names = {
        request: tuple(_of_request(sliced.pull_requests[request], sliced.cutoffs))
        for request in {task[0] for task in known}
    }
    for task in known:
        for name in (*names[task[0]], *_of_prompt(task, sliced.diff_tokens)):
            found[name].add(task)
    everyone = len(names)
    kept = {
        name: frozenset(mine)
        for name, mine in sorted(found.items())
        if name in MAIN or FEWEST <= len({task[0] for task in mine}) < everyone
    }
    main = {name: kept.pop(name) for name in MAIN if name in kept}
    return main | kept


def prompt_words(name: str) -> str:
    """The sizes of a slice of prompts in words, as "more than 4,000 tokens"."""
    size = name.removeprefix("prompt:")
    if size == LONGEST:
        return f"more than {PROMPT_SIZES[-1][0]:,} tokens"
    most = _MOST[size]
    lower = [other for other, _ in PROMPT_SIZES if other < most]
    return f"{lower[-1]:,} to {most:,} tokens" if lower else size


def planted_slices(
    tasks: Iterable[Task], pull_requests: Mapping[str, PullRequest]
) -> dict[str, frozenset[Task]]:
    """``planted:kind:DEFECT`` and, where there are several, ``planted:language:NAME``.

    However few: what was found of three defects is told as that, with an interval that says how little
    it is.
    """
    found: dict[str, set[Task]] = defaultdict(set)
    languages: dict[str, set[Task]] = defaultdict(set)
    for task in tasks:
        request = pull_requests[task[0]]
        if not request.planted or task[1] not in CLAIM_TOOLS:
            continue
        if request.defect is not None:
            found[f"{PARTS}kind:{request.defect.kind}"].add(task)
        languages[f"{PARTS}language:{language_of(request)}"].add(task)
    found |= languages if len(languages) > 1 else {}
    return {name: frozenset(found[name]) for name in sorted(found)}


def _of_request(request: PullRequest, cutoffs: Mapping[str, str]) -> Iterator[str]:
    yield ALL
    yield PLANTED if request.planted else "real"
    yield f"language:{language_of(request)}"
    yield f"size:{size_of(request)}"
    yield f"kind:{kind_of(request)}"
    for model, cutoff in cutoffs.items():
        newer = is_newer(request.merged_at, cutoff)
        if newer is not None and not request.planted:
            yield f"newer:{model}" if newer else f"older:{model}"


def _of_prompt(task: Task, diff_tokens: Mapping[Task, int]) -> Iterator[str]:
    if task in diff_tokens:
        size = diff_tokens[task]
        yield "prompt:" + next((name for most, name in PROMPT_SIZES if size <= most), LONGEST)
