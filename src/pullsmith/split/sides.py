"""Train or eval: the side of every pull request, by group and never by row.

Takes records and, where a split is frozen already, its manifest; gives sides. Planted pull requests
go where their pool says, because words and templates are divided too; real ones by repository, or
by date where there is only one, and with them those that a defect was planted on. Forks share a
group, and near-duplicates tie their repositories together. Drops nothing, chooses no examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from pullsmith.errors import SourceError
from pullsmith.records import Split, SplitManifest, digest
from pullsmith.split.light import Light
from pullsmith.split.links import by_change, by_group, linked
from pullsmith.study.split import SplitSettings


class By(StrEnum):
    """How real pull requests are divided."""

    REPOSITORY = "repository"
    DATE = "date"


@dataclass(frozen=True)
class Sides:
    """The side of every record by its id, and how the real ones were divided.

    ``eval_from`` names the oldest change that is held out, where they were divided by date.
    """

    by: By
    of: Mapping[str, Split]
    eval_from: str = ""


def assign_sides(
    records: Sequence[Light],
    settings: SplitSettings,
    *,
    seed: int,
    frozen: SplitManifest | None = None,
    copies: Sequence[Light] = (),
) -> Sides:
    """The side of every record; what ``frozen`` has decided stays.

    ``copies`` have no side: they were dropped as duplicates, but by the commits in them a fork is
    known. Raises SourceError for a planted record without a pool: what it was drawn from is not known.
    """
    real = [record for record in records if record.real]
    set_of = linked([*real, *(copy for copy in copies if copy.real)], by_group)
    by = By(frozen.by) if frozen else _how({set_of[record.id] for record in real}, settings)
    sides = {record.id: _pool(record) for record in records if not record.real}
    eval_from = ""
    if by is By.REPOSITORY:
        held_out = _drawn(real, set_of, settings.eval_share, seed, all_new=frozen is None)
        sides |= _by_repository(real, set_of, held_out, frozen)
    else:
        changes = linked(real, by_change)
        eval_from = _first_held_out(set(changes.values()), settings, frozen)
        sides |= {
            name: Split.EVAL if eval_from and change >= eval_from else Split.TRAIN
            for name, change in changes.items()
        }
    if frozen:
        sides |= dict.fromkeys(sides.keys() & set(frozen.train), Split.TRAIN)
        sides |= dict.fromkeys(sides.keys() & set(frozen.eval), Split.EVAL)
    return Sides(by, sides, eval_from)


def draw(seed: int, *names: str) -> float:
    """A number in 0..1 that depends on the seed and the names only."""
    return int(digest([seed, *names]), 16) / 16**16


def group_sides(records: Iterable[Light], sides: Sides) -> dict[str, Split]:
    """The side of every group of real records, by its name; none where they are divided by date."""
    if sides.by is By.DATE:
        return {}
    return {record.group: sides.of[record.id] for record in records if record.real}


def _pool(record: Light) -> Split:
    if record.pool is None:
        raise SourceError(f"{record.id}: pool is empty; a planted pull request needs one")
    return record.pool


def _how(sets: set[str], settings: SplitSettings) -> By:
    if settings.by != "auto":
        return By(settings.by)
    # Sets are what counts: a fork is in that of its origin, whatever its name.
    return By.REPOSITORY if len(sets) > 1 else By.DATE


def _by_repository(
    real: Sequence[Light],
    set_of: Mapping[str, str],
    held_out: set[str],
    frozen: SplitManifest | None,
) -> dict[str, Split]:
    """Whole sets; a group that was decided before stays, and what is tied to it goes with it."""
    fixed = _fixed_groups(frozen)
    tied: dict[str, set[Split]] = {}
    for record in real:
        if record.group in fixed:
            tied.setdefault(set_of[record.id], set()).add(fixed[record.group])
    sides: dict[str, Split] = {}
    for record in real:
        name = set_of[record.id]
        # What ties a new repository to both sides is held out: then no mistake trains on it.
        is_out = Split.EVAL in tied[name] if name in tied else name in held_out
        sides[record.id] = fixed.get(record.group, Split.EVAL if is_out else Split.TRAIN)
    return sides


def _drawn(
    real: Sequence[Light],
    set_of: Mapping[str, str],
    eval_share: float,
    seed: int,
    *,
    all_new: bool,
) -> set[str]:
    """The sets whose seeded hash falls below ``eval_share``; at least one a side where all is new."""
    draws = {name: draw(seed, "repository", name) for name in {set_of[r.id] for r in real}}
    order = sorted(draws, key=lambda name: (draws[name], name))
    held_out = {name for name in order if draws[name] < eval_share}
    if all_new:
        held_out = held_out or set(order[:1])
        if len(held_out) == len(order):
            held_out -= set(order[-1:])
    return held_out


def _fixed_groups(frozen: SplitManifest | None) -> dict[str, Split]:
    if frozen is None:
        return {}
    return {
        **dict.fromkeys(frozen.train_groups, Split.TRAIN),
        **dict.fromkeys(frozen.eval_groups, Split.EVAL),
    }


def _first_held_out(
    changes: set[str], settings: SplitSettings, frozen: SplitManifest | None
) -> str:
    """The oldest change to hold out, as ``eval_after`` or ``eval_share`` says; "" holds out none.

    Changes are in the order of time by their names. Records of one change stay together, and
    near-duplicates too: then the change is as old as the oldest of them.
    """
    if settings.eval_after:
        return settings.eval_after.isoformat()
    if frozen:
        return frozen.eval_from
    ordered = sorted(changes)
    count = min(ceil(len(ordered) * settings.eval_share), len(ordered) - 1)
    return ordered[len(ordered) - count] if count > 0 else ""
