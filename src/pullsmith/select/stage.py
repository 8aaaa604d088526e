"""select: pull requests in; fewer out, each drop with its reason, secrets masked.

The rules come first, then exact duplicates among what they let pass, the secret scan last: no
record leaves without ``scan``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pullsmith.engine import StageContext, StageResult, Step, run_steps
from pullsmith.errors import SourceError
from pullsmith.records import Drop, PullRequest, drop
from pullsmith.redact import RULES_VERSION
from pullsmith.select.duplicates import find_duplicates
from pullsmith.select.rules import rejected
from pullsmith.select.secrets import mask_pull_request
from pullsmith.study.select import SelectSettings
from pullsmith.tally import Tally

STEPS_VERSION = "select-1"  # another one where a rule decides otherwise than before


def run(context: StageContext) -> StageResult:
    """Select from what was collected; a killed run goes on with the shards that are missing.

    Raises SourceError where nothing is left, naming the reasons.
    """
    settings = context.study.select
    records = list(context.run.read("collect", PullRequest))
    copies = find_duplicates(record for record in records if rejected(record, settings) is None)
    kept, drops = run_steps(
        records,
        [_rule_step(settings), _duplicate_step(copies), mask_pull_request],
        record_type=PullRequest,
        job=context.job,
        key=[STEPS_VERSION, RULES_VERSION, settings],
    )
    context.job.write_drops(drops)
    if not kept:
        raise SourceError(_nothing_left(drops))
    context.job.write(PullRequest, kept)
    return StageResult(Tally.of(records_in=len(records), records_out=len(kept), drops=drops))


def _rule_step(settings: SelectSettings) -> Step[PullRequest]:
    def step(record: PullRequest) -> PullRequest | Drop:
        return rejected(record, settings) or record

    return step


def _duplicate_step(copies: Mapping[str, str]) -> Step[PullRequest]:
    def step(record: PullRequest) -> PullRequest | Drop:
        if record.id not in copies:
            return record
        return drop("select", record, "exact_duplicate", f"of {copies[record.id]}")

    return step


def _nothing_left(drops: Sequence[Drop]) -> str:
    if not drops:
        return "select: collect gave no pull requests; look at the study's [[collect.sources]]"
    reasons = Counter(dropped.reason for dropped in drops).most_common()
    counts = ", ".join(f"{count} {reason}" for reason, count in reasons)
    example = next(dropped for dropped in drops if dropped.reason == reasons[0][0])
    return (
        f"select: all {len(drops)} pull requests were dropped ({counts}), for example "
        f"{example.record_id}: {example.detail}; change [select] in the study"
    )
