"""Prompts in, answers out: through the door and the journal, read by the prompt's contract.

What generate and respond share. Takes prompts and the pull requests they are about, or follow-ups to
answers; gives Answers, valid or not, one a prompt and sample. Knows no stage. The planted truth leaves
here for rules+truth only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from pullsmith.contracts.canonical import value_from_json, value_json
from pullsmith.contracts.contract import Contract, Lenient, find_contract
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.errors import AnswerError, RunFolderError
from pullsmith.llm.door import Completions, Door
from pullsmith.llm.protocol import Completion, Model, Request, TaskSubject, options_json
from pullsmith.llm.rules import rules_version
from pullsmith.models.names import MODEL_FREE, ModelKind, parse_model_name
from pullsmith.records import (
    Answer,
    Outcome,
    Phase,
    Prompt,
    PullRequest,
    Record,
    answer_id,
    repair_id,
)
from pullsmith.study.roles import Role

# Nothing is waited for and nothing paid, so the only thing that counts is few commits.
MODEL_FREE_CONCURRENCY = 512
_RULES = (ModelKind.RULES, ModelKind.RULES_TRUTH)


@dataclass(frozen=True)
class Entrant:
    """Who is asked: a role, in which phase, and the digest of what it learned or is made of."""

    role: Role
    model: Model
    phase: Phase = Phase.NONE
    checkpoint: str = ""
    samples: int = 1

    @property
    def kind(self) -> ModelKind:
        """How its model is reached."""
        return parse_model_name(self.role.model).kind

    @property
    def state(self) -> str:
        """The checkpoint part of its answers' ids: the given one, the rules' version, or none."""
        return self.checkpoint or (rules_version() if self.kind in _RULES else "none")


@dataclass(frozen=True)
class Asked:
    """The answers in the order of the prompts, and what they took, for the manifest."""

    answers: list[Answer]
    measured: dict[str, float]


def ask(  # answers_to's arguments
    entrant: Entrant,
    prompts: Collection[Prompt],
    pull_requests: Mapping[str, PullRequest],
    *,
    door: Door,
    contracts: Callable[[str], Contract] = find_contract,
    tools: Tools = BUILT_IN,
) -> Asked:
    """``answers_to`` for answers that fit memory."""
    given = answers_to(entrant, prompts, pull_requests, door=door, contracts=contracts, tools=tools)
    return Asked(list(given), given.measured)


def answers_to(  # who, what, and how it is asked and read
    entrant: Entrant,
    prompts: Collection[Prompt],
    pull_requests: Mapping[str, PullRequest],
    *,
    door: Door,
    contracts: Callable[[str], Contract] = find_contract,
    tools: Tools = BUILT_IN,
) -> Answers:
    """One Answer a prompt and sample, in their order; all are asked before the first is given.

    An answer that came and does not follow its contract is UNREADABLE with its fault. The model is
    closed. Raises RunFolderError for a prompt without its pull request, and what the door raises.
    """
    for prompt in prompts:
        if prompt.pull_request_id not in pull_requests:
            raise RunFolderError(
                f"prompt {prompt.id}: its pull request is not among those of split; "
                "split and render are of two runs, run with --restart"
            )
    firsts = _Firsts(prompts, entrant.samples)
    return _put(entrant, firsts, pull_requests, door, _Reader(entrant, contracts, tools))


class FollowUp(Record):
    """A further turn after the answer ``parent``; ``about`` are the suggestions of a second look."""

    id: str  # the parent's
    prompt: Prompt
    parent: Answer
    about: Answer | None = None


class FollowUps(Protocol):
    """Follow-ups that can be gone through more than once, and need not fit memory."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[FollowUp]:
        """Each of them, always in the same order."""


def follow_up_answers(  # as answers_to
    entrant: Entrant,
    follow_ups: FollowUps,
    pull_requests: Mapping[str, PullRequest],
    *,
    door: Door,
    contracts: Callable[[str], Contract] = find_contract,
    tools: Tools = BUILT_IN,
) -> Answers:
    """One Answer a follow-up, in their order, each naming its parent; as ``answers_to``."""
    turns = _Further(follow_ups)
    return _put(entrant, turns, pull_requests, door, _Reader(entrant, contracts, tools))


@dataclass(frozen=True)
class _Turn:
    """What one answer is to."""

    prompt: Prompt
    sample: int
    follow_up: FollowUp | None = None


class _Turns(Protocol):
    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[_Turn]: ...


@dataclass(frozen=True)
class _Firsts:
    """Every prompt with every sample's number."""

    prompts: Collection[Prompt]
    samples: int

    def __len__(self) -> int:
        return len(self.prompts) * self.samples

    def __iter__(self) -> Iterator[_Turn]:
        for prompt in self.prompts:
            for sample in range(self.samples):
                yield _Turn(prompt, sample)


@dataclass(frozen=True)
class _Further:
    """Each follow-up once; of several samples it goes on with its parent's."""

    follow_ups: FollowUps

    def __len__(self) -> int:
        return len(self.follow_ups)

    def __iter__(self) -> Iterator[_Turn]:
        for each in self.follow_ups:
            yield _Turn(each.prompt, each.parent.sample, each)


def _put(
    entrant: Entrant,
    turns: _Turns,
    pull_requests: Mapping[str, PullRequest],
    door: Door,
    reader: _Reader,
) -> Answers:
    role = entrant.role
    if entrant.kind in MODEL_FREE:
        role = role.model_copy(update={"concurrency": MODEL_FREE_CONCURRENCY})
    calls = _Calls(entrant, turns, pull_requests)
    return Answers(calls, door.each(entrant.model, calls, role), reader)


@dataclass(frozen=True)
class _Calls:
    """The requests, made when they are needed: their prompts may be too much for memory twice."""

    entrant: Entrant
    turns: _Turns
    pull_requests: Mapping[str, PullRequest]

    def __len__(self) -> int:
        return len(self.turns)

    def __iter__(self) -> Iterator[Request]:
        for turn in self.turns:
            yield _request(self.entrant, turn.prompt, self.pull_requests, turn.sample)


class Answers:
    """The answers, read when they are wanted; ``measured`` holds what those came to that were read."""

    def __init__(self, calls: _Calls, completions: Completions, reader: _Reader) -> None:
        """Nothing is read yet."""
        self._calls, self._completions, self._reader = calls, completions, reader
        self.measured: dict[str, float] = {}

    @property
    def asked(self) -> int:
        """How many of them the model gave now; the others were in the journal before."""
        return self._completions.answered

    def timing(self) -> dict[str, float]:
        """How long they took, those of earlier runs included; empty where nobody timed them."""
        return self._completions.timing()

    def __iter__(self) -> Iterator[Answer]:
        sums = dict.fromkeys(_SUMS, 0.0)
        for turn, completion in zip(self._calls.turns, self._completions, strict=True):
            for name, measure in _SUMS.items():
                sums[name] += measure(completion)
            pull_request = self._calls.pull_requests[turn.prompt.pull_request_id]
            yield self._reader.answer(turn, pull_request, completion)
        self.measured = {name: round(total, 6) for name, total in sums.items()}


def _request(
    entrant: Entrant, prompt: Prompt, pull_requests: Mapping[str, PullRequest], sample: int
) -> Request:
    """A language model gets the messages and nothing else, a model-free one the subject."""
    model_free = entrant.kind in MODEL_FREE
    task = None
    if model_free:
        pull_request = pull_requests[prompt.pull_request_id]  # read from disk, so only where needed
        known = entrant.kind is ModelKind.RULES_TRUTH
        task = TaskSubject(
            pull_request=pull_request if known else without_truth(pull_request),
            coverage=prompt.coverage,
            options=prompt.options,
            tool=prompt.tool,
            contract=prompt.contract,
        )
    return Request(
        model=entrant.role.model,
        checkpoint=entrant.state,
        messages=() if model_free else prompt.messages,
        temperature=entrant.role.temperature,
        max_tokens=entrant.role.max_tokens,
        sample=sample,
        longer_tokens=entrant.role.longer_tokens,
        options_json=options_json(entrant.role.extra_body),
        scan=prompt.scan,
        task=task,
    )


def without_truth(pull_request: PullRequest) -> PullRequest:
    """``pull_request`` without its defect, and without what else the planting left on the record."""
    if not pull_request.planted:
        return pull_request
    hidden = {"defect": None, "evidence": "", "pool": None, "scan": None, "flags": ()}
    return pull_request.model_copy(update=hidden)


class _Reader:
    """Turns completions into answers; a contract is looked up once."""

    def __init__(
        self, entrant: Entrant, contracts: Callable[[str], Contract], tools: Tools
    ) -> None:
        self._entrant = entrant
        self._tools = tools
        self._find = contracts
        self._contracts: dict[str, Contract] = {}

    def answer(self, turn: _Turn, pull_request: PullRequest, completion: Completion) -> Answer:
        entrant, prompt, sample = self._entrant, turn.prompt, turn.sample
        label, state = entrant.role.label, entrant.state
        name = answer_id(
            prompt.id, model=label, phase=entrant.phase, checkpoint=state, sample=sample
        )
        parent = turn.follow_up.parent if turn.follow_up else None
        answer = Answer(
            id=repair_id(name) if parent and parent.prompt_id == prompt.id else name,
            prompt_id=prompt.id,
            pull_request_id=prompt.pull_request_id,
            tool=prompt.tool,
            contract=prompt.contract,
            model=label,
            phase=entrant.phase,
            checkpoint=state,
            sample=sample,
            outcome=completion.outcome,
            text=completion.text,
            fault=completion.detail or None,
            input_tokens=completion.input_tokens,
            output_tokens=completion.output_tokens,
            cost_usd=completion.cost_usd,
            terms=entrant.role.terms,
            parent_answer=prompt.parent_answer,
        )
        if completion.outcome is not Outcome.OK:
            return answer
        about = turn.follow_up.about if turn.follow_up else None
        task = task_of(prompt, pull_request, about, self._tools)
        return answer.model_copy(update=self._read(prompt, task, completion.text))

    def _read(self, prompt: Prompt, task: Task, text: str) -> dict[str, object]:
        if prompt.contract not in self._contracts:
            self._contracts[prompt.contract] = self._find(prompt.contract)
        contract = self._contracts[prompt.contract]
        try:
            value = contract.parse(task, text)
        except AnswerError as error:
            lenient = _taken(contract, task, text)
            return {"outcome": Outcome.UNREADABLE, "fault": str(error), "lenient": lenient}
        return {
            "value_json": value_json(value),
            "grounding_faults": self._tools[prompt.tool].faults_beside(value, task),
        }


def task_of(
    prompt: Prompt, pull_request: PullRequest, about: Answer | None, tools: Tools = BUILT_IN
) -> Task:
    """The task that a prompt puts, also one about an earlier answer, which must be valid."""
    if about is None:
        return Task.of(prompt, pull_request)
    value = value_from_json(about.tool, about.value_json or "", tools)
    return Task.of(prompt, pull_request, about=value, about_text=about.text)


def _taken(contract: Contract, task: Task, text: str) -> bool | None:
    """Whether the bot a contract stands for would take a text all the same; None without a bot."""
    if not isinstance(contract, Lenient):
        return None
    try:
        contract.parse_leniently(task, text)
    except AnswerError:
        return False
    return True


# Sums over all answers, those of earlier runs included; latency of the attempts that ended.
_SUMS: dict[str, Callable[[Completion], float]] = {
    "answers": lambda _: 1.0,
    "tries": lambda one: one.tries,
    "input_tokens": lambda one: one.input_tokens,
    "output_tokens": lambda one: one.output_tokens,
    "cost_usd": lambda one: one.cost_usd or 0.0,
    "unpriced": lambda one: one.cost_usd is None,
    "latency_seconds": lambda one: one.latency_seconds,
}
