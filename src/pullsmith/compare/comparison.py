"""What two studies say of the models that are in both: paired differences on the same prompts.

Takes two sides, gives a Comparison; rates and intervals are rank's own. Raises StudyError where
the eval sets are not the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pullsmith.compare.side import Side
from pullsmith.compare.unlike import unlikenesses
from pullsmith.errors import StudyError
from pullsmith.rank.grid import Field, fields
from pullsmith.rank.rates import ALL, Shares, Task
from pullsmith.rank.stage import drawn_by
from pullsmith.rank.tables import BETTER, Entrant, better_parts, paired_contrasts, ratings
from pullsmith.records import Contrast, Phase, Rating


class Part(BaseModel):
    """Base of what a comparison holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SideFacts(Part):
    """One side: what it is called, against whom it rates, how many prompts and pull requests."""

    path: str
    study: str
    reference: str
    judges: tuple[str, ...]
    pull_requests: int
    prompts: int


class BetterRate(Part):
    """How often better than the side's reference, on all its prompts; shares with 95 % bounds."""

    value: float | None
    low: float | None
    high: float | None


class PairedDifference(Part):
    """B minus A on the prompts both have a verdict on; ``resolved`` where the interval leaves out 0."""

    tool: str
    difference: float
    low: float
    high: float
    prompts: int
    pull_requests: int
    adjusted_p: float | None  # for all models of the comparison (Holm)
    detectable: float | None
    degenerate: bool
    resolved: bool


class ComparedModel(Part):
    """One model and phase; ``a`` or ``b`` is None where it is in the other study only.

    ``only_a`` and ``only_b`` are the prompts on which just one side has a readable verdict.
    """

    entrant: str
    a: BetterRate | None
    b: BetterRate | None
    differences: tuple[PairedDifference, ...] = ()
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()


class Comparison(Part):
    """Two studies side by side; ``unlike`` says in sentences what else differs than the models."""

    schema_version: Literal[1] = 1
    a: SideFacts
    b: SideFacts
    eval_set: str
    resamples: int
    unlike: tuple[str, ...]
    models: tuple[ComparedModel, ...]


def compare(a: Side, b: Side) -> Comparison:
    """Compare B with A; raises StudyError naming both digests where the eval sets differ."""
    _check(a, b)
    one, other = _references(a, b)
    return Comparison(
        a=_facts(a, one),
        b=_facts(b, other),
        eval_set=a.eval_digest,
        resamples=a.study.rank.resamples,
        unlike=tuple(unlikenesses((a, one), (b, other))),
        models=tuple(_models((a, one), (b, other))),
    )


def _check(a: Side, b: Side) -> None:
    """The same changes were shown in the same way wherever both sides have a task."""
    shared = a.eval_set.tasks.keys() & b.eval_set.tasks.keys()
    changed = [task for task in shared if a.eval_set.tasks[task] != b.eval_set.tasks[task]]
    if a.eval_digest == b.eval_digest and not changed:
        return
    raise StudyError(
        f"the eval sets differ: {a.path} has {len(a.eval_set.tasks)} prompts with the digest "
        f"{a.eval_digest}, {b.path} {len(b.eval_set.tasks)} with {b.eval_digest}; {len(shared)} are about "
        f"the same, and {len(changed)} of them are shown otherwise. Compare studies with the same "
        "sources, split, eval, render.tools and render budget"
    )


def _references(a: Side, b: Side) -> tuple[str, str]:
    """The first reference that both have, else the first of each."""
    there = {role.label for role in b.study.reference}
    shared = next((role.label for role in a.study.reference if role.label in there), None)
    return shared or a.study.reference[0].label, shared or b.study.reference[0].label


def _facts(side: Side, reference: str) -> SideFacts:
    return SideFacts(
        path=side.path,
        study=side.study.name,
        reference=reference,
        judges=tuple(sorted({verdict.judge for verdict in side.verdicts})),
        pull_requests=len(side.pull_requests),
        prompts=len(side.eval_set.tasks),
    )


_Against = tuple[Side, str]  # a side and the reference it is rated against


def _models(one: _Against, other: _Against) -> Iterator[ComparedModel]:
    rates = _rates(one), _rates(other)
    shares = _mine(one), _mine(other)
    paired = _paired(one[0], shares)
    for name in sorted(rates[0].keys() | rates[1].keys(), key=_order):
        mine, theirs = (_readable(each.get(name, {})) for each in shares)
        both = name in rates[0] and name in rates[1]
        yield ComparedModel(
            entrant=name,
            a=rates[0].get(name),
            b=rates[1].get(name),
            differences=tuple(paired.get(name, ())),
            only_a=tuple(_named(mine - theirs)) if both else (),
            only_b=tuple(_named(theirs - mine)) if both else (),
        )


def _order(name: str) -> tuple[str, bool]:
    """By model, after before before."""
    model, _, phase = name.rpartition("@")
    return model or phase, phase == Phase.BEFORE


def _mine(side: _Against) -> dict[str, Mapping[Task, Shares]]:
    """The shares of every entrant beside the reference, the mean over all judges."""
    return {
        entrant: by_task
        for (entrant, reference, judge), by_task in side[0].shares.items()
        if (reference, judge) == (side[1], ALL)
    }


def _rates(side: _Against) -> dict[str, BetterRate]:
    shares = {(name, side[1], ALL): by_task for name, by_task in _mine(side).items()}
    tasks = frozenset(task for by_task in shares.values() for task in by_task)
    grid = _grid(side[0], tasks)[:1]
    entrants = {name: Entrant(name, name, Phase.NONE) for name, _, _ in shares}
    return {rating.entrant: _rate(rating) for rating in ratings(shares, entrants, grid)}


def _grid(side: Side, tasks: Iterable[Task]) -> list[Field]:
    """All tools together first, then each; nothing where there are no tasks."""
    found = frozenset(tasks)
    return fields({ALL: found}, drawn_by(side.study, side.pull_requests)) if found else []


def _rate(rating: Rating) -> BetterRate:
    return BetterRate(value=rating.better_rate, low=rating.better_low, high=rating.better_high)


def _paired(
    side: Side,
    shares: tuple[Mapping[str, Mapping[Task, Shares]], Mapping[str, Mapping[Task, Shares]]],
) -> dict[str, list[PairedDifference]]:
    """B minus A of every model that both have, over all tools and for each."""
    mine, theirs = shares
    shared = sorted(mine.keys() & theirs.keys())
    parts = {}
    pairs = []
    for name in shared:
        pair = Entrant(f"b:{name}", name, Phase.NONE), Entrant(f"a:{name}", name, Phase.NONE)
        parts[pair[0]], parts[pair[1]] = better_parts(theirs[name]), better_parts(mine[name])
        pairs.append(pair)
    tasks = {task for name in shared for task in mine[name].keys() & theirs[name].keys()}
    found: dict[str, list[PairedDifference]] = {}
    for field in _grid(side, tasks):
        for contrast in paired_contrasts(BETTER, parts, pairs, field, ("", ALL)):
            name = contrast.entrant.removeprefix("b:")
            found.setdefault(name, []).append(_difference(contrast))
    return found


def _difference(contrast: Contrast) -> PairedDifference:
    low, high = contrast.low or 0.0, contrast.high or 0.0
    return PairedDifference(
        tool=contrast.tool,
        difference=contrast.difference or 0.0,
        low=low,
        high=high,
        prompts=contrast.prompts,
        pull_requests=contrast.pull_requests,
        adjusted_p=contrast.adjusted_p,
        detectable=contrast.detectable,
        degenerate=contrast.degenerate,
        resolved=low > 0 or high < 0,
    )


def _readable(by_task: Mapping[Task, Shares]) -> set[Task]:
    return {task for task, shares in by_task.items() if shares.better is not None}


def _named(tasks: Iterable[Task]) -> list[str]:
    """Tasks as people write them: pull request, tool and part, which no contract changes."""
    return [f"{pull}#{tool}/{part}" for pull, tool, part in sorted(tasks)]
