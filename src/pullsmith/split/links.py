"""What belongs together: records that share a name are linked, and so is whatever they are linked to.

Takes records and the names each goes by (its repository, its near-duplicates), gives the set each
belongs to. Knows no side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pullsmith.split.light import Light

_LAST = "\U0010ffff"  # sorts behind all else, so that a set is called by a repository or a time
Names = Callable[[Light], Iterable[str]]


def linked(records: Iterable[Light], names: Names) -> dict[str, str]:
    """The set of every record, by its id; a set is called by the smallest name in it.

    Raises ValueError for a record without a name.
    """
    parents: dict[str, str] = {}
    first: dict[str, str] = {}
    for record in records:
        one, *others = names(record)
        first[record.id] = one
        for other in (one, *others):
            _join(parents, one, other)
    return {name: _root(parents, one) for name, one in first.items()}


def by_group(record: Light) -> list[str]:
    """Its repository, those that hold the same commit, and those that hold a near-duplicate of it."""
    commit = [f"{_LAST}{record.merge_sha}"] if record.merge_sha else []
    return [record.group, record.repository, *commit, *_cluster(record)]


def by_change(record: Light) -> list[str]:
    """The change itself, with a defect planted on it or not, and its near-duplicates.

    Names of changes are in the order of time.
    """
    change = " ".join(
        [record.merged_at, f"{record.number or 0:020}", record.merge_sha or record.id]
    )
    return [change, *_cluster(record)]


def _cluster(record: Light) -> list[str]:
    return [f"{_LAST}cluster {record.cluster}"] if record.cluster else []


def _join(parents: dict[str, str], one: str, other: str) -> None:
    small, large = sorted((_root(parents, one), _root(parents, other)))
    parents[large] = small


def _root(parents: dict[str, str], name: str) -> str:
    parent = parents.setdefault(name, name)
    while parent != name:
        # Halving the way as we go keeps long chains short.
        parents[name] = parents[parent]
        name, parent = parent, parents[parent]
    return name
