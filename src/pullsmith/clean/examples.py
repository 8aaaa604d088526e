"""From an answer to an example in one student's words, or to the reason why it is none.

Takes answers one by one, and the prompts and pull requests they are about. What counts is the
answer's value; each contract writes it anew. Knows no folders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from pullsmith.clean.rules import FAULT_RULES, Reason, not_ok, target_too_long
from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.canonical import value_from_json
from pullsmith.contracts.contract import Contract, find_contract
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import AnswerError, RunFolderError
from pullsmith.records import (
    Answer,
    Coverage,
    Drop,
    Example,
    Prompt,
    PullRequest,
    Split,
    drop,
    example_id,
    prompt_id,
)
from pullsmith.study import Study


@dataclass(frozen=True, slots=True)
class _Sound:
    """An answer that passed every rule about its value, and the task it answers."""

    value: AnswerValue
    task: Task


class Cleaner:
    """Turns answers into examples or drops; looks up what they are about among the given records."""

    def __init__(
        self,
        study: Study,
        *,
        pull_requests: Mapping[str, PullRequest],
        prompts: Mapping[str, Prompt],
        contracts: Callable[[str], Contract] = find_contract,
        tools: Tools = BUILT_IN,
    ) -> None:
        self.settings = study.clean
        self.tools = tools
        self.teacher = study.teacher[0]
        self.teacher_tools = contracts(self.teacher.contract).tools
        names = dict.fromkeys(student.contract for student in study.student)
        self.contracts = {name: contracts(name) for name in names}
        self.pull_requests = pull_requests
        self.prompts = prompts
        self._last: tuple[str, Coverage, ShownDiff] | None = None

    def outcomes(self, answer: Answer) -> Iterator[Example | Drop]:
        """An Example or a Drop for each student's contract."""
        prompt = self._prompt(answer)
        sound = self._sound(answer, prompt)
        for name, contract in self.contracts.items():
            made = sound if isinstance(sound, Reason) else self._example(answer, contract, sound)
            yield _dropped(answer, name, made) if isinstance(made, Reason) else made

    def _prompt(self, answer: Answer) -> Prompt:
        prompt = self.prompts.get(answer.prompt_id)
        if prompt is None or prompt.pull_request_id not in self.pull_requests:
            raise RunFolderError(
                f"answer {answer.id}: its prompt or pull request is not in render and split; the "
                "stages are of different runs, run with --restart"
            )
        if prompt.split is not Split.TRAIN:
            raise RunFolderError(f"answer {answer.id}: to a prompt of the evaluation set")
        return prompt

    def _sound(self, answer: Answer, prompt: Prompt) -> _Sound | Reason:
        if not self._is_first_teachers(answer):
            return Reason("other_teacher", "the first teacher's answers become examples")
        reason = not_ok(answer)
        if reason is not None:
            return reason
        try:
            value = value_from_json(answer.tool, answer.value_json or "", self.tools)
        except AnswerError as error:
            return Reason("unreadable", str(error))
        task = self._task(prompt)
        faults = self.tools[answer.tool].faults_beside(value, task)
        reasons = [rule(faults, self.settings) for rule in FAULT_RULES]
        return next((r for r in reasons if r is not None), _Sound(value, task))

    def _is_first_teachers(self, answer: Answer) -> bool:
        """Whether the first teacher gave it: in its contract, or in another for a tool that lacks."""
        own = answer.contract == self.teacher.contract or answer.tool not in self.teacher_tools
        return own and answer.model == self.teacher.label

    def _task(self, prompt: Prompt) -> Task:
        """The task of the prompt. Answers come sorted, so its tools ask for the same diff one by one."""
        pull_request = self.pull_requests[prompt.pull_request_id]
        key = (prompt.pull_request_id, prompt.coverage)
        if self._last is None or self._last[:2] != key:
            self._last = (*key, ShownDiff.of(pull_request, prompt.coverage))
        return Task.of(prompt, pull_request, self._last[2])

    def _example(self, answer: Answer, contract: Contract, sound: _Sound) -> Example | Reason:
        part = self.prompts[answer.prompt_id].part
        prompt = self.prompts.get(
            prompt_id(answer.pull_request_id, tool=answer.tool, contract=contract.id, part=part)
        )
        if prompt is None:
            return Reason("no_student_prompt", f"render made no {contract.id} prompt for it")
        try:
            # The student may be asked with fewer options than the teacher: its contract says fewer.
            target = contract.write(replace(sound.task, options=prompt.options), sound.value)
        except AnswerError as error:
            return Reason("not_sayable", str(error))
        reason = target_too_long(target, self.settings)
        return reason or Example(
            id=example_id(answer.id, contract=contract.id),
            answer_id=answer.id,
            pull_request_id=answer.pull_request_id,
            tool=answer.tool,
            contract=contract.id,
            messages=prompt.messages,
            target=target,
            terms=answer.terms,
        )


def _dropped(answer: Answer, contract: str, reason: Reason) -> Drop:
    """The drop of an answer for one contract; it may be an example in another."""
    record_id = example_id(answer.id, contract=contract)
    dropped = drop("clean", answer, reason.code, reason.detail)
    return dropped.model_copy(update={"id": f"clean!{record_id}", "record_id": record_id})
