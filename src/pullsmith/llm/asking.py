"""Prompts in, answers out: through the door and the journal, read by the prompt's contract.

What generate and respond share. Takes prompts and the pull requests they are about; gives Answers,
valid or not, one a prompt. Knows no stage. The planted truth leaves here for rules+truth only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pullsmith.contracts.canonical import value_json
from pullsmith.contracts.contract import Contract, find_contract
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.errors import AnswerError, RunFolderError
from pullsmith.llm.door import Door
from pullsmith.llm.protocol import Completion, Model, Request, TaskSubject
from pullsmith.llm.rules import RULES_VERSION
from pullsmith.models.names import MODEL_FREE, ModelKind, parse_model_name
from pullsmith.records import Answer, Outcome, Phase, Prompt, PullRequest, answer_id
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

    @property
    def kind(self) -> ModelKind:
        """How its model is reached."""
        return parse_model_name(self.role.model).kind

    @property
    def state(self) -> str:
        """The checkpoint part of its answers' ids: the given one, the rules' version, or none."""
        return self.checkpoint or (RULES_VERSION if self.kind in _RULES else "none")


@dataclass(frozen=True)
class Asked:
    """The answers in the order of the prompts, and what they took, for the manifest."""

    answers: list[Answer]
    measured: dict[str, float]


def ask(
    entrant: Entrant,
    prompts: Sequence[Prompt],
    pull_requests: Mapping[str, PullRequest],
    *,
    door: Door,
    contracts: Callable[[str], Contract] = find_contract,
    tools: Tools = BUILT_IN,
) -> Asked:
    """One Answer a prompt; the model is closed at the end.

    An answer that came and does not follow its contract is UNREADABLE with its fault. Raises
    RunFolderError for a prompt without its pull request, and what the door raises.
    """
    for prompt in prompts:
        if prompt.pull_request_id not in pull_requests:
            raise RunFolderError(
                f"prompt {prompt.id}: its pull request is not among those of split; "
                "split and render are of two runs, run with --restart"
            )
    requests = [_request(entrant, p, pull_requests[p.pull_request_id]) for p in prompts]
    role = entrant.role
    if entrant.kind in MODEL_FREE:
        role = role.model_copy(update={"concurrency": MODEL_FREE_CONCURRENCY})
    completions = door.ask(entrant.model, requests, role)
    reader = _Reader(entrant, contracts, tools)
    answers = [
        reader.answer(prompt, pull_requests[prompt.pull_request_id], completion)
        for prompt, completion in zip(prompts, completions, strict=True)
    ]
    return Asked(answers, _measured(completions))


def _request(entrant: Entrant, prompt: Prompt, pull_request: PullRequest) -> Request:
    """A language model gets the messages and nothing else, a model-free one the subject."""
    model_free = entrant.kind in MODEL_FREE
    task = None
    if model_free:
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

    def answer(self, prompt: Prompt, pull_request: PullRequest, completion: Completion) -> Answer:
        entrant = self._entrant
        label, state = entrant.role.label, entrant.state
        answer = Answer(
            id=answer_id(prompt.id, model=label, phase=entrant.phase, checkpoint=state, sample=0),
            prompt_id=prompt.id,
            pull_request_id=prompt.pull_request_id,
            tool=prompt.tool,
            contract=prompt.contract,
            model=label,
            phase=entrant.phase,
            checkpoint=state,
            outcome=completion.outcome,
            text=completion.text,
            fault=completion.detail or None,
            input_tokens=completion.input_tokens,
            output_tokens=completion.output_tokens,
            cost_usd=completion.cost_usd,
            terms=entrant.role.terms,
        )
        if completion.outcome is not Outcome.OK:
            return answer
        return answer.model_copy(update=self._read(prompt, pull_request, completion.text))

    def _read(self, prompt: Prompt, pull_request: PullRequest, text: str) -> dict[str, object]:
        if prompt.contract not in self._contracts:
            self._contracts[prompt.contract] = self._find(prompt.contract)
        task = Task.of(prompt, pull_request)
        try:
            value = self._contracts[prompt.contract].parse(task, text)
        except AnswerError as error:
            return {"outcome": Outcome.UNREADABLE, "fault": str(error)}
        return {
            "value_json": value_json(value),
            "grounding_faults": self._tools[prompt.tool].faults(value, task.shown),
        }


def _measured(completions: Sequence[Completion]) -> dict[str, float]:
    """Sums over all answers, those of earlier runs included; latency of the attempts that ended."""
    return {
        "answers": float(len(completions)),
        "tries": float(sum(each.tries for each in completions)),
        "input_tokens": float(sum(each.input_tokens for each in completions)),
        "output_tokens": float(sum(each.output_tokens for each in completions)),
        "cost_usd": round(sum(each.cost_usd for each in completions), 6),
        "latency_seconds": round(sum(each.latency_seconds for each in completions), 3),
    }
