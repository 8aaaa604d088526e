"""Which students are compared with which: every claim of a fine-tuning study, as two groups.

Takes what is known of the students, gives comparisons; knows no verdict. A student without a fact
is in no group that needs it, a claim without two groups is not there. Of a grid's cells only those
that learnt from all data are models to compare, one of each start; the others are its ablations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from pullsmith.models.vendors import is_big_vendor
from pullsmith.rank.rates import ALL
from pullsmith.rank.slices import prompt_words
from pullsmith.records import Claim, Phase, entrant_name
from pullsmith.study.facts import ALL_DATA, LARGE_BILLIONS, StudentFacts, models_of

Facts = Sequence[StudentFacts]


@dataclass(frozen=True)
class Comparison:
    """Entrants against entrants. ``slices`` are the parts of the evaluation set on either side."""

    claim: Claim
    left: tuple[str, ...]
    right: tuple[str, ...]
    paired: bool  # whether both sides are the same models, in the same order
    subject: str = ALL
    threshold: str = ""
    tool: str = ALL
    slices: tuple[str, str] = (ALL, ALL)


def comparisons(
    facts: Facts, tools: Sequence[str], lengths: tuple[str, str] | None
) -> list[Comparison]:
    """Every comparison these students allow.

    ``tools`` are those claims of instruct against base and of tool subsets are told for;
    ``lengths`` are the slices of the longest and the shortest prompts, where there are both.
    """
    models = models_of(facts)
    found = [*_fine_tuning(facts, models), *_kinds(models), *_instruct(models, tools)]
    found += [*_methods(facts), *_ablations(facts, tools)]
    if lengths and models:
        after = _after(models)
        words = " against ".join(map(prompt_words, lengths))
        found.append(Comparison(Claim.LONG, after, after, True, threshold=words, slices=lengths))
    return found


def _fine_tuning(facts: Facts, models: Facts) -> Iterator[Comparison]:
    for one in facts:
        sides = _after([one]), _before([one])
        yield Comparison(Claim.FINE_TUNING, *sides, True, subject=one.label)
    if len(models) > 1:
        yield Comparison(Claim.FINE_TUNING_MEAN, _after(models), _before(models), True)


def _kinds(models: Facts) -> Iterator[Comparison]:
    """Groups that different models stand in; None is said of a model that is in neither."""
    middle = _middle([month for month in map(_month, models) if month])
    kinds: list[tuple[Claim, str, Callable[[StudentFacts], bool | None]]] = [
        (Claim.CODE, "", lambda one: one.model_class == "code" if one.model_class else None),
        (Claim.NEWER, middle, lambda one: _month(one) >= middle if _month(one) else None),
        (Claim.BIG_VENDOR, "", lambda one: is_big_vendor(one.vendor) if one.vendor else None),
        (Claim.LARGE, f"{LARGE_BILLIONS:g}", lambda one: one.large),
    ]
    for claim, threshold, of in kinds:
        left = [one for one in models if of(one) is True]
        right = [one for one in models if of(one) is False]
        if left and right:
            sides = _after(left), _after(right)
            yield Comparison(claim, *sides, False, threshold=threshold)


def _month(one: StudentFacts) -> str:
    """The month it came out; empty where that is not known to the month."""
    return (one.released or "")[:7] if len(one.released or "") >= 7 else ""


def _middle(months: Sequence[str]) -> str:
    """The month from which on a model is a newer one: halves as even as can be; empty for one month."""
    later = sorted(set(months))[1:]
    return min(
        later, default="", key=lambda month: abs(2 * sum(m >= month for m in months) - len(months))
    )


def _instruct(models: Facts, tools: Sequence[str]) -> Iterator[Comparison]:
    """Pairs of one model in both variants; where there is none, all of a kind against all."""
    pairs = [
        (one, other)
        for one in models
        for other in models
        if (one.variant, other.variant) == ("instruct", "base") and _twins(one, other)
    ]
    for tool in (ALL, *tools):
        if pairs:
            sides = _after([one for one, _ in pairs]), _after([other for _, other in pairs])
            yield Comparison(Claim.INSTRUCT, *sides, True, subject=tool, tool=tool)
            continue
        left = [one for one in models if one.variant == "instruct"]
        right = [one for one in models if one.variant == "base"]
        if left and right:
            sides = _after(left), _after(right)
            yield Comparison(Claim.INSTRUCT, *sides, False, subject=tool, tool=tool)


def _twins(one: StudentFacts, other: StudentFacts) -> bool:
    """Whether two variants are of one model: of one entry, or alike in maker, family and size."""
    if one.entry and one.entry == other.entry:
        return True
    facts = [(each.vendor, each.family, each.size_billions) for each in (one, other)]
    return facts[0] == facts[1] and None not in facts[0]


def _methods(facts: Facts) -> Iterator[Comparison]:
    """Every two ways of training the same starts on all data."""
    by_start: dict[tuple[str, str | None], dict[str, StudentFacts]] = defaultdict(dict)
    for one in facts:
        if one.data == ALL_DATA:
            by_start[one.start][one.method] = one
    methods = sorted({method for cells in by_start.values() for method in cells})
    for left, right in combinations(methods, 2):
        pairs = [cells for cells in by_start.values() if {left, right} <= cells.keys()]
        if pairs:
            sides = _after([c[left] for c in pairs]), _after([c[right] for c in pairs])
            yield Comparison(Claim.METHOD, *sides, True, subject=f"{left} against {right}")


def _ablations(facts: Facts, tools: Sequence[str]) -> Iterator[Comparison]:
    """All data minus each part or kind of it, the rest of the cell the same."""
    by_cell: dict[tuple[str, str | None, str], dict[str, StudentFacts]] = defaultdict(dict)
    for one in facts:
        by_cell[*one.start, one.method][one.data] = one
    names = dict.fromkeys(name for cells in by_cell.values() for name in cells)
    for name in names:
        pairs = [cells for cells in by_cell.values() if {ALL_DATA, name} <= cells.keys()]
        if name == ALL_DATA or not pairs:
            continue
        sides = _after([c[ALL_DATA] for c in pairs]), _after([c[name] for c in pairs])
        for tool in (ALL, *_trained(name, tools)):
            yield Comparison(Claim.DATA, *sides, True, subject=name, tool=tool)


def _trained(data: str, tools: Sequence[str]) -> list[str]:
    """The tools of a subset: there it is told for each by itself as well."""
    kind, _, names = data.partition(":")
    return [tool for tool in tools if kind == "tools" and tool in names.split("+")]


def _after(facts: Facts) -> tuple[str, ...]:
    return tuple(entrant_name(one.label, Phase.AFTER) for one in facts)


def _before(facts: Facts) -> tuple[str, ...]:
    return tuple(entrant_name(one.label, Phase.BEFORE) for one in facts)
