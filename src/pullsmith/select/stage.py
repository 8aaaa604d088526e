"""select: pull requests in; fewer out, each drop with its reason, secrets masked.

Takes a finished collect. First what one record alone can say, slice by slice: the rules, then the
secret scan, so no record leaves without ``scan``. Then what only all together can: duplicates,
near-duplicates, quotas. A killed run goes on with the slices that are missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa

from pullsmith.engine import Chain, Chains, StageContext, StageResult, Step, read_looks, run_chain
from pullsmith.errors import SourceError
from pullsmith.exclusions import Exclusions, read_exclusions
from pullsmith.records import Drop, PullRequest, drop
from pullsmith.redact import NO_RULES, FileRules, read_rules
from pullsmith.rows import read_rows, read_tables, records_of
from pullsmith.select.choose import Choice, choose
from pullsmith.select.looks import VERSION as LOOKS_VERSION
from pullsmith.select.looks import Looks, look_at
from pullsmith.select.rules import RULES, Rule
from pullsmith.select.secrets import mask_pull_request, rules_version
from pullsmith.store import JobKey
from pullsmith.study.select import SelectSettings
from pullsmith.tally import StepTally, Tally

STEPS_VERSION = "select-2"  # another one where a rule decides otherwise than before


def run(context: StageContext) -> StageResult:
    """Select from what was collected. Raises SourceError where nothing is left, naming the rule."""
    settings, excluded = context.study.select, read_exclusions(context.study.select.exclude)
    more = read_rules(settings.secret_rules)
    source = context.run.job(JobKey("collect"))
    rules = Chain(
        PullRequest,
        [STEPS_VERSION, rules_version(more), LOOKS_VERSION, _without_place(settings), excluded],
        partial(steps_of, settings, excluded, more),
        look_at,
    )
    chains = run_chain(rules, source, context)
    looks = Looks([read_looks(path) for path in chains.files("looks.arrow")])
    choice = choose(looks, settings, seed=context.study.seed)
    rows = context.job.write_tables(PullRequest, _chosen(chains, choice))
    context.job.write_drops(chain(_earlier(chains), _passed_over(chains, choice)))
    steps = [*chains.steps, *choice.steps]
    tally = Tally.of_steps(steps, records_in=chains.records_in)
    if not rows:
        raise SourceError(_nothing_left(steps, context.job.drops()))
    return StageResult(tally)


def _without_place(settings: SelectSettings) -> dict[str, Any]:
    """All that decides what the rules do; where the exclusions and secret rules came from does not."""
    return settings.model_dump(mode="json", exclude={"exclude", "secret_rules"})


def steps_of(
    settings: SelectSettings, excluded: Exclusions, more: FileRules = NO_RULES
) -> Sequence[Step[PullRequest]]:
    """What is excluded, every rule by its name, then the masking."""
    rules = [Step(rule.__name__, partial(_apply, rule, settings)) for rule in RULES]
    first = Step("excluded", partial(_apply_exclusions, excluded))
    return [first, *rules, Step("secrets", partial(mask_pull_request, more=more))]


def _apply(rule: Rule, settings: SelectSettings, record: PullRequest) -> PullRequest | Drop:
    return rule(record, settings) or record


def _apply_exclusions(excluded: Exclusions, record: PullRequest) -> PullRequest | Drop:
    entry = excluded.naming(record)
    return record if entry is None else drop("select", record, "excluded", entry)


def _chosen(chains: Chains[PullRequest], choice: Choice) -> Iterator[pa.Table]:
    """The rows that stay, with their clusters."""
    for path in chains.files("kept.parquet"):
        for table in read_tables(path):
            ids = table.column("id").to_pylist()
            staying = table.filter(pa.array([one not in choice.reasons for one in ids]))
            yield _with_clusters(staying, choice)


def _with_clusters(table: pa.Table, choice: Choice) -> pa.Table:
    clusters = [choice.clusters.get(one, "") for one in table.column("id").to_pylist()]
    place = table.column_names.index("cluster")
    return table.set_column(place, "cluster", pa.array(clusters, type=pa.string()))


def _earlier(chains: Chains[PullRequest]) -> Iterator[Drop]:
    for path in chains.files("drops.parquet"):
        yield from read_rows(path, Drop)


def _passed_over(chains: Chains[PullRequest], choice: Choice) -> Iterator[Drop]:
    """A drop for each that was not chosen, with its cluster."""
    for path in chains.files("kept.parquet"):
        for table in read_tables(path):
            yield from _dropped(table, choice, path)


def _dropped(table: pa.Table, choice: Choice, path: Path) -> Iterator[Drop]:
    ids = table.column("id").to_pylist()
    going = table.filter(pa.array([one in choice.reasons for one in ids]))
    for record in records_of(_with_clusters(going, choice), PullRequest, path):
        reason = choice.reasons[record.id]
        yield drop("select", record, reason.code, reason.detail)


def _nothing_left(steps: Sequence[StepTally], drops: Iterator[Drop]) -> str:
    worst = max(steps, key=lambda step: sum(step.dropped.values()))
    if not worst.dropped:
        return "select: collect gave no pull requests; look at the study's [[collect.sources]]"
    counts = {reason: count for step in steps for reason, count in step.dropped.items()}
    said = ", ".join(f"{n} {name}" for name, n in sorted(counts.items(), key=lambda one: -one[1]))
    examples = [one for one in drops if one.reason in worst.dropped][:2]
    shown = "; ".join(f"{one.record_id}: {one.detail}" for one in examples)
    return (
        f"select: all {sum(counts.values())} pull requests were dropped ({said}), most by the rule "
        f"{worst.name}, for example {shown}; change [select] in the study"
    )
