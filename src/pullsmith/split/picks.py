"""Which held-out pull requests are evaluated: those that together cover most.

Takes candidates, gives them in the order in which they would be picked. Each next one is the one
whose language, size, kind, repository, and the first three together, are furthest behind their due,
which is the root of how frequent they are: what is rare is picked more often than it occurs, and
does not crowd out what is common. A seeded draw by id decides between equals. Knows no side, and
nothing of what models answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import sqrt

from pullsmith.split.light import Light
from pullsmith.split.sides import draw

Feature = tuple[str, str]
Features = tuple[Feature, ...]


def in_order_of_coverage(candidates: Sequence[Light], seed: int) -> Iterator[Light]:
    """The candidates, each once; the first n of them are the n to evaluate."""
    alike: dict[Features, list[tuple[float, str]]] = {}
    for one in candidates:
        alike.setdefault(features(one), []).append((draw(seed, "eval", one.id), one.id))
    for some in alike.values():
        some.sort(reverse=True)
    by_id = {one.id: one for one in candidates}
    due = Counter(each for one in candidates for each in features(one))
    counts: Counter[Feature] = Counter()
    while alike:
        best = min(alike, key=lambda told: (-_gain(told, counts, due), alike[told][-1]))
        yield by_id[alike[best].pop()[1]]
        counts.update(best)
        if not alike[best]:
            del alike[best]


def features(one: Light) -> Features:
    """What coverage counts of a pull request."""
    return (
        ("language", one.language),
        ("size", one.size),
        ("kind", one.kind),
        ("repository", one.repository),
        ("all", f"{one.language}/{one.size}/{one.kind}"),
    )


def gauge(chosen: Sequence[Light]) -> dict[str, Counter[str]]:
    """How many have each language, size, kind and repository."""
    found: dict[str, Counter[str]] = {}
    for one in chosen:
        for name, value in features(one)[:-1]:
            found.setdefault(name, Counter())[value] += 1
    return found


def _gain(told: Features, counts: Counter[Feature], due: Counter[Feature]) -> float:
    return sum(sqrt(due[each]) / (1 + counts[each]) for each in told)
