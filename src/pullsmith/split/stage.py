"""split: pull requests in; the same out, marked train or eval, and a frozen list of which is where.

Sides first, then who is evaluated, then what training may not see because it is. Every record that
is on neither side in the end is a drop with its reason. Knows nothing of tools and models.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pullsmith.decisions import FILE_NAME, read_decisions
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import SourceError, TallyError
from pullsmith.records import Split, SplitManifest
from pullsmith.short_list import choose, gauge
from pullsmith.split.benchmarks import read_texts
from pullsmith.split.choice import people_choose
from pullsmith.split.frozen import (
    as_bytes,
    check_unchanged,
    freeze,
    keep_manifest,
    manifest_path,
    read_manifest,
    rules_of,
)
from pullsmith.split.light import Light
from pullsmith.split.overlap import Evaluated, of_patches, of_texts, overlap
from pullsmith.split.reading import digests_of, read_copies, read_light, read_patches
from pullsmith.split.sides import By, Sides, assign_sides
from pullsmith.split.strays import (
    Stray,
    misplaced_spots,
    near_evaluated,
    strayed_code,
    too_old,
    vendored_copies,
)
from pullsmith.split.writing import Marked, Why, write_marked
from pullsmith.store import JobFolder, JobKey, write_bytes
from pullsmith.study import Study
from pullsmith.tally import Tally

MANIFEST_NAME = "split-manifest.json"


def run(context: StageContext) -> StageResult:
    """Mark every pull request and write the manifest.

    Raises SourceError where a side stays empty or is too small, RunFolderError where a frozen
    split would change, PeopleNeededError where people are to choose.
    """
    study, selected = context.study, context.run.job(JobKey("select"))
    path = manifest_path(context.run, study.split.name)
    frozen = read_manifest(path)
    records = read_light(selected)
    sides = assign_sides(
        records, study.split, seed=study.seed, frozen=frozen, copies=read_copies(selected)
    )
    rest = _Rest(records)
    rest.drop(misplaced_spots(records, sides))
    rest.drop(strayed_code(records, sides))
    rest.drop(vendored_copies(records, sides))
    rest.drop(too_old(records, sides, study.split))
    candidates = rest.of(Split.EVAL, sides)
    evaluated = _evaluated(context, candidates, frozen)
    rest.drop(surplus(candidates, {record.id for record in evaluated}))
    rest.drop(near_evaluated(rest.of(Split.TRAIN, sides), evaluated))
    against = _against(study, selected, evaluated)
    marked = write_marked(
        selected, context.job, sides.of, dropped=rest.dropped, late=lambda _, p: _shared(p, against)
    )
    check_groups(records, marked.ids, by_date=sides.by is By.DATE)
    check_both_filled(marked)
    manifest = freeze(marked.ids, sides, records, rules=rules_of(study), frozen=frozen)
    write_bytes(context.job.path / MANIFEST_NAME, as_bytes(manifest))
    keep_manifest(path, manifest)
    return StageResult(
        Tally(
            records_in=len(records),
            records_out=len(marked.ids),
            dropped=dict(sorted(marked.reasons.items())),
            rows=len(marked.ids),
        ),
        _measured(evaluated),
    )


class _Rest:
    """What is still in, and why the others are not; the first reason counts."""

    def __init__(self, records: Sequence[Light]) -> None:
        self.records = records
        self.dropped: dict[str, Why] = {}

    def drop(self, strays: Iterable[Stray]) -> None:
        """Take these out."""
        for stray in strays:
            self.dropped.setdefault(stray.record_id, (stray.reason, stray.detail))

    def of(self, side: Split, sides: Sides) -> list[Light]:
        """Those of a side that are still in."""
        return [r for r in self.records if sides.of[r.id] is side and r.id not in self.dropped]


def surplus(candidates: Sequence[Light], chosen: set[str]) -> list[Stray]:
    """The held-out records that are not evaluated: dropped, never moved to the training side."""
    counts = {
        planted: sum(1 for r in candidates if r.planted is planted) for planted in (True, False)
    }
    return [
        Stray.of(record, "eval_surplus", f"one of {counts[record.planted]} held out, not chosen")
        for record in candidates
        if record.id not in chosen
    ]


def check_both_filled(marked: Marked) -> None:
    """Raise SourceError where a side is empty, naming what was dropped most and an example."""
    counts = Counter(marked.ids.values())
    for side, other in ((Split.TRAIN, Split.EVAL), (Split.EVAL, Split.TRAIN)):
        if not counts[side]:
            raise SourceError(
                f"split: no pull request is left for {side} ({counts[other]} on the other side"
                f"{_most_dropped(marked)}); add a source under [[collect.sources]], or change [split] "
                "or [select]"
            )


def _most_dropped(marked: Marked) -> str:
    reasons = marked.reasons.most_common()
    if not reasons:
        return ""
    counted = ", ".join(f"{count} {reason}" for reason, count in reasons)
    return f"; dropped {counted}, for example {marked.examples[reasons[0][0]]}"


def check_groups(records: Sequence[Light], ids: Mapping[str, Split], *, by_date: bool) -> None:
    """Raise TallyError where a group has kept ``ids`` on both sides; real ones split by date may."""
    seen: dict[str, Split] = {}
    for record in records:
        if record.id not in ids or (record.real and by_date):
            continue
        if seen.setdefault(record.group, ids[record.id]) is not ids[record.id]:
            raise TallyError(f"split: {record.group} is on both sides, for example {record.id}")


def _evaluated(
    context: StageContext, candidates: Sequence[Light], frozen: SplitManifest | None
) -> list[Light]:
    study = context.study
    picked = _picked(context, candidates)
    if frozen:
        there = {record.id for record in candidates}
        check_unchanged(
            frozen, there, rules=rules_of(study), picked=[record.id for record in picked]
        )
        return [record for record in candidates if record.id in set(frozen.eval)]
    chosen = picked or choose(candidates, study.eval.per_tool, study.seed)
    # A default that is not reached is no mistake; a number somebody wrote down is a promise.
    if "per_tool" in study.eval.model_fields_set and len(chosen) < study.eval.per_tool:
        raise SourceError(_too_few(chosen, study))
    return chosen


def _picked(context: StageContext, candidates: Sequence[Light]) -> list[Light]:
    """What people picked; nothing where nobody is asked."""
    if context.study.eval.chosen_by != "human":
        return []
    selected = context.run.job(JobKey("select"))
    digests = digests_of(selected, {record.id for record in candidates})
    decisions = read_decisions(context.run.path / FILE_NAME)
    return people_choose(context, candidates, decisions, digests=digests)


def _too_few(chosen: Sequence[Light], study: Study) -> str:
    planted = sum(record.planted for record in chosen)
    return (
        f"split: eval.per_tool = {study.eval.per_tool}, but {len(chosen)} pull requests are held out "
        f"({planted} planted, {len(chosen) - planted} real); lower eval.per_tool, raise "
        "split.eval_share or a source's eval_share, or add sources"
    )


def _against(study: Study, selected: JobFolder, evaluated: Sequence[Light]) -> dict[str, Evaluated]:
    """What training must share no words with, by the reason to give."""
    against: dict[str, Evaluated] = {}
    if study.split.decontaminate:
        ids = {record.id for record in evaluated}
        against["overlaps_eval"] = of_patches(read_patches(selected, ids))
    if study.split.benchmarks:
        texts = {path.name: read_texts(path) for path in study.split.benchmarks}
        against["overlaps_benchmark"] = of_texts(texts)
    return against


def _shared(patches: Sequence[str], against: Mapping[str, Evaluated]) -> Why | None:
    for reason, evaluated in against.items():
        if detail := overlap(patches, evaluated):
            return reason, detail
    return None


def _measured(evaluated: Sequence[Light]) -> dict[str, float]:
    return {
        f"eval {name}: {value}": float(count)
        for name, counts in gauge(evaluated).items()
        for value, count in sorted(counts.items())
    }
