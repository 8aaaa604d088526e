"""split: pull requests in; the same out, marked train or eval, and a frozen list of which is where.

Sides first, then who is evaluated, then what training may not see because it is. Every record that
is on neither side in the end is a drop with its reason. Knows nothing of tools and models.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pullsmith.decisions import FILE_NAME, read_decisions
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import SourceError, TallyError
from pullsmith.records import Drop, PullRequest, Split, SplitManifest, drop
from pullsmith.split.benchmarks import read_texts
from pullsmith.split.choice import choose, people_choose
from pullsmith.split.frozen import (
    as_bytes,
    check_unchanged,
    freeze,
    keep_manifest,
    manifest_path,
    read_manifest,
    rules_of,
)
from pullsmith.split.overlap import Evaluated, of_pull_requests, of_texts
from pullsmith.split.picks import gauge
from pullsmith.split.sides import By, Sides, assign_sides, is_real
from pullsmith.split.strays import (
    misplaced_spots,
    near_evaluated,
    overlapping,
    strayed_code,
    too_old,
    vendored_copies,
)
from pullsmith.store import JobKey, write_bytes
from pullsmith.study import Study
from pullsmith.tally import Tally

MANIFEST_NAME = "split-manifest.json"


def run(context: StageContext) -> StageResult:
    """Mark every pull request and write the manifest.

    Raises SourceError where a side stays empty or is too small, RunFolderError where a frozen
    split would change, PeopleNeededError where people are to choose.
    """
    study = context.study
    path = manifest_path(context.run, study.split.name)
    frozen = read_manifest(path)
    records = list(context.run.read("select", PullRequest))
    copies = _copies(context)
    sides = assign_sides(records, study.split, seed=study.seed, frozen=frozen, copies=copies)
    rest = _Rest(records)
    rest.drop(misplaced_spots(records, sides))
    rest.drop(strayed_code(records, sides))
    rest.drop(vendored_copies(records, sides))
    rest.drop(too_old(records, sides, study.split))
    candidates = [r for r in rest.records if sides.of[r.id] is Split.EVAL]
    evaluated = _evaluated(context, candidates, frozen)
    rest.drop(surplus(candidates, {record.id for record in evaluated}))
    train = [r for r in rest.records if sides.of[r.id] is Split.TRAIN]
    rest.drop(near_evaluated(train, evaluated))
    rest.drop(overlapping(rest.only(train), _against(study, evaluated)))
    kept = [r.model_copy(update={"split": sides.of[r.id]}) for r in rest.records]
    check_groups(kept, sides)
    check_both_filled(kept, rest.drops)
    context.job.write_drops(rest.drops)
    manifest = freeze(kept, sides, records, rules=rules_of(study), frozen=frozen)
    context.job.write(PullRequest, kept)
    write_bytes(context.job.path / MANIFEST_NAME, as_bytes(manifest))
    keep_manifest(path, manifest)
    return StageResult(
        Tally.of(records_in=len(records), records_out=len(kept), drops=rest.drops),
        _measured(evaluated),
    )


@dataclass
class _Rest:
    """What is still in, and what was dropped; a record is dropped once."""

    records: Sequence[PullRequest]

    def __post_init__(self) -> None:
        self.drops: list[Drop] = []

    def drop(self, drops: Iterable[Drop]) -> None:
        """Take the dropped out; of those that are out already nothing is said again."""
        there = {record.id for record in self.records}
        new = {each.record_id: each for each in drops if each.record_id in there}
        self.drops += new.values()
        self.records = [record for record in self.records if record.id not in new]

    def only(self, records: Iterable[PullRequest]) -> list[PullRequest]:
        """Those of ``records`` that are still in."""
        there = {record.id for record in self.records}
        return [record for record in records if record.id in there]


def surplus(candidates: Sequence[PullRequest], chosen: set[str]) -> list[Drop]:
    """The held-out records that are not evaluated: dropped, never moved to the training side."""
    counts = {
        planted: sum(1 for r in candidates if r.planted is planted) for planted in (True, False)
    }
    return [
        drop(
            "split", record, "eval_surplus", f"one of {counts[record.planted]} held out, not chosen"
        )
        for record in candidates
        if record.id not in chosen
    ]


def check_both_filled(kept: Sequence[PullRequest], drops: Sequence[Drop]) -> None:
    """Raise SourceError where a side is empty, naming what was dropped most and an example."""
    counts = Counter(record.split for record in kept)
    for side, other in ((Split.TRAIN, Split.EVAL), (Split.EVAL, Split.TRAIN)):
        if not counts[side]:
            raise SourceError(
                f"split: no pull request is left for {side} ({counts[other]} on the other side"
                f"{_most_dropped(drops)}); add a source under [[collect.sources]], or change [split] "
                "or [select]"
            )


def _most_dropped(drops: Sequence[Drop]) -> str:
    reasons = Counter(dropped.reason for dropped in drops).most_common()
    if not reasons:
        return ""
    example = next(dropped for dropped in drops if dropped.reason == reasons[0][0])
    counted = ", ".join(f"{count} {reason}" for reason, count in reasons)
    return f"; dropped {counted}, for example {example.record_id}: {example.detail}"


def check_groups(records: Sequence[PullRequest], sides: Sides) -> None:
    """Raise TallyError where a group is on both sides; real ones split by date may be."""
    seen: dict[str, Split | None] = {}
    for record in records:
        if is_real(record) and sides.by is By.DATE:
            continue
        if seen.setdefault(record.group, record.split) is not record.split:
            raise TallyError(f"split: {record.group} is on both sides, for example {record.id}")


def _copies(context: StageContext) -> list[PullRequest]:
    """What select dropped as duplicates: where a fork holds its origin's commits, they are there.

    Only commits tell a fork: sister projects make the same small change a dozen times.
    """
    return [
        PullRequest.model_validate_json(dropped.record_json).model_copy(update={"cluster": ""})
        for dropped in context.run.job(JobKey("select")).drops()
        if "duplicate" in dropped.reason
    ]


def _evaluated(
    context: StageContext, candidates: Sequence[PullRequest], frozen: SplitManifest | None
) -> list[PullRequest]:
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


def _picked(context: StageContext, candidates: Sequence[PullRequest]) -> list[PullRequest]:
    """What people picked; nothing where nobody is asked."""
    if context.study.eval.chosen_by != "human":
        return []
    return people_choose(context, candidates, read_decisions(context.run.path / FILE_NAME))


def _too_few(chosen: Sequence[PullRequest], study: Study) -> str:
    planted = sum(record.planted for record in chosen)
    return (
        f"split: eval.per_tool = {study.eval.per_tool}, but {len(chosen)} pull requests are held out "
        f"({planted} planted, {len(chosen) - planted} real); lower eval.per_tool, raise "
        "split.eval_share or a source's eval_share, or add sources"
    )


def _against(study: Study, evaluated: Iterable[PullRequest]) -> dict[str, Evaluated]:
    against = {"overlaps_eval": of_pull_requests(evaluated)} if study.split.decontaminate else {}
    if study.split.benchmarks:
        texts = {path.name: read_texts(path) for path in study.split.benchmarks}
        against["overlaps_benchmark"] = of_texts(texts)
    return against


def _measured(evaluated: Sequence[PullRequest]) -> dict[str, float]:
    return {
        f"eval {name}: {value}": float(count)
        for name, counts in gauge(evaluated).items()
        for value, count in sorted(counts.items())
    }
