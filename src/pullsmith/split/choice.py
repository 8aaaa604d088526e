"""The evaluation set: chosen for coverage, or by people from a short-list.

Takes the held-out records, gives those that are evaluated. Planted and real ones are chosen apart,
``per_tool`` of each; of planted ones clean and defective keep their shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from pullsmith.decisions import ON_PICKS, Action, Decisions, matched
from pullsmith.engine import StageContext
from pullsmith.errors import PeopleNeededError
from pullsmith.records import Record
from pullsmith.rows import write_rows
from pullsmith.split.light import Light
from pullsmith.split.picks import in_order_of_coverage

SHORT_LIST_NAME = "short-list.parquet"
LISTED = 3  # times as many as are wanted


class Listed(Record):
    """One candidate of the short-list; ``of`` is what a decision on it names."""

    id: str
    rank: int  # from 1, in the order of coverage, planted and real ones apart
    of: str
    planted: bool
    repository: str
    language: str
    size: str
    kind: str
    title: str


def choose(candidates: Sequence[Light], wanted: int, seed: int) -> list[Light]:
    """At most ``wanted`` planted and ``wanted`` real ones, in the order of the candidates."""
    chosen = {r.id for pool in _pools(candidates) for r in _first(pool, wanted, seed)}
    return [record for record in candidates if record.id in chosen]


def people_choose(
    context: StageContext,
    candidates: Sequence[Light],
    decisions: Decisions,
    *,
    digests: Mapping[str, str],
) -> list[Light]:
    """The candidates that people picked; decisions that do not fit are reported, not applied.

    ``digests`` are of the whole records. Writes the short-list. Raises PeopleNeededError while fewer than per_tool are picked.
    """
    wanted, path = context.study.eval.per_tool, context.job.path / SHORT_LIST_NAME
    short = short_list(candidates, wanted, context.study.seed, digests=digests)
    write_rows(path, Listed, short)
    found = matched(decisions.standing(ON_PICKS), digests.get)
    for said in (*decisions.said(), *found.passed_over):
        context.report(said)
    picked = {name for name, one in found.applied.items() if one.action is Action.PICK}
    if len(picked) < max(1, min(wanted, len(candidates))):
        raise PeopleNeededError(
            f'split: eval.chosen_by = "human": {len(picked)} of {wanted} pull requests are picked; '
            f"pullsmith curate STUDY.toml shows the {len(short)} of the short-list ({path}); then "
            "run again"
        )
    return [record for record in candidates if record.id in picked]


def short_list(
    candidates: Sequence[Light], wanted: int, seed: int, *, digests: Mapping[str, str]
) -> list[Listed]:
    """LISTED times as many as wanted, of planted and of real ones, in the order of coverage."""
    return [
        Listed(
            id=record.id,
            rank=rank,
            of=digests[record.id],
            planted=record.planted,
            repository=record.repository,
            language=record.language,
            size=record.size,
            kind=record.kind,
            title=record.title,
        )
        for pool in _pools(candidates)
        for rank, record in enumerate(_first(pool, LISTED * wanted, seed), 1)
    ]


def _pools(candidates: Sequence[Light]) -> list[list[Light]]:
    return [[r for r in candidates if r.planted is planted] for planted in (True, False)]


def _first(candidates: Sequence[Light], wanted: int, seed: int) -> list[Light]:
    if len(candidates) <= wanted:
        return list(in_order_of_coverage(candidates, seed))
    defective = [record for record in candidates if record.defective]
    clean = [record for record in candidates if not record.defective]
    count = round(wanted * len(defective) / len(candidates))
    return [
        *islice(in_order_of_coverage(defective, seed), count),
        *islice(in_order_of_coverage(clean, seed), wanted - count),
    ]
