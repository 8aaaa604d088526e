"""The evaluation set as people choose it: a short-list is written, their picks are replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pullsmith.decisions import ON_PICKS, Action, Decisions, differing, in_short, matched
from pullsmith.engine import StageContext
from pullsmith.errors import PeopleNeededError
from pullsmith.rows import write_rows
from pullsmith.short_list import SHORT_LIST_NAME, Listed, short_list
from pullsmith.split.light import Light


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
    differ = differing(decisions, found.applied, "pull requests")
    for said in (*decisions.said(), *in_short(found.passed_over), *differ):
        context.report(said)
    picked = {name for name, one in found.applied.items() if one.action is Action.PICK}
    if len(picked) < max(1, min(wanted, len(candidates))):
        raise PeopleNeededError(
            f'split: eval.chosen_by = "human": {len(picked)} of {wanted} pull requests are picked; '
            f"pullsmith curate STUDY.toml shows the {len(short)} of the short-list ({path}); then "
            "run again"
        )
    return [record for record in candidates if record.id in picked]
