"""Quotas, a seeded draw, and a choice of what is far from each other.

Takes what each pull request is like, and a draw for each that depends on the seed and its id alone;
gives who is left out. The order of the input never matters. Knows no records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pullsmith.study.select import SelectSettings

STRATUM_MOST = 20_000  # of more, k-centre looks at those with the lowest draws
Features = npt.NDArray[np.float32]


def quotas_of(settings: SelectSettings) -> dict[str, int]:
    """How many of one value, by property, where there is a limit."""
    limits = {
        "repository": settings.max_per_repository,
        "language": settings.max_per_language,
        "kind": settings.max_per_kind,
        "size": settings.max_per_size,
    }
    return {name: most for name, most in limits.items() if most is not None}


def over_quota(
    strata: Mapping[str, Sequence[str]], quotas: Mapping[str, int], draws: Sequence[str]
) -> dict[int, str]:
    """Who finds a quota full, the lowest draws coming first, and which one it was.

    ``strata`` says by property ("language", …) what each has; ``quotas`` how many of each value.
    """
    taken: dict[str, Counter[str]] = {name: Counter() for name in quotas}
    over: dict[int, str] = {}
    for one in sorted(range(len(draws)), key=draws.__getitem__):
        full = [n for n, most in quotas.items() if taken[n][strata[n][one]] >= most]
        if full:
            over[one] = f"{full[0]} {strata[full[0]][one]}: {quotas[full[0]]} are there"
            continue
        for name in quotas:
            taken[name][strata[name][one]] += 1
    return over


def drawn(draws: Sequence[str], wanted: int) -> set[int]:
    """The ``wanted`` lowest draws; all where there are no more."""
    return set(sorted(range(len(draws)), key=draws.__getitem__)[:wanted])


def diverse(
    features: Features, strata: Sequence[str], draws: Sequence[str], wanted: int
) -> set[int]:
    """``wanted`` of them: of each stratum its share, and in it those far from each other."""
    scaled = _scaled(features)
    members: dict[str, list[int]] = {}
    for one in sorted(range(len(draws)), key=draws.__getitem__):
        members.setdefault(strata[one], []).append(one)
    shares = _shares({name: len(some) for name, some in members.items()}, wanted)
    chosen: set[int] = set()
    for name, some in members.items():
        looked_at = some[: max(STRATUM_MOST, shares[name])]
        chosen.update(looked_at[at] for at in k_centre(scaled[looked_at], shares[name]))
    return chosen


def k_centre(points: Features, wanted: int) -> list[int]:
    """The first point, then always the one that is farthest from all that were taken."""
    if not wanted:
        return []
    taken, distance = [0], ((points - points[0]) ** 2).sum(axis=1)
    while len(taken) < min(wanted, len(points)):
        distance[taken[-1]] = -1  # even where all others are equal to it, it is not taken twice
        taken.append(int(distance.argmax()))
        distance = np.minimum(distance, ((points - points[taken[-1]]) ** 2).sum(axis=1))
    return taken


def _shares(sizes: Mapping[str, int], wanted: int) -> dict[str, int]:
    """How many of each stratum: in proportion, what is left to the largest remainders."""
    total = sum(sizes.values())
    if wanted >= total:
        return dict(sizes)
    exact = {name: size * wanted / total for name, size in sizes.items()}
    shares = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(sizes, key=lambda name: (shares[name] - exact[name], name))
    for name in by_remainder[: wanted - sum(shares.values())]:
        shares[name] += 1
    return shares


def _scaled(features: Features) -> Features:
    """Every feature with mean 0 and deviation 1; one that never varies counts for nothing."""
    spread = features.std(axis=0)
    scaled: Features = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return scaled
