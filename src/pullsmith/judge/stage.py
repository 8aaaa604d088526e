"""judge: every entrant of a cell beside every reference, under every judge of the study.

Reads split, render and respond; writes Verdicts. Of a mended answer the mended one is judged. A task that
only one side answered is dropped with its reason; what comes in is tasks per entrant and reference. The cell of controls has answers
of known worth, made from the references', as its entrants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from pullsmith.contracts.own_tools import tools_of
from pullsmith.decisions import FILE_NAME, in_short, read_decisions
from pullsmith.engine import StageContext, StageResult
from pullsmith.judge.ballots import Ask, ballots, verdicts
from pullsmith.judge.controls import control_pairs
from pullsmith.judge.looks import in_looks
from pullsmith.judge.people import on_nothing, people_verdicts
from pullsmith.llm.asking import MODEL_FREE_CONCURRENCY
from pullsmith.llm.door import Door
from pullsmith.llm.open_model import open_model
from pullsmith.llm.protocol import Completion, Model, Request
from pullsmith.models.names import MODEL_FREE, parse_model_name
from pullsmith.pairs import Facts, Pair, pair_up
from pullsmith.records import Answer, Drop, Prompt, PullRequest, Split, Verdict, id_part, standing
from pullsmith.study.judging import CONTROLS_CELL
from pullsmith.study.roles import JudgeRole
from pullsmith.tally import Tally

OpenJudge = Callable[[JudgeRole], Model]


def run(context: StageContext) -> StageResult:
    """Judge one candidate cell, or the controls."""
    tools = tools_of(context.study)
    return judge_cell(context, lambda role: open_model(role.model, tools=tools))


def judge_cell(context: StageContext, open_judge: OpenJudge) -> StageResult:
    """Judge one candidate cell with judges that ``open_judge`` opens; they are closed again.

    Raises OutsideError when a judge's endpoint is gone; what was answered is in the journal then.
    """
    pairs, drops = _pairs(context)
    spent: list[Completion] = []
    ask = _asking(context, open_judge, spent)
    if context.study.judging.stop_early and context.cell != CONTROLS_CELL:
        rows, left = _until_settled(context, pairs, ask)
        drops += [pair.unasked("settled_before") for pair in left]
    else:
        rows, left = list(_all(context, pairs, ask)), []
    rows += _people(context, pairs)
    context.job.write(Verdict, rows)
    context.job.write_drops(drops)
    asked = len(pairs) - len(left)
    tally = Tally.of(records_in=asked + len(drops), records_out=asked, drops=drops, rows=len(rows))
    return StageResult(tally, _measured(spent))


def _people(context: StageContext, pairs: Sequence[Pair]) -> list[Verdict]:
    """What people said of these pairs; why a decision does not count is reported."""
    decisions = read_decisions(context.run.path / FILE_NAME)
    rows, passed_over = people_verdicts(pairs, decisions)
    entrants = {id_part(pair.candidate.model) for pair in pairs}
    gone = on_nothing(pairs, decisions, sorted(entrants))
    for said in (*decisions.said(), *in_short([*passed_over, *gone])):
        context.report(said)
    return rows


def _all(context: StageContext, pairs: Sequence[Pair], ask: Ask) -> Iterator[Verdict]:
    """Every judge on every pair; controls are seen in one order, which is what they need."""
    study, tools = context.study, tools_of(context.study)
    for judge in study.judges:
        role, settings = judge, study.judging
        if context.cell == CONTROLS_CELL:
            role = judge.model_copy(update={"orders": "random"})
            settings = settings.model_copy(update={"audit_share": 0.0, "repeat_share": 0.0})
        yield from verdicts(ballots(pairs, role, study.seed, tools, settings), ask)


def _until_settled(
    context: StageContext, pairs: Sequence[Pair], ask: Ask
) -> tuple[list[Verdict], list[Pair]]:
    rows: list[Verdict] = []
    left: list[Pair] = []
    for _, mine in groupby(sorted(pairs, key=lambda pair: pair.names), lambda pair: pair.names):
        more, rest = in_looks(
            list(mine),
            lambda some: list(_all(context, some, ask)),
            seed=context.study.seed,
        )
        rows += more
        left += rest
    return rows, left


def _asking(context: StageContext, open_judge: OpenJudge, spent: list[Completion]) -> Ask:
    door = Door(context.run.journal, report=context.report, budget_usd=context.study.budget_usd)

    def ask(role: JudgeRole, requests: Sequence[Request]) -> list[Completion]:
        pace = role
        if parse_model_name(role.model).kind in MODEL_FREE:
            pace = role.model_copy(update={"concurrency": MODEL_FREE_CONCURRENCY})
        completions = door.ask(open_judge(role), requests, pace)
        spent.extend(completions)
        return completions

    return ask


def _pairs(context: StageContext) -> tuple[list[Pair], list[Drop]]:
    facts = Facts(
        {record.id: record for record in context.run.read("split", PullRequest)},
        {p.id: p for p in context.run.read("render", Prompt) if p.split is Split.EVAL},
    )
    references = [
        standing(context.run.read("respond", Answer, role.cell)) for role in context.study.reference
    ]
    if context.cell == CONTROLS_CELL:
        study, tools = context.study, tools_of(context.study)
        wanted = study.judging.controls
        return [
            pair
            for answers in references
            for pair in control_pairs(answers, facts, tools, wanted=wanted, seed=study.seed)
        ], []
    candidates = standing(context.run.read("respond", Answer, context.cell))
    pairs: list[Pair] = []
    drops: list[Drop] = []
    for answers in references:
        more, without = pair_up(candidates, answers, facts)
        pairs += more
        drops += without
    return pairs, drops


def _measured(spent: Sequence[Completion]) -> dict[str, float]:
    return {
        "calls": len(spent),
        "cost_usd": round(sum(each.cost_usd or 0.0 for each in spent), 6),
        "unpriced": sum(each.cost_usd is None for each in spent),
        "input_tokens": sum(each.input_tokens for each in spent),
        "output_tokens": sum(each.output_tokens for each in spent),
    }
