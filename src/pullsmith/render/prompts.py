"""Every prompt of one pull request: what is shown, in the words of each contract.

Takes a PullRequest and the study; gives Prompts or the Drop. What is shown is decided once for a
tool, by the study's budget or by a contract that plans it as its bot does, and every contract
writes that same coverage. Sees no defect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pullsmith.contracts.contract import Contract, Planner
from pullsmith.contracts.options import spoken
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import RunFolderError
from pullsmith.records import (
    Coverage,
    Drop,
    Prompt,
    PullRequest,
    SecretScan,
    Split,
    drop,
    prompt_id,
)
from pullsmith.render.budget import BY_BUDGET, cover
from pullsmith.render.options import options_for
from pullsmith.study import Study
from pullsmith.tokens import find_counter

STAGE = "render"
SPOT = "spot"
Plans = Mapping[str, Sequence[Coverage]]  # by tool, one coverage a prompt


def render(
    pull_request: PullRequest, study: Study, contracts: Sequence[Contract]
) -> list[Prompt] | Drop:
    """Every prompt of one pull request, or why it has none.

    A pull request flagged "spot" is put to the spot tool only, on the train side only. Raises
    RunFolderError on one that was not scanned for secrets or is on neither side.
    """
    scan, split = _marks(pull_request)
    spot = SPOT in pull_request.flags
    if spot and split is Split.EVAL:
        return drop(STAGE, pull_request, "spot_on_eval")
    # The truth is taken out first, so nothing below could show it.
    visible = pull_request.model_copy(update={"defect": None})
    plans = _plans(visible, (SPOT,) if spot else study.render.tools, study, contracts)
    coverages = [coverage for planned in plans.values() for coverage in planned]
    reason = _why_dropped(coverages, strict=study.render.drop_over_budget)
    if reason:
        return drop(STAGE, pull_request, reason, _omitted(coverages))
    prompts = [
        _prompt(contract, task, part, scan=scan, split=split)
        for contract in contracts
        for part, task in _tasks(visible, plans, study, contracts)
        if task.tool in contract.tools
    ]
    if not prompts:
        return drop(
            STAGE, pull_request, "no_contract", "no contract of the study has the spot tool"
        )
    return prompts


def _marks(pull_request: PullRequest) -> tuple[SecretScan, Split]:
    scan, split = pull_request.scan, pull_request.split
    if scan is None or split is None:
        field = "scan" if scan is None else "split"
        raise RunFolderError(
            f"{pull_request.id}: field {field} is empty, so nothing may be rendered; "
            "run select and split again"
        )
    return scan, split


def _plans(
    pull_request: PullRequest, tools: Sequence[str], study: Study, contracts: Sequence[Contract]
) -> Plans:
    planner, count = planner_of(contracts), find_counter(study.render.tokens)
    if planner is None or SPOT in tools:
        coverage = cover(pull_request, study.render, count)
        return dict.fromkeys(tools, (coverage,))
    return {tool: planner.plan(tool, pull_request, count) for tool in tools}


def planner_of(contracts: Iterable[Contract]) -> Planner | None:
    """The first contract that plans what is shown, in the order of the study's contracts."""
    return next((each for each in contracts if isinstance(each, Planner)), None)


def _tasks(
    pull_request: PullRequest, plans: Plans, study: Study, contracts: Sequence[Contract]
) -> Iterator[tuple[int, Task]]:
    """(part, task) of every prompt; a diff that several tools show is made once."""
    shown: dict[Coverage, ShownDiff] = {}
    for tool, coverages in plans.items():
        options = options_for(pull_request, tool, study, contracts)
        for part, coverage in enumerate(coverages):
            if coverage not in shown:
                shown[coverage] = ShownDiff.of(pull_request, coverage)
            counted = _counted(coverage, shown[coverage], pull_request)
            yield part, Task(tool, pull_request, counted, shown[coverage], options)


def _counted(coverage: Coverage, shown: ShownDiff, pull_request: PullRequest) -> Coverage:
    """The coverage with its counts of added lines."""
    visible = sum(line.sign == "+" for line in shown.lines)
    there = sum(file.added_lines for file in pull_request.files)
    return coverage.model_copy(update={"added_lines": there, "added_lines_shown": visible})


def _prompt(contract: Contract, task: Task, part: int, *, scan: SecretScan, split: Split) -> Prompt:
    name = task.pull_request.id
    # What is kept is what was really asked.
    task = replace(task, options=spoken(task.options, contract.speaks(task.tool)))
    return Prompt(
        id=prompt_id(name, tool=task.tool, contract=contract.id, part=part),
        pull_request_id=name,
        tool=task.tool,
        contract=contract.id,
        part=part,
        split=split,
        messages=contract.messages(task),
        coverage=task.coverage,
        options=task.options,
        scan=scan,
    )


def _why_dropped(coverages: Sequence[Coverage], *, strict: bool) -> str | None:
    """A reason to drop the pull request, None to keep it; ``strict`` wants all of it shown."""
    reasons = {file.reason for coverage in coverages for file in coverage.omitted}
    cut = bool(reasons & BY_BUDGET)
    if cut and strict:
        return "over_budget"
    if not any(file.hunks for coverage in coverages for file in coverage.shown):
        return "over_budget" if cut else "nothing_to_show"
    return None


def _omitted(coverages: Sequence[Coverage]) -> str:
    said = (f"{file.path}: {file.reason}" for each in coverages for file in each.omitted)
    return ", ".join(dict.fromkeys(said))
