"""Choosing among all pull requests that passed the rules: what only all of them together can say.

Takes looks, gives for each that goes its reason, for each cluster of near-duplicates who is in it,
and counts step by step. Knows neither files nor texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pullsmith.records import digest
from pullsmith.select.duplicates import same_content
from pullsmith.select.looks import Looks
from pullsmith.select.near import near_duplicates
from pullsmith.select.quotas import diverse, drawn, over_quota, quotas_of
from pullsmith.study.select import Choosing, NearDuplicates, SelectSettings
from pullsmith.tally import StepTally


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one is not chosen: the drop's reason and detail."""

    code: str
    detail: str


@dataclass(frozen=True)
class Choice:
    """By id: why each that goes does, and the cluster of each that is like another."""

    reasons: Mapping[str, Reason]
    clusters: Mapping[str, str]
    steps: tuple[StepTally, ...]


def choose(looks: Looks, settings: SelectSettings, *, seed: int) -> Choice:
    """Every step that needs all pull requests, one after the other, each among what is left."""
    choosing = _Choosing(looks, settings, seed)
    for name, step in (
        ("exact_duplicate", choosing.exact_duplicates),
        ("near_duplicate", choosing.near_duplicates),
        ("quotas", choosing.quotas),
        ("most", choosing.most),
    ):
        choosing.take(name, step)
    return choosing.choice()


@dataclass
class _Choosing:
    """What is left while the steps go by; everything by number."""

    looks: Looks
    settings: SelectSettings
    seed: int
    left: list[int] = field(init=False)
    ids: list[str] = field(init=False)
    reasons: dict[int, Reason] = field(default_factory=dict)
    clusters: dict[int, int] = field(default_factory=dict)
    steps: list[StepTally] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = [str(name) for name in self.looks.column("id")]
        self.left = list(range(len(self.ids)))

    def take(self, name: str, step: Callable[[], Mapping[int, Reason]]) -> None:
        """Let one step say who goes, and count."""
        gone, before = step(), len(self.left)
        self.reasons.update(gone)
        self.left = [one for one in self.left if one not in gone]
        dropped: dict[str, int] = {}
        for reason in gone.values():
            dropped[reason.code] = dropped.get(reason.code, 0) + 1
        self.steps.append(
            StepTally(
                name=name, records_in=before, records_out=len(self.left),
                dropped=dict(sorted(dropped.items())),
            )
        )  # fmt: skip

    def choice(self) -> Choice:
        """All by id."""
        return Choice(
            {self.ids[one]: reason for one, reason in self.reasons.items()},
            {self.ids[one]: self.ids[first] for one, first in self.clusters.items()},
            tuple(self.steps),
        )

    def exact_duplicates(self) -> Mapping[int, Reason]:
        """Copies of the same lines in the same files."""
        if not self.settings.exact_duplicates:
            return {}
        copies = same_content([str(one) for one in self.looks.column("content")])
        self.clusters.update(
            {one: kept for pair in copies.items() for one, kept in (pair, (pair[1],) * 2)}
        )
        return {
            one: Reason("exact_duplicate", f"of {self.ids[kept]}") for one, kept in copies.items()
        }

    def near_duplicates(self) -> Mapping[int, Reason]:
        """Those whose added code is nearly that of one that stays; planted ones are only marked."""
        settings = self.settings
        if settings.near_duplicates is NearDuplicates.OFF:
            return {}
        marked = settings.near_duplicates is NearDuplicates.MARK
        stays = [marked or bool(planted) for planted in self.looks.column("planted")]
        near = near_duplicates(
            self.looks.sketches(self.left, stays=stays),
            similarity=settings.near_duplicate_similarity,
            least_runs=settings.near_duplicate_min_runs,
        )
        self._join({self.left[a]: self.left[b] for a, b in near.clusters().items()})
        return {
            self.left[copy]: Reason(
                "near_duplicate", f"of {self.ids[self.left[kept]]} ({much:.2f})"
            )
            for copy, (kept, much) in near.copies.items()
        }

    def quotas(self) -> Mapping[int, Reason]:
        """Real ones beyond a limit on their repository, language, kind or size."""
        real, quotas = self._real(), quotas_of(self.settings)
        strata = {name: self._column(name, real) for name in quotas}
        over = over_quota(strata, quotas, self._draws(real)) if quotas else {}
        return {real[one]: Reason("over_quota", why) for one, why in over.items()}

    def most(self) -> Mapping[int, Reason]:
        """Real ones beyond max_pull_requests."""
        real, most = self._real(), self.settings.max_pull_requests
        if most is None or len(real) <= most:
            return {}
        chosen = self._chosen(real, most)
        detail = f"{len(real)} are left, {most} wanted ({self.settings.choose})"
        return {
            one: Reason("not_chosen", detail) for at, one in enumerate(real) if at not in chosen
        }

    def _chosen(self, real: Sequence[int], most: int) -> set[int]:
        draws = self._draws(real)
        if self.settings.choose is Choosing.SEED:
            return drawn(draws, most)
        names = zip(self._column("language", real), self._column("size", real), strict=True)
        return diverse(self.looks.features(real), [" ".join(one) for one in names], draws, most)

    def _real(self) -> list[int]:
        planted = self.looks.column("planted")
        return [one for one in self.left if not planted[one]]

    def _column(self, name: str, chosen: Sequence[int]) -> list[str]:
        values = self.looks.column(name)
        return [str(values[one]) for one in chosen]

    def _draws(self, chosen: Sequence[int]) -> list[str]:
        """A draw for each, which no other record changes."""
        return [digest([self.seed, "select", self.ids[one]]) for one in chosen]

    def _join(self, clusters: Mapping[int, int]) -> None:
        """Copies go into the cluster of what they are the copy of."""
        moved = {one: clusters.get(kept, kept) for one, kept in self.clusters.items()}
        self.clusters = {**moved, **clusters}
