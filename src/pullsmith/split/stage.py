"""split: pull requests in; the same out, marked train or eval, and a frozen list of which is where.

Always by group, never by row. Planted pull requests go where their pool says, because words and
templates are divided too; real ones by repository, or by date where there is only one, and with
them those that a defect was planted on; spots are for training only. Knows nothing of tools and
models.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil

from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import PeopleNeededError, SourceError, TallyError
from pullsmith.records import Drop, PullRequest, Split, SplitManifest, digest, drop
from pullsmith.store import write_bytes
from pullsmith.study import Study
from pullsmith.tally import Tally

MANIFEST_NAME = "split-manifest.json"
_ON_TOP = "planted:mined"  # the evidence of a defect planted on a real pull request


def run(context: StageContext) -> StageResult:
    """Mark every pull request and write the manifest.

    Raises SourceError where a side stays empty, PeopleNeededError where people are to choose.
    """
    study = context.study
    if study.eval.chosen_by == "human":
        raise PeopleNeededError(
            'split: eval.chosen_by = "human": people pick the evaluation set with '
            "pullsmith curate STUDY.toml; then run again"
        )
    records = list(context.run.read("select", PullRequest))
    sides = assign_sides(records, seed=study.seed, eval_share=study.split.eval_share)
    drops = [*misplaced_spots(records, sides), *strayed_code(records, sides)]
    gone = {dropped.record_id for dropped in drops}
    staying = [record for record in records if record.id not in gone]
    drops += surplus(staying, sides, study)
    gone = {dropped.record_id for dropped in drops}
    kept = [
        record.model_copy(update={"split": sides[record.id]})
        for record in records
        if record.id not in gone
    ]
    check_groups(kept)
    context.job.write_drops(drops)
    manifest = frozen_manifest(kept, chosen_by=study.eval.chosen_by)
    context.job.write(PullRequest, kept)
    path = context.job.path / MANIFEST_NAME
    write_bytes(path, manifest.model_dump_json(indent=2).encode() + b"\n")
    return StageResult(Tally.of(records_in=len(records), records_out=len(kept), drops=drops))


def assign_sides(
    records: Sequence[PullRequest], *, seed: int, eval_share: float
) -> dict[str, Split]:
    """The side of every record, by its id.

    Raises SourceError for a planted record without a pool: what it was drawn from is not known.
    """
    real = [record for record in records if _is_real(record)]
    # Groups are what counts: a fork shares the group of its origin, whatever its name.
    if len({record.group for record in real}) > 1:
        sides = _by_repository(real, seed=seed, eval_share=eval_share)
    else:
        sides = _by_date(real, eval_share)
    for record in records:
        if not _is_real(record):
            if record.pool is None:
                raise SourceError(f"{record.id}: pool is empty; a planted pull request needs one")
            sides[record.id] = record.pool
    return sides


def _by_repository(
    real: Sequence[PullRequest], *, seed: int, eval_share: float
) -> dict[str, Split]:
    """Whole repositories: those whose seeded hash falls below ``eval_share``, at least one a side."""
    draws = {group: _draw(seed, "repository", group) for group in {r.group for r in real}}
    order = sorted(draws, key=lambda group: (draws[group], group))
    held_out = {group for group in order if draws[group] < eval_share} or set(order[:1])
    if len(held_out) == len(order):
        held_out.remove(order[-1])
    return {r.id: Split.EVAL if r.group in held_out else Split.TRAIN for r in real}


def _by_date(real: Sequence[PullRequest], eval_share: float) -> dict[str, Split]:
    """The newest ``eval_share`` of one repository, at least one; a single pull request is trained on.

    Records of the same change stay together: a real one, and one with a defect planted on it.
    """
    ordered = sorted({_change(record) for record in real})
    held_out = min(ceil(len(ordered) * eval_share), len(ordered) - 1) if ordered else 0
    newest = set(ordered[len(ordered) - held_out :])
    return {r.id: Split.EVAL if _change(r) in newest else Split.TRAIN for r in real}


def _change(record: PullRequest) -> tuple[str, int, str]:
    return record.merged_at, record.number or 0, record.merge_sha or record.id


def _is_real(record: PullRequest) -> bool:
    """Whether the record is a real change, be it with a defect planted on top."""
    return not record.planted or record.evidence == _ON_TOP


def _draw(seed: int, *names: str) -> float:
    """A number in 0..1 that depends on the seed and the names only."""
    return int(digest([seed, *names]), 16) / 16**16


def misplaced_spots(records: Iterable[PullRequest], sides: Mapping[str, Split]) -> list[Drop]:
    """Spots of the held-out pool: they cannot be evaluated, and training on them would leak it."""
    return [
        drop("split", record, "spot_held_out", "spots are for training only")
        for record in records
        if "spot" in record.flags and sides[record.id] is Split.EVAL
    ]


def strayed_code(records: Sequence[PullRequest], sides: Mapping[str, Split]) -> list[Drop]:
    """Planted records whose code is of a repository that is on the other side as a whole.

    Spots apart: those that could stray are misplaced anyway. Where there is only one repository, split by date, both sides know its code anyway.
    """
    real = [record for record in records if _is_real(record)]
    if len({record.group for record in real}) < 2:
        return []
    home = {name: sides[r.id] for r in real for name in (r.repository, r.group)}
    strayed = [
        record
        for record in records
        if not _is_real(record) and home.get(record.repository, sides[record.id]) != record.pool
    ]
    return [
        drop("split", record, "code_of_other_side", f"{record.repository} is not for {record.pool}")
        for record in strayed
        if not ("spot" in record.flags and record.pool is Split.EVAL)
    ]


def surplus(records: Iterable[PullRequest], sides: Mapping[str, Split], study: Study) -> list[Drop]:
    """The held-out records beyond eval.per_tool, of planted and of real ones each.

    A seeded draw by id; of planted ones clean and defective keep their shares. They are dropped,
    never moved to the training side.
    """
    held_out = [r for r in records if sides[r.id] is Split.EVAL and "spot" not in r.flags]
    drops: list[Drop] = []
    for planted in (True, False):
        candidates = [record for record in held_out if record.planted is planted]
        chosen = _chosen(candidates, study.eval.per_tool, study.seed)
        detail = f"{len(candidates)} held out, {study.eval.per_tool} wanted"
        drops += [
            drop("split", r, "eval_surplus", detail) for r in candidates if r.id not in chosen
        ]
    return drops


def _chosen(candidates: Sequence[PullRequest], wanted: int, seed: int) -> set[str]:
    if len(candidates) <= wanted:
        return {record.id for record in candidates}
    drawn = sorted(candidates, key=lambda record: (_draw(seed, "eval", record.id), record.id))
    defective = [record.id for record in drawn if record.defect is not None]
    clean = [record.id for record in drawn if record.defect is None]
    count = round(wanted * len(defective) / len(drawn))
    return {*defective[:count], *clean[: wanted - count]}


def check_groups(records: Sequence[PullRequest]) -> None:
    """Raise TallyError where a group is on both sides; a single repository split by date may be."""
    by_date = len({record.group for record in records if _is_real(record)}) == 1
    sides: dict[str, Split | None] = {}
    for record in records:
        if _is_real(record) and by_date:
            continue
        if sides.setdefault(record.group, record.split) is not record.split:
            raise TallyError(f"split: {record.group} is on both sides, for example {record.id}")


def frozen_manifest(records: Iterable[PullRequest], *, chosen_by: str) -> SplitManifest:
    """Which ids are where; its own id is a digest of them. Raises SourceError for an empty side."""
    sides: dict[Split | None, list[str]] = {Split.TRAIN: [], Split.EVAL: []}
    for record in records:
        sides[record.split].append(record.id)
    for side in (Split.TRAIN, Split.EVAL):
        if not sides[side]:
            other = len(sides[Split.EVAL if side is Split.TRAIN else Split.TRAIN])
            raise SourceError(
                f"split: no pull request is left for {side} ({other} on the other side); add a "
                "source under [[collect.sources]], or change split.eval_share or [select]"
            )
    train, held_out = tuple(sorted(sides[Split.TRAIN])), tuple(sorted(sides[Split.EVAL]))
    return SplitManifest(
        id=digest([train, held_out, chosen_by]), train=train, eval=held_out, chosen_by=chosen_by
    )
