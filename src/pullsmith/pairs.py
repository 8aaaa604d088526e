"""Who is compared with whom: candidate and reference answers to one task on one pull request.

Takes the answers of one candidate cell and of one reference; gives pairs, and what had no partner.
Decides what needs no judge: a pair in which an answer is invalid, or both say the same; says what a
person's decision on a pair names. Knows no judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pullsmith.controls import PREFIX as CONTROL
from pullsmith.errors import RunFolderError
from pullsmith.records import (
    Answer,
    Drop,
    Order,
    Outcome,
    Prompt,
    PullRequest,
    Result,
    digest,
    drop,
    entrant_name,
    part_of,
)

Task = tuple[str, str, int]  # pull request, tool, part


@dataclass(frozen=True)
class Pair:
    """Two answers to one task; ``prompt`` is the candidate's, its coverage is the reference's too."""

    pull_request: PullRequest
    prompt: Prompt
    candidate: Answer
    reference: Answer

    @property
    def tool(self) -> str:
        """The task."""
        return self.candidate.tool

    @property
    def task(self) -> Task:
        """What both answer."""
        return self.pull_request.id, self.tool, self.prompt.part

    @property
    def names(self) -> tuple[str, str]:
        """What verdicts call the candidate and the reference."""
        return _entrant(self.candidate), _entrant(self.reference)

    @property
    def ruling(self) -> tuple[Result, str] | None:
        """What ``ruling_on`` says of the two answers."""
        return ruling_on(self.candidate, self.reference)

    def unasked(self, reason: str) -> Drop:
        """The candidate's answer as one that no judge was asked about."""
        made = drop("judge", self.candidate, reason, f"beside {self.names[1]}")
        return made.model_copy(update={"id": f"{made.id}!{self.names[1]}"})

    def swap(self) -> Pair:
        """The pair from the reference's side."""
        return Pair(self.pull_request, self.prompt, self.reference, self.candidate)


@dataclass(frozen=True)
class Facts:
    """What pairs are made of besides answers, by id."""

    pull_requests: Mapping[str, PullRequest]
    prompts: Mapping[str, Prompt]


def pair_up(
    candidates: Sequence[Answer], references: Sequence[Answer], facts: Facts
) -> tuple[list[Pair], list[Drop]]:
    """Pairs of answers to the same task, for each entrant among ``candidates``.

    A task that only one side answered is a drop that keeps the answer there is. Raises
    RunFolderError where one side has two answers to a task, or an answer's prompt is not there.
    """
    pairs: list[Pair] = []
    drops: list[Drop] = []
    for answers in _by_entrant(candidates):
        for one, other in partners(answers, references):
            if one is not None and other is not None:
                pairs.append(pair_of(one, other, facts))
            elif one is not None:
                drops.append(_alone(one, "no_reference_answer", references))
            elif other is not None:
                drops.append(_alone(other, "no_candidate_answer", answers))
    return pairs, drops


def partners(
    candidates: Iterable[Answer], references: Iterable[Answer]
) -> Iterator[tuple[Answer | None, Answer | None]]:
    """The answers of one entrant beside those of another to the same tasks, in the tasks' order.

    None where one side has no answer. Raises RunFolderError where one side has two to a task.
    """
    mine, theirs = _by_task(candidates), _by_task(references)
    for task in sorted(mine.keys() | theirs.keys()):
        yield mine.get(task), theirs.get(task)


def balanced_orders(pairs: Sequence[Pair], *, seed: int, judge: str) -> dict[Task, Order]:
    """One order a task, half of each tool's tasks this way and half that way, drawn by hash.

    It hangs on the task and the judge, not on the candidate: what position does to a judge it does
    to every candidate alike, and falls out of paired differences.
    """
    tasks = {pair.task for pair in pairs}
    drawn = sorted(tasks, key=lambda task: (task[1], digest([seed, judge, *task])))
    orders = (Order.CANDIDATE_FIRST, Order.REFERENCE_FIRST)
    return {task: orders[place % 2] for place, task in enumerate(drawn)}


def ruling_on(candidate: Answer, reference: Answer) -> tuple[Result, str] | None:
    """The result that needs no judge, and the rule's name; None where somebody must be asked.

    Answers that say the very same are even. A judge who leans to one place would give half of them
    away; how it leans is what the control ``reference`` is for, which is asked all the same.
    """
    mine, theirs = (one.outcome is Outcome.OK for one in (candidate, reference))
    if not mine and not theirs:
        return Result.TIE, "both_invalid"
    if not mine:
        return Result.LOSS, "candidate_invalid"
    if not theirs:
        return Result.WIN, "reference_invalid"
    equal = candidate.value_json == reference.value_json
    if equal and not candidate.model.startswith(CONTROL):
        return Result.TIE, "equal_answers"
    return None


def pair_name(candidate: Answer, reference: Answer) -> str:
    """What a decision on a pair names: both answers, the candidate's first."""
    return f"{candidate.id} / {reference.id}"


def compared(pair: Pair) -> str:
    """The digest of what was compared: both answers' values, and what is shown of the change."""
    shown = pair.prompt.coverage.model_dump(mode="json")
    values = [pair.candidate.value_json, pair.reference.value_json]
    return digest([pair.pull_request.id, pair.tool, shown, *values])


def _entrant(answer: Answer) -> str:
    return entrant_name(answer.model, answer.phase)


def _by_entrant(answers: Iterable[Answer]) -> list[list[Answer]]:
    found: dict[str, list[Answer]] = {}
    for answer in answers:
        found.setdefault(_entrant(answer), []).append(answer)
    return list(found.values())


def _by_task(answers: Iterable[Answer]) -> dict[Task, Answer]:
    found: dict[Task, Answer] = {}
    for answer in answers:
        task = (answer.pull_request_id, answer.tool, part_of(answer.prompt_id))
        if task in found:
            raise RunFolderError(
                f"{answer.id}: {_entrant(answer)} answered {task[1]} on {task[0]} twice "
                f"(the other is {found[task].id}); answers of several samples cannot be judged"
            )
        found[task] = answer
    return found


def pair_of(candidate: Answer, reference: Answer, facts: Facts) -> Pair:
    """The pair of two answers to one task; raises RunFolderError where what they answer is not there."""
    prompt = facts.prompts.get(candidate.prompt_id)
    pull_request = facts.pull_requests.get(candidate.pull_request_id)
    if prompt is None or pull_request is None:
        raise RunFolderError(
            f"{candidate.id}: its prompt or pull request is not in this run; run respond again"
        )
    return Pair(pull_request, prompt, candidate, reference)


def _alone(answer: Answer, reason: str, others: Sequence[Answer]) -> Drop:
    """The answer that has no partner; once for each entrant that should have had one."""
    missing = _entrant(others[0]) if others else "nobody"
    made = drop("judge", answer, reason, f"{missing} has no answer to this task")
    return made.model_copy(update={"id": f"{made.id}!{missing}"})
