"""Records that may be on neither side: the reasons to drop them, one function each.

Takes records and their sides, gives Strays. Nothing here moves a record to the other side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pullsmith.records import Split
from pullsmith.split.light import Light
from pullsmith.split.sides import By, Sides
from pullsmith.study.split import SplitSettings


@dataclass(frozen=True, slots=True)
class Stray:
    """A record that is dropped, and why."""

    record_id: str
    reason: str
    detail: str

    @classmethod
    def of(cls, record: Light, reason: str, detail: str) -> Stray:
        """The stray of a record."""
        return cls(record.id, reason, detail)


_SHORTEST_NAME = 4  # shorter names of repositories are words of many paths


def misplaced_spots(records: Iterable[Light], sides: Sides) -> list[Stray]:
    """Spots of the held-out pool: they cannot be evaluated, and training on them would leak it."""
    return [
        Stray.of(record, "spot_held_out", "spots are for training only")
        for record in records
        if record.spot and sides.of[record.id] is Split.EVAL
    ]


def strayed_code(records: Sequence[Light], sides: Sides) -> list[Stray]:
    """Planted records whose code is of a repository that is on the other side as a whole.

    Spots apart: those that could stray are misplaced anyway. Where real ones are split by date, both
    sides know their code anyway.
    """
    if sides.by is By.DATE:
        return []
    home = _homes(records, sides)
    strayed = [
        record
        for record in records
        if not record.real and home.get(record.repository, record.pool) != record.pool
    ]
    return [
        Stray.of(record, "code_of_other_side", f"{record.repository} is not for {record.pool}")
        for record in strayed
        if not (record.spot and record.pool is Split.EVAL)
    ]


def vendored_copies(records: Sequence[Light], sides: Sides) -> list[Stray]:
    """Real records that change a vendored copy of a repository that is on the other side."""
    if sides.by is By.DATE:
        return []
    homes = {name.rpartition("/")[2].lower(): side for name, side in _homes(records, sides).items()}
    drops = []
    for record in records:
        copy = _copied_from(record, homes, sides.of[record.id]) if record.real else None
        if copy:
            drops.append(Stray.of(record, "code_of_other_side", f"{copy} is a vendored copy"))
    return drops


def too_old(records: Iterable[Light], sides: Sides, settings: SplitSettings) -> list[Stray]:
    """Held-out real records merged before eval_after, or nobody knows when; by date there are none."""
    after = settings.eval_after
    if after is None or sides.by is By.DATE:
        return []
    return [
        Stray.of(
            record,
            "before_eval_after",
            f"merged {record.merged_at or 'nobody knows when'}",
        )
        for record in records
        if record.real
        and sides.of[record.id] is Split.EVAL
        and record.merged_at[:10] < after.isoformat()
    ]


def near_evaluated(train: Iterable[Light], evaluated: Iterable[Light]) -> list[Stray]:
    """Training records that are near-duplicates of an evaluated one, whatever source they are of."""
    clusters = {record.cluster: record.id for record in evaluated if record.cluster}
    return [
        Stray.of(record, "near_duplicate_of_eval", f"of {clusters[record.cluster]}")
        for record in train
        if record.cluster in clusters
    ]


def _homes(records: Iterable[Light], sides: Sides) -> dict[str, Split]:
    real = [record for record in records if record.real]
    return {name: sides.of[r.id] for r in real for name in (r.repository, r.group)}


def _copied_from(record: Light, homes: Mapping[str, Split], side: Split) -> str | None:
    """The first vendored path that names a repository on the other side."""
    own = record.repository.rpartition("/")[2].lower()
    for path in record.vendored:
        for name in path.lower().split("/")[:-1]:
            known = len(name) >= _SHORTEST_NAME and name != own
            if known and homes.get(name, side) is not side:
                return path
    return None
