"""Records that may be on neither side: the reasons to drop them, one function each.

Takes records and their sides, gives Drops. Nothing here moves a record to the other side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pullsmith.records import Drop, PullRequest, Split, drop
from pullsmith.split.overlap import Evaluated, overlap
from pullsmith.split.sides import By, Sides, is_real
from pullsmith.study.split import SplitSettings

_SHORTEST_NAME = 4  # shorter names of repositories are words of many paths


def misplaced_spots(records: Iterable[PullRequest], sides: Sides) -> list[Drop]:
    """Spots of the held-out pool: they cannot be evaluated, and training on them would leak it."""
    return [
        drop("split", record, "spot_held_out", "spots are for training only")
        for record in records
        if "spot" in record.flags and sides.of[record.id] is Split.EVAL
    ]


def strayed_code(records: Sequence[PullRequest], sides: Sides) -> list[Drop]:
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
        if not is_real(record) and home.get(record.repository, record.pool) != record.pool
    ]
    return [
        drop("split", record, "code_of_other_side", f"{record.repository} is not for {record.pool}")
        for record in strayed
        if not ("spot" in record.flags and record.pool is Split.EVAL)
    ]


def vendored_copies(records: Sequence[PullRequest], sides: Sides) -> list[Drop]:
    """Real records that change a vendored copy of a repository that is on the other side."""
    if sides.by is By.DATE:
        return []
    homes = {name.rpartition("/")[2].lower(): side for name, side in _homes(records, sides).items()}
    drops = []
    for record in records:
        copy = _copied_from(record, homes, sides.of[record.id]) if is_real(record) else None
        if copy:
            drops.append(drop("split", record, "code_of_other_side", f"{copy} is a vendored copy"))
    return drops


def too_old(records: Iterable[PullRequest], sides: Sides, settings: SplitSettings) -> list[Drop]:
    """Held-out real records merged before eval_after, or nobody knows when; by date there are none."""
    after = settings.eval_after
    if after is None or sides.by is By.DATE:
        return []
    return [
        drop(
            "split",
            record,
            "before_eval_after",
            f"merged {record.merged_at or 'nobody knows when'}",
        )
        for record in records
        if is_real(record)
        and sides.of[record.id] is Split.EVAL
        and record.merged_at[:10] < after.isoformat()
    ]


def near_evaluated(train: Iterable[PullRequest], evaluated: Iterable[PullRequest]) -> list[Drop]:
    """Training records that are near-duplicates of an evaluated one, whatever source they are of."""
    clusters = {record.cluster: record.id for record in evaluated if record.cluster}
    return [
        drop("split", record, "near_duplicate_of_eval", f"of {clusters[record.cluster]}")
        for record in train
        if record.cluster in clusters
    ]


def overlapping(train: Iterable[PullRequest], against: Mapping[str, Evaluated]) -> list[Drop]:
    """Training records that share words in a row with what is evaluated, by the reason to give."""
    drops = []
    for record in train:
        for reason, evaluated in against.items():
            if detail := overlap(record, evaluated):
                drops.append(drop("split", record, reason, detail))
                break
    return drops


def _homes(records: Iterable[PullRequest], sides: Sides) -> dict[str, Split]:
    real = [record for record in records if is_real(record)]
    return {name: sides.of[r.id] for r in real for name in (r.repository, r.group)}


def _copied_from(record: PullRequest, homes: Mapping[str, Split], side: Split) -> str | None:
    """The first vendored path that names a repository on the other side."""
    own = record.repository.rpartition("/")[2].lower()
    for file in record.files:
        if "vendored" in file.flags:
            for name in file.path.lower().split("/")[:-1]:
                known = len(name) >= _SHORTEST_NAME and name != own
                if known and homes.get(name, side) is not side:
                    return file.path
    return None
