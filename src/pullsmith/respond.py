"""Respond: eval prompts in, one entrant's answers out, valid or not.

A cell is a student (both phases), a reference, or one of the rows without skill, which learn from
the examples of the first student's contract. Everyone answers the same pull requests; further answers,
of those who are asked further, stand beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pullsmith.contracts.contract import Contract, contracts_of
from pullsmith.contracts.options import spoken
from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.task import Task
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import StudyError
from pullsmith.llm.asking import Answers, Entrant, answers_to
from pullsmith.llm.baseline import ConstantModel
from pullsmith.llm.door import Door
from pullsmith.llm.majority import MajorityModel, majority_values
from pullsmith.llm.open_model import OpenModel, Weights, open_model
from pullsmith.llm.peak_memory import PeakMemory
from pullsmith.llm.rounds import Rounds, check_second_looks
from pullsmith.models.names import LOCAL, MODEL_FREE, ModelKind
from pullsmith.records import Answer, Checkpoint, Example, Prompt, PullRequest, Split
from pullsmith.reference_pack import Wanted, answers_in
from pullsmith.rows import write_sorted
from pullsmith.store import JobKey, of_phase
from pullsmith.stored import Stored
from pullsmith.study.roles import ReferenceRole, Role, StudentRole
from pullsmith.study.study import BASELINES
from pullsmith.tally import Tally

Find = Callable[[str], Contract]


def run(context: StageContext, *, opens: OpenModel = open_model) -> StageResult:
    """Ask the cell's entrant, in each of its phases; the rows are all its answers.

    ``opens`` finds a model by name. Raises StudyError for a cell the study does not have or one without prompts, MissingExtraError
    for a local model without the extra [train], OutsideError when an endpoint is gone.
    """
    pull_requests = context.run.stored("split", PullRequest)
    contract = _contract(context)
    prompts = _prompts(context, Split.EVAL, contract)
    if not prompts:
        raise StudyError(
            f"respond/{context.cell}: render made no eval prompt in contract {contract!r}; "
            "see the drops of collect, select and render"
        )
    role = _role(context)
    if isinstance(role, ReferenceRole) and role.pack:
        return _from_pack(context, role, prompts)
    tools = tools_of(context.study)
    contracts = contracts_of(context.study.contract, tools)
    door = Door(context.run.journal, report=context.report, budget_usd=context.study.budget_usd)
    check_second_looks(context.study, contracts)
    folder = context.job.work("answers")
    rounds = Rounds(prompts, pull_requests, door, contracts, tools, folder, context.report)
    made: list[Path] = []
    measured: Counter[str] = Counter()
    took: dict[str, float] = {}
    if role is None:
        entrants = iter([_baseline(context, pull_requests, contracts)])
    else:
        entrants = _entrants(context, role, opens, contracts)
    for entrant in entrants:
        first = folder / f"{entrant.phase}.parquet"
        with _watched(entrant) as peak:
            answers = answers_to(
                entrant,
                prompts.values(),
                pull_requests,
                door=door,
                contracts=contracts,
                tools=tools,
            )
            write_sorted(first, Answer, answers)
            followed = rounds.after(entrant, first)
        made += followed.paths
        measured.update(answers.measured)
        measured.update(followed.measured)
        took |= _took(entrant, answers, peak)
    rows = context.job.merge(Answer, made).rows
    context.job.write_drops(())
    tally = Tally.of(records_in=len(prompts), records_out=len(prompts), drops=(), rows=rows)
    return StageResult(tally, {**measured, **took})


@contextmanager
def _watched(entrant: Entrant) -> Iterator[PeakMemory | None]:
    """Memory is looked at while a model in this process answers; others have theirs elsewhere."""
    if entrant.kind not in LOCAL:
        yield None
        return
    with PeakMemory() as peak:
        yield peak


def _took(entrant: Entrant, answers: Answers, peak: PeakMemory | None) -> dict[str, float]:
    """What one phase's first answers took, for the manifest; nothing of those who are no model."""
    if entrant.kind in MODEL_FREE:
        return {}
    # A model whose answers were all in the journal was not loaded: its memory is not known.
    memory = peak.figures if peak and answers.asked else {}
    figures = {**answers.timing(), **memory}
    return {of_phase(entrant.phase, name): value for name, value in figures.items()}


def _from_pack(
    context: StageContext, role: ReferenceRole, prompts: Mapping[str, Prompt]
) -> StageResult:
    """The answers of a pinned pack; a prompt that it has no answer to is dropped by name."""
    assert role.pack is not None
    wanted = Wanted(role.pack, role.digest, role.label, role.model, role.contract)
    answers, drops = answers_in(wanted, prompts)
    rows = context.job.write(Answer, answers)
    context.job.write_drops(drops)
    missing = f", {len(drops)} prompts are not in the pack" if drops else ""
    context.report(f"{role.label}: {rows} answers of {role.pack.name}, nobody is asked{missing}")
    kept = len(prompts) - len(drops)
    return StageResult(Tally.of(records_in=len(prompts), records_out=kept, drops=drops, rows=rows))


def _role(context: StageContext) -> StudentRole | ReferenceRole | None:
    """The cell's role; None for the rows without skill."""
    roles: list[StudentRole | ReferenceRole] = [*context.study.student, *context.study.reference]
    for role in roles:
        if role.cell == context.cell:
            return role
    if context.cell in BASELINES:
        return None
    raise StudyError(f"respond: the study has no student or reference {context.cell!r}")


def _contract(context: StageContext) -> str:
    return (_role(context) or context.study.student[0]).contract


def _entrants(
    context: StageContext, role: StudentRole | ReferenceRole, opens: OpenModel, contracts: Find
) -> Iterator[Entrant]:
    """A reference as it is; a student before and after, one set of weights in memory at a time."""
    threads = context.study.train.threads
    if isinstance(role, ReferenceRole):
        yield Entrant(role, opens(role.model, threads=threads, contracts=contracts))
        return
    trained = context.run.job(JobKey("train", role.cell)).path
    for checkpoint in context.run.read("train", Checkpoint, role.cell):
        folder = trained / checkpoint.folder if checkpoint.folder else None
        model = opens(role.model, weights=Weights(folder, checkpoint.base), threads=threads)
        yield Entrant(role, model, checkpoint.phase, checkpoint.weights_digest)


def _baseline(
    context: StageContext, pull_requests: Mapping[str, PullRequest], contracts: Find
) -> Entrant:
    contract = contracts(_contract(context))
    role = Role(model=str(context.cell))
    prompts = _prompts(context, Split.TRAIN, contract.id)
    usual = {name for name, prompt in prompts.items() if _usual(prompt, context, contract)}
    examples = [
        example
        for example in context.run.read("clean", Example)
        if example.contract == contract.id and _prompt_of(example) in usual
    ]
    if role.model == ModelKind.CONSTANT:
        constant = ConstantModel(examples)
        return Entrant(role, constant, checkpoint=constant.checkpoint)

    def task(example: Example) -> Task:
        return Task.of(prompts[_prompt_of(example)], pull_requests[example.pull_request_id])

    majority = MajorityModel(majority_values(examples, task, contract), contract)
    return Entrant(role, majority, checkpoint=majority.checkpoint)


def _prompts(context: StageContext, split: Split, contract: str) -> Stored[Prompt]:
    """Those of one side in one contract, by id."""
    return context.run.stored(
        "render",
        Prompt,
        columns=("split", "contract"),
        keep=lambda row: row["split"] == split and row["contract"] == contract,
    )


def _prompt_of(example: Example) -> str:
    """The id of the prompt that an example's answer is to."""
    return example.answer_id.partition("~")[0]


def _usual(prompt: Prompt, context: StageContext, contract: Contract) -> bool:
    """Whether it was asked with the study's own options, as every eval prompt is."""
    options = context.study.contract.options_of(prompt.tool)
    return prompt.options == spoken(options, contract.speaks(prompt.tool))
