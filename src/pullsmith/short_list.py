"""Which held-out pull requests are evaluated: those that together cover most.

Takes candidates, gives them in the order in which they would be picked. Each next one is the one
whose language, size, kind, repository, and the first three together, are furthest behind their due,
which is the root of how frequent they are: what is rare is picked more often than it occurs, and
does not crowd out what is common. A seeded draw by id decides between equals. Planted and real ones
are chosen apart; of planted ones clean and defective keep their shares. Where people choose, the same
order makes their short-list. Knows no side, and nothing of what models answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import sqrt
from typing import Protocol, TypeVar

from pullsmith.records import Record, digest
from pullsmith.traits import CLEAN

SHORT_LIST_NAME = "short-list.parquet"
LISTED = 3  # times as many as are wanted
Feature = tuple[str, str]
Features = tuple[Feature, ...]


class Counted(Protocol):
    """What coverage counts of a pull request."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def planted(self) -> bool:
        """Whether its truth is known because we made it."""

    @property
    def defective(self) -> bool:
        """Whether it is planted with a defect."""

    @property
    def repository(self) -> str:
        """Whose change it is."""

    @property
    def language(self) -> str:
        """As traits say."""

    @property
    def size(self) -> str:
        """As traits say."""

    @property
    def kind(self) -> str:
        """As traits say."""

    @property
    def title(self) -> str:
        """What its author calls it."""


C = TypeVar("C", bound=Counted)


class Listed(Record):
    """One candidate of the short-list; ``of`` is what a decision on it names."""

    id: str
    rank: int  # from 1, in the order of coverage, planted and real ones apart
    of: str
    planted: bool
    repository: str
    language: str
    size: str
    kind: str
    title: str

    @property
    def defective(self) -> bool:
        """Whether it is planted with a defect, by its kind."""
        return self.planted and self.kind != CLEAN


def choose(candidates: Sequence[C], wanted: int, seed: int) -> list[C]:
    """At most ``wanted`` planted and ``wanted`` real ones, in the order of the candidates."""
    chosen = {r.id for pool in _pools(candidates) for r in _first(pool, wanted, seed)}
    return [record for record in candidates if record.id in chosen]


def short_list(
    candidates: Sequence[Counted], wanted: int, seed: int, *, digests: Mapping[str, str]
) -> list[Listed]:
    """LISTED times as many as wanted, of planted and of real ones, in the order of coverage."""
    return [
        Listed(
            id=record.id,
            rank=rank,
            of=digests[record.id],
            planted=record.planted,
            repository=record.repository,
            language=record.language,
            size=record.size,
            kind=record.kind,
            title=record.title,
        )
        for pool in _pools(candidates)
        for rank, record in enumerate(_first(pool, LISTED * wanted, seed), 1)
    ]


def _pools(candidates: Sequence[C]) -> list[list[C]]:
    return [[r for r in candidates if r.planted is planted] for planted in (True, False)]


def _first(candidates: Sequence[C], wanted: int, seed: int) -> list[C]:
    if len(candidates) <= wanted:
        return list(in_order_of_coverage(candidates, seed))
    defective = [record for record in candidates if record.defective]
    clean = [record for record in candidates if not record.defective]
    count = round(wanted * len(defective) / len(candidates))
    return [
        *islice(in_order_of_coverage(defective, seed), count),
        *islice(in_order_of_coverage(clean, seed), wanted - count),
    ]


def in_order_of_coverage(candidates: Sequence[C], seed: int) -> Iterator[C]:
    """The candidates, each once; the first n of them are the n to evaluate."""
    alike: dict[Features, list[tuple[str, str]]] = {}
    for one in candidates:
        alike.setdefault(features(one), []).append((digest([seed, "eval", one.id]), one.id))
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


def features(one: Counted) -> Features:
    """What coverage counts of a pull request."""
    return (
        ("language", one.language),
        ("size", one.size),
        ("kind", one.kind),
        ("repository", one.repository),
        ("all", f"{one.language}/{one.size}/{one.kind}"),
    )


def gauge(chosen: Sequence[Counted]) -> dict[str, Counter[str]]:
    """How many have each language, size, kind and repository."""
    found: dict[str, Counter[str]] = {}
    for one in chosen:
        for name, value in features(one)[:-1]:
            found.setdefault(name, Counter())[value] += 1
    return found


def _gain(told: Features, counts: Counter[Feature], due: Counter[Feature]) -> float:
    return sum(sqrt(due[each]) / (1 + counts[each]) for each in told)
