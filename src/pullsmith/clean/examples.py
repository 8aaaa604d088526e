"""From an answer to an example in one student's words, or to the reason why it is none.

Takes answers one by one, and the prompts and pull requests they are about. What counts is the
answer's value; each contract writes it anew. Knows no folders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from pullsmith.clean.own_rules import own_rules
from pullsmith.clean.rules import RULES, Reason, Subject, not_ok, over_word_limit, target_too_long
from pullsmith.clean.said import SAID_RULES
from pullsmith.clean.streams import Asked
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
class Outcome:
    """What one answer became in one contract: an example and its value, or a drop."""

    answer: Answer
    contract: str
    made: Example | Reason
    value: AnswerValue | None = None

    def dropped(self, reason: Reason | None = None) -> Drop:
        """The drop of the answer for this contract; it may be an example in another."""
        why = reason or self.made
        assert isinstance(why, Reason)
        record_id = example_id(self.answer.id, contract=self.contract)
        made = drop("clean", self.answer, why.code, why.detail)
        return made.model_copy(update={"id": f"clean!{record_id}", "record_id": record_id})


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
        self.teachers = [(each, contracts(each.contract).tools) for each in study.training_teachers]
        names = dict.fromkeys(student.contract for student in study.student)
        self.contracts = {name: contracts(name) for name in names}
        self.pull_requests = pull_requests
        self.prompts = prompts
        self.rules = (*RULES, *SAID_RULES, *own_rules(study.clean.rules))
        self._last: tuple[str, Coverage, ShownDiff] | None = None

    def look_at(self, asked: Asked) -> None:
        """What the next answers are about."""
        self.pull_requests, self.prompts = asked.pull_requests, asked.prompts

    def outcomes(self, answer: Answer, *, by_rule: bool = True) -> Iterator[Outcome]:
        """What becomes of it in each student's contract; without the rules where ``by_rule`` is False.

        Without them only what cannot be read or said in a contract is no example.
        """
        prompt = self._prompt(answer)
        subject = self._subject(answer, prompt)
        if isinstance(subject, Subject) and by_rule:
            subject = self._rejected(subject) or subject
        for name, contract in self.contracts.items():
            if isinstance(subject, Reason):
                yield Outcome(answer, name, subject)
            else:
                made = self._example(subject, contract, by_rule=by_rule)
                yield Outcome(answer, name, made, subject.value)

    def read(self, outcome: Outcome, target: str) -> AnswerValue:
        """The value of another target for the same answer; raises AnswerError where it is none."""
        asked = self.prompts[outcome.answer.prompt_id]
        prompt = self._student_prompt(outcome.answer, outcome.contract) or asked
        task = replace(self._task(asked), options=prompt.options)
        return self.contracts[outcome.contract].parse(task, target)

    def _student_prompt(self, answer: Answer, contract: str) -> Prompt | None:
        part = self.prompts[answer.prompt_id].part
        name = prompt_id(answer.pull_request_id, tool=answer.tool, contract=contract, part=part)
        return self.prompts.get(name)

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

    def _subject(self, answer: Answer, prompt: Prompt) -> Subject | Reason:
        if not self._is_trained_on(answer):
            return Reason("other_teacher", "the first teacher's, or those with a share, are used")
        reason = not_ok(answer)
        if reason is not None:
            return reason
        try:
            value = value_from_json(answer.tool, answer.value_json or "", self.tools)
        except AnswerError as error:
            return Reason("unreadable", str(error))
        task = self._task(prompt)
        texts = [*(each.content for each in prompt.messages), *(f.path for f in task.shown.files)]
        tool = self.tools[answer.tool]
        faults = tool.faults_beside(value, task)
        return Subject(answer, value, task, tool, "\n".join(texts), faults)

    def _rejected(self, subject: Subject) -> Reason | None:
        found = (rule(subject, self.settings) for rule in self.rules)
        return next((reason for reason in found if reason is not None), None)

    def _is_trained_on(self, answer: Answer) -> bool:
        """Whether one of those teachers gave it: in its contract, or in another for a tool that lacks."""
        return any(
            answer.model == teacher.label
            and (answer.contract == teacher.contract or answer.tool not in tools)
            for teacher, tools in self.teachers
        )

    def _task(self, prompt: Prompt) -> Task:
        """The task of the prompt. Answers come sorted, so its tools ask for the same diff one by one."""
        pull_request = self.pull_requests[prompt.pull_request_id]
        key = (prompt.pull_request_id, prompt.coverage)
        if self._last is None or self._last[:2] != key:
            self._last = (*key, ShownDiff.of(pull_request, prompt.coverage))
        return Task.of(prompt, pull_request, self._last[2])

    def _example(self, subject: Subject, contract: Contract, *, by_rule: bool) -> Example | Reason:
        answer = subject.answer
        prompt = self._student_prompt(answer, contract.id)
        if prompt is None:
            return Reason("no_student_prompt", f"render made no {contract.id} prompt for it")
        try:
            # The student may be asked with fewer options than the teacher: its contract says fewer.
            task = replace(subject.task, options=prompt.options)
            target = contract.write(task, subject.value)
        except AnswerError as error:
            return Reason("not_sayable", str(error))
        reason = None
        if by_rule:
            reason = over_word_limit(contract, task, subject.value, self.settings)
            reason = reason or target_too_long(prompt.messages, target, self.settings)
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
