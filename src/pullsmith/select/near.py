"""Near-duplicates: pull requests whose added code is nearly the same, and which of them stays.

Takes sketches in the order of who stays before whom, gives for each that goes the one that it is a
copy of, and clusters. Signatures only propose; the sets of runs themselves decide, so no pair is
merged on an estimate. Knows no records. The same input in another order gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pullsmith.select.shingles import BANDS, PERMUTATIONS, ROWS, Set

# How far below the wanted similarity an estimate may be: four standard deviations at .8.
_MARGIN = 4 * (0.8 * 0.2 / PERMUTATIONS) ** 0.5


@dataclass(frozen=True)
class Sketches:
    """What is known of the added code of each pull request, the one to be kept rather first."""

    signatures: npt.NDArray[np.uint32]
    set_of: Callable[[int], Set]  # the sorted runs of one of them
    sizes: npt.NDArray[np.int64]  # how many runs each has
    stays: npt.NDArray[np.bool_]  # whether it is kept whatever it is like


@dataclass
class Near:
    """``copies``: number of one that goes -> (number of the one it is like, how much)."""

    copies: dict[int, tuple[int, float]] = field(default_factory=dict)
    _above: dict[int, int] = field(default_factory=dict)  # union-find: the way to the first

    def join(self, one: int, other: int) -> None:
        """Put both in one cluster, named by its first member."""
        first, second = sorted((self.first(one), self.first(other)))
        self._above[second] = first
        self._above.setdefault(first, first)

    def first(self, one: int) -> int:
        """The first member of its cluster; itself where it has none."""
        while (above := self._above.get(one, one)) != one:
            self._above[one] = one = self._above.get(above, above)
        return one

    def clusters(self) -> dict[int, int]:
        """The first member of the cluster of each that has one."""
        return {one: self.first(one) for one in self._above}


def near_duplicates(sketches: Sketches, *, similarity: float, least_runs: int) -> Near:
    """Who is like somebody that stays, by ``similarity`` (Jaccard) or more.

    Those that stay are never like each other, but for the ones that stay whatever they are like.
    Fewer than ``least_runs`` runs are like nothing: short changes are alike by chance.
    """
    near, seen = Near(), _Seen(sketches.signatures, sketches.sizes >= least_runs)
    floor = int(max(similarity - _MARGIN, 0) * PERMUTATIONS)
    for one in seen.in_company():
        found = list(_like(one, seen.before(one, floor), sketches, similarity))
        for other, _much in found:
            near.join(other, one)
        if found and not sketches.stays[one]:
            near.copies[one] = found[0]
        else:
            seen.keep(one)
    return near


def _like(
    one: int, others: Sequence[int], sketches: Sketches, similarity: float
) -> Iterator[tuple[int, float]]:
    mine = sketches.set_of(one)
    for other in others:
        sizes = sorted((len(mine), int(sketches.sizes[other])))
        if sizes[0] >= similarity * sizes[1]:  # else no overlap could be enough
            much = jaccard(mine, sketches.set_of(other))
            if much >= similarity:
                yield other, much


def jaccard(one: Set, other: Set) -> float:
    """What two sorted sets have in common, of all that is in either; 0 for two empty ones."""
    both = np.sort(np.concatenate([one, other]), kind="stable")
    common = int(np.count_nonzero(both[1:] == both[:-1]))
    return common / (len(both) - common) if len(both) else 0.0


class _Seen:
    """Those that were kept so far, by what their signatures have in each band."""

    def __init__(self, signatures: npt.NDArray[np.uint32], counts: npt.NDArray[np.bool_]) -> None:
        self.signatures = signatures
        self.places = _places(signatures, counts)
        self.kept: dict[int, list[int]] = {}

    def in_company(self) -> list[int]:
        """Those that share a band with anybody, in order."""
        company: list[int] = np.flatnonzero((self.places >= 0).any(axis=0)).tolist()
        return company

    def before(self, one: int, floor: int) -> list[int]:
        """Who was kept and has at least ``floor`` numbers of the signature in common, in order."""
        lists = [self.kept.get(place, []) for place in self._of(one)]
        others = np.array(sorted({other for each in lists for other in each}), dtype=np.int64)
        if not len(others):
            return []
        common = (self.signatures[others] == self.signatures[one]).sum(axis=1)
        found: list[int] = others[common >= floor].tolist()
        return found

    def keep(self, one: int) -> None:
        """Let those that come later meet it."""
        for place in self._of(one):
            self.kept.setdefault(place, []).append(one)

    def _of(self, one: int) -> list[int]:
        places: list[int] = self.places[:, one].tolist()
        return [place for place in places if place >= 0]


def _places(
    signatures: npt.NDArray[np.uint32], counts: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """For each band and pull request a number that only equals share; -1 for whoever is alone."""
    total = len(signatures)
    places = np.full((BANDS, total), -1, dtype=np.int64)
    asked = np.flatnonzero(counts)
    odd = np.random.Generator(np.random.PCG64(1)).integers(0, 1 << 64, ROWS, dtype=np.uint64) | 1
    for band in range(BANDS):
        rows = signatures[asked, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
        keys = (rows * odd).sum(axis=1, dtype=np.uint64)  # a chance equal costs a comparison
        _, number, often = np.unique(keys, return_inverse=True, return_counts=True)
        places[band, asked] = np.where(often[number] > 1, band * total + number, -1)
    return places
