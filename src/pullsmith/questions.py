"""What an answer was asked, and what a student would be: a prompt of render's, or a second look.

Takes what is known of one pull request; gives prompts and tasks by contract. A second look has no
prompt of its own in render: it is made from that of improve and the suggestions it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pullsmith.contracts.answers import Improve
from pullsmith.contracts.canonical import value_from_json
from pullsmith.contracts.contract import Contract
from pullsmith.contracts.second_look import second_look, second_prompt
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import Tools
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import RunFolderError
from pullsmith.records import (
    SECOND_LOOK,
    Answer,
    Coverage,
    Outcome,
    Prompt,
    PullRequest,
    Split,
    prompt_id,
)


@dataclass(frozen=True)
class Asked:
    """The answers about one pull request, and what they are about; nothing where it is not there."""

    answers: list[Answer]
    pull_requests: Mapping[str, PullRequest]
    prompts: Mapping[str, Prompt]


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt, and the task that it puts."""

    prompt: Prompt
    task: Task


class Questions:
    """What the answers about one pull request after the other were asked."""

    def __init__(self, asked: Asked, contracts: Callable[[str], Contract], tools: Tools) -> None:
        """``asked`` holds all answers about its pull requests, follow-ups and their parents too."""
        self._contracts, self._tools = contracts, tools
        self._last: tuple[str, Coverage, ShownDiff] | None = None
        self.about(asked)

    def about(self, asked: Asked) -> None:
        """What the next answers are about."""
        self._asked = asked
        self._answers = {answer.id: answer for answer in asked.answers}
        self._repairs = {a.parent_answer: a for a in asked.answers if a.mends}

    def is_mended(self, answer: Answer) -> bool:
        """Whether it was refused, and a valid one came when it was asked for once more."""
        repair = self._repairs.get(answer.id)
        return repair is not None and repair.outcome is Outcome.OK

    def check(self, answer: Answer) -> None:
        """Raise RunFolderError where what it answers is not there, or of the evaluation set."""
        prompt = self._prompts.get(self._first(answer).prompt_id)
        if prompt is None or prompt.pull_request_id not in self._asked.pull_requests:
            raise RunFolderError(
                f"answer {answer.id}: its prompt or pull request is not in render and split; the "
                "stages are of different runs, run with --restart"
            )
        if prompt.split is not Split.TRAIN:
            raise RunFolderError(f"answer {answer.id}: to a prompt of the evaluation set")

    def put(self, answer: Answer, contract: str) -> Question | None:
        """What ``answer`` is to in the words of ``contract``; None where it does not put that tool.

        Raises AnswerError for a second look at suggestions that it cannot say.
        """
        first = self._first(answer)
        part = self._prompts[first.prompt_id].part
        name = prompt_id(first.pull_request_id, tool=first.tool, contract=contract, part=part)
        prompt = self._prompts.get(name)
        if prompt is None:
            return None
        question = Question(prompt, self._task(prompt))
        return self._look(first, question) if answer.tool == SECOND_LOOK else question

    def asked(self, answer: Answer) -> Question:
        """What its own model was asked; as ``put`` in its own contract."""
        first = self._first(answer)
        prompt = self._prompts[first.prompt_id]
        question = Question(prompt, self._task(prompt))
        found = self._look(first, question) if answer.tool == SECOND_LOOK else question
        assert found is not None  # its contract has put it
        return found

    @property
    def _prompts(self) -> Mapping[str, Prompt]:
        return self._asked.prompts

    def _look(self, first: Answer, improve: Question) -> Question | None:
        contract = self._contracts(improve.prompt.contract)
        if SECOND_LOOK not in contract.tools:
            return None
        value = value_from_json(first.tool, first.value_json or "", self._tools)
        assert isinstance(value, Improve)
        task = second_look(improve.task, contract, value)
        prompt = second_prompt(improve.prompt, task, contract, parent_answer=first.id)
        return Question(prompt, task)

    def _first(self, answer: Answer) -> Answer:
        """The answer to a prompt of render's that a second look is about; any other is one itself."""
        found = answer
        while found.tool == SECOND_LOOK:
            parent = self._answers.get(found.parent_answer or "")
            if parent is None:
                raise RunFolderError(
                    f"answer {answer.id}: the answer that it is about is not in generate; run with "
                    "--restart"
                )
            found = parent
        return found

    def _task(self, prompt: Prompt) -> Task:
        """The task of a prompt. Answers come sorted, so its tools ask for the same diff one by one."""
        pull_request = self._asked.pull_requests[prompt.pull_request_id]
        key = (prompt.pull_request_id, prompt.coverage)
        if self._last is None or self._last[:2] != key:
            self._last = (*key, ShownDiff.of(pull_request, prompt.coverage))
        return Task.of(prompt, pull_request, self._last[2])
