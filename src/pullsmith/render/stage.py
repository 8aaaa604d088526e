"""The render stage: PullRequests in, Prompts out, one for every tool and contract of the study.

Decides what is shown once per pull request and tool, then lets every contract write it. A pull
request of which nothing can be shown is dropped whole, with the reason. Sees no defect.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from pullsmith.contracts.answers import TOOLS
from pullsmith.contracts.contract import Contract, find_contract
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import RunFolderError, StudyError
from pullsmith.records import Coverage, Drop, Prompt, PullRequest, Split, drop, prompt_id
from pullsmith.render.budget import BY_BUDGET, Omission, cover
from pullsmith.study import Study
from pullsmith.study.render import RenderSettings
from pullsmith.tally import Tally

STAGE = "render"
SPOT = "spot"


def run(context: StageContext) -> StageResult:
    """Write the prompts. Raises StudyError on an unknown tool or contract."""
    study = context.study
    _check_tools(study.render.tools)
    contracts = [find_contract(name, study.contract) for name in study.contracts]
    prompts: list[Prompt] = []
    drops: list[Drop] = []
    kept = 0
    for pull_request in context.run.read("split", PullRequest):
        rendered = render(pull_request, study, contracts)
        if isinstance(rendered, Drop):
            drops.append(rendered)
        else:
            kept += 1
            prompts += rendered
    rows = context.job.write(Prompt, prompts)
    context.job.write_drops(drops)
    tally = Tally.of(records_in=kept + len(drops), records_out=kept, drops=drops, rows=rows)
    return StageResult(tally, {"diff_tokens": _diff_tokens(prompts)})


def render(
    pull_request: PullRequest, study: Study, contracts: Sequence[Contract]
) -> list[Prompt] | Drop:
    """Every prompt of one pull request, or why it has none.

    A pull request flagged "spot" is put to the spot tool only, on the train side only. Raises
    RunFolderError on one that was not scanned for secrets or is on neither side.
    """
    # The truth is taken out first, so nothing below could show it.
    visible = pull_request.model_copy(update={"defect": None})
    coverage = cover(visible, study.render)
    reason = _why_dropped(visible, coverage, study.render)
    if reason:
        return drop(STAGE, pull_request, reason, _omitted(coverage))
    prompts = list(_prompts(visible, coverage, study, contracts))
    if not prompts:
        return drop(
            STAGE, pull_request, "no_contract", "no contract of the study has the spot tool"
        )
    return prompts


def _prompts(
    pull_request: PullRequest,
    coverage: Coverage,
    study: Study,
    contracts: Sequence[Contract],
) -> Iterator[Prompt]:
    tools, settings = study.render.tools, study.contract
    scan, split = pull_request.scan, pull_request.split
    if scan is None or split is None:
        field = "scan" if scan is None else "split"
        raise RunFolderError(
            f"{pull_request.id}: field {field} is empty, so nothing may be rendered; "
            "run select and split again"
        )
    shown = ShownDiff.of(pull_request, coverage)
    for contract in contracts:
        for tool in (SPOT,) if SPOT in pull_request.flags else tools:
            if tool == SPOT and SPOT not in contract.tools:
                continue
            task = Task(tool, pull_request, coverage, shown, settings.options_of(tool))
            yield Prompt(
                id=prompt_id(pull_request.id, tool=tool, contract=contract.id),
                pull_request_id=pull_request.id,
                tool=tool,
                contract=contract.id,
                split=split,
                messages=contract.messages(task),
                coverage=coverage,
                options=task.options,
                scan=scan,
            )


def _why_dropped(
    pull_request: PullRequest, coverage: Coverage, settings: RenderSettings
) -> str | None:
    """A reason to drop the pull request, None to keep it."""
    if SPOT in pull_request.flags and pull_request.split is Split.EVAL:
        return "spot_on_eval"
    reasons = {Omission(file.reason) for file in coverage.omitted}
    if reasons & BY_BUDGET and settings.drop_over_budget:
        return "over_budget"
    if not any(file.hunks for file in coverage.shown):
        return "over_budget" if reasons & BY_BUDGET else "nothing_to_show"
    return None


def _omitted(coverage: Coverage) -> str:
    return ", ".join(f"{file.path}: {file.reason}" for file in coverage.omitted)


def _check_tools(tools: Sequence[str]) -> None:
    for tool in tools:
        if tool not in TOOLS:
            near = difflib.get_close_matches(tool, TOOLS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(TOOLS)}"
            raise StudyError(f"render.tools: unknown tool {tool!r}; {hint}")
    if len(set(tools)) < len(tools):
        raise StudyError(f"render.tools: {', '.join(tools)}: a tool is named twice")


def _diff_tokens(prompts: Sequence[Prompt]) -> float:
    return float(sum(prompt.coverage.diff_tokens for prompt in prompts))
