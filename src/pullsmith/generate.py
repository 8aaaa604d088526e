"""Generate: train prompts in, every teacher's answers out, valid or not.

Each teacher answers the prompts of its contract, through the door and the journal; the short spot
exercise, which not every contract has, in the first contract that has it. What an answer is worth is
clean's to decide. Of several samples the best is passed on, by validity, grounding and planted truth;
further rounds are about that one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path
from sys import intern
from typing import Any, Protocol, TypeVar

from pullsmith.contracts.contract import contracts_of
from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.tools import Tools
from pullsmith.diff.shown import ShownDiff
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import StudyError
from pullsmith.llm.asking import Entrant, answers_to
from pullsmith.llm.door import Door
from pullsmith.llm.grading import Grader
from pullsmith.llm.open_model import OpenModel, open_model
from pullsmith.llm.protocol import Completion, Request
from pullsmith.llm.rounds import Rounds, check_second_looks
from pullsmith.llm.terms import check_terms
from pullsmith.records import Answer, Drop, Prompt, PullRequest, Split, digest, drop
from pullsmith.rows import read_rows, write_sorted
from pullsmith.scoring import Score, score_answer
from pullsmith.store import JobKey
from pullsmith.study.roles import GraderRole, TeacherRole
from pullsmith.study.study import Study
from pullsmith.tally import Tally

SPOT = "spot"


def run(context: StageContext, *, opens: OpenModel = open_model) -> StageResult:
    """Ask every teacher; the rows are all their answers. ``opens`` finds a model by name.

    Raises StudyError for a teacher without prompts or a model that cannot be opened, OutsideError
    when an endpoint is gone; finished answers stay in the journal.
    """
    study = context.study
    check_terms(study.teacher, study.accept_terms)
    tools = tools_of(study)
    contracts = contracts_of(study.contract, tools)
    check_second_looks(study, contracts)
    pull_requests = context.run.stored("split", PullRequest)
    chosen = _chosen(context)
    door = Door(context.run.journal, report=context.report, budget_usd=context.study.budget_usd)
    made: list[Path] = []
    drops: list[Drop] = []
    measured: Counter[str] = Counter()
    records_in = 0
    for number, teacher in enumerate(study.teacher):
        if not chosen[number]:
            raise StudyError(
                f"teacher {teacher.label}: render made no train prompt in contract "
                f"{teacher.contract!r}; see the drops of collect, select and render"
            )
        mine = context.run.stored("render", Prompt, keep=_among(chosen[number]))
        model = opens(teacher.model, threads=study.train.threads, contracts=contracts)
        entrant = Entrant(teacher, model, samples=teacher.samples)
        answers = answers_to(
            entrant, mine.values(), pull_requests, door=door, contracts=contracts, tools=tools
        )
        best = best_answers(answers, mine.values(), pull_requests, tools=tools, drops=drops)
        first = context.job.work("answers") / f"{number}.parquet"
        write_sorted(first, Answer, best)
        rounds = Rounds(mine, pull_requests, door, contracts, tools, first.parent, context.report)
        followed = rounds.after(entrant, first)
        made += followed.paths
        measured.update(answers.measured)
        measured.update(followed.measured)
        records_in += len(mine) * teacher.samples + followed.asked
    if study.grader is not None:
        grader = _grader(context, study.grader, pull_requests, opens=opens)
        made = [_graded(grader, path, study) for path in made]
        measured.update(grader.measured)
    rows = context.job.merge(Answer, made).rows
    context.job.write_drops(drops)
    tally = Tally.of(records_in=records_in, records_out=rows, drops=drops, rows=rows)
    return StageResult(tally, dict(measured))


def _grader(
    context: StageContext,
    role: GraderRole,
    pull_requests: Mapping[str, PullRequest],
    *,
    opens: OpenModel,
) -> Grader:
    tools, study = tools_of(context.study), context.study
    door = Door(context.run.journal, report=context.report, budget_usd=study.budget_usd)

    def ask(requests: Sequence[Request]) -> list[Completion]:
        return door.ask(opens(role.model, threads=study.train.threads, tools=tools), requests, role)

    prompts = context.run.stored(
        "render", Prompt, columns=("split",), keep=lambda row: row["split"] == Split.TRAIN
    )
    return Grader(role, prompts, pull_requests, ask, tools)


def _graded(grader: Grader, path: Path, study: Study) -> Path:
    """The same rows with their scores; nobody is asked about answers that train nothing."""
    labels = {each.label for each in study.training_teachers}
    first = next(read_rows(path, Answer), None)
    if first is None or first.model not in labels:
        return path
    made = path.with_name(f"{path.stem}-graded.parquet")
    write_sorted(made, Answer, grader.graded(read_rows(path, Answer)))
    return made


def best_answers(
    answers: Iterable[Answer],
    prompts: Iterable[Prompt],
    pull_requests: Mapping[str, PullRequest],
    *,
    tools: Tools,
    drops: list[Drop],
) -> Iterator[Answer]:
    """The best answer to each prompt, of those that stand one after the other; others are dropped.

    The first counts where several are as good.
    """
    by_prompt = groupby(answers, key=lambda answer: answer.prompt_id)
    for prompt, (_, group) in zip(prompts, by_prompt, strict=True):
        several = list(group)
        if len(several) > 1:
            pull_request = pull_requests[prompt.pull_request_id]
            shown = ShownDiff.of(pull_request, prompt.coverage)
            scores = [_worth(score_answer(a, pull_request, shown, tools)) for a in several]
            best = scores.index(max(scores))
            drops += [
                drop("generate", answer, "worse_sample", f"sample {several[best].sample} is better")
                for place, answer in enumerate(several)
                if place != best
            ]
            several = [several[best]]
        yield several[0]


def _worth(score: Score) -> tuple[float, ...]:
    """What counts, the weightiest first: valid, grounded, right about the planted truth, in limits."""
    truth = score.planted
    right = 0.0
    if truth is not None:
        right = float(truth.found + truth.exact_fix if truth.defective else truth.silent)
        right -= (truth.claims - truth.right_claims) / 100
    return float(score.valid), float(score.grounded), right, -float(len(score.limit_faults))


class About(Protocol):
    """What decides who is asked a prompt."""

    @property
    def pull_request_id(self) -> str:
        """Which pull request it is about."""

    @property
    def tool(self) -> str:
        """What is asked."""

    @property
    def contract(self) -> str:
        """In which form the answer is to be."""


A = TypeVar("A", bound=About)


@dataclass(frozen=True, slots=True)
class Head:
    """The part of a Prompt that decides who is asked it; those of a run fit memory."""

    id: str
    pull_request_id: str
    tool: str
    contract: str
    split: str


def heads_of(context: StageContext) -> Iterator[Head]:
    """The head of every prompt of a run."""
    for row in context.run.job(JobKey("render")).columns(*(field.name for field in fields(Head))):
        # A few words, many times: kept once.
        row |= {name: intern(row[name]) for name in ("tool", "contract", "split")}
        yield Head(**row)


def _among(ids: set[str]) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a row is one of these."""
    return lambda row: row["id"] in ids


def _chosen(context: StageContext) -> list[set[str]]:
    """For each teacher the ids of its prompts."""
    heads = [head for head in heads_of(context) if head.split == Split.TRAIN]
    return [
        {head.id for head in prompts_of(teacher, share_of(teacher, context.study, heads))}
        for teacher in context.study.teacher
    ]


def share_of(teacher: TeacherRole, study: Study, prompts: Sequence[A]) -> Sequence[A]:
    """Its part of the prompts where teachers have shares, all tools of a pull request together."""
    sharing = [each for each in study.teacher if each.share]
    if teacher not in sharing:
        return prompts
    total = sum(each.share for each in sharing)
    begin = sum(each.share for each in sharing[: sharing.index(teacher)]) / total
    end = begin + teacher.share / total
    return [p for p in prompts if begin <= _drawn(study.seed, p.pull_request_id) < end]


def _drawn(seed: int, pull_request_id: str) -> float:
    """A number from 0 to 1 that hangs on the pull request alone."""
    return int(digest([seed, "teacher", pull_request_id]), 16) / 2.0**64


def prompts_of(teacher: TeacherRole, prompts: Sequence[A]) -> list[A]:
    """Those in the teacher's contract, and each spot once, in its contract where that has it."""
    mine = [p for p in prompts if p.contract == teacher.contract and p.tool != SPOT]
    spots: dict[str, A] = {}
    for prompt in prompts:
        if prompt.tool == SPOT:
            spots.setdefault(prompt.pull_request_id, prompt)
            if prompt.contract == teacher.contract:
                spots[prompt.pull_request_id] = prompt
    return [*mine, *spots.values()]
