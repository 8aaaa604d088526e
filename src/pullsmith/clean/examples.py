"""From an answer to an example in one student's words, or to the reason why it is none.

Takes answers one by one, and the prompts and pull requests they are about. What counts is the
answer's value; each contract writes it anew. Knows no folders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pullsmith.clean.own_rules import own_rules
from pullsmith.clean.rules import RULES, Reason, Subject, not_ok, over_word_limit, target_too_long
from pullsmith.clean.said import SAID_RULES
from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.canonical import value_from_json
from pullsmith.contracts.contract import Contract, find_contract
from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.errors import AnswerError
from pullsmith.questions import Asked, Questions
from pullsmith.records import (
    SECOND_LOOK,
    Answer,
    Drop,
    Example,
    Prompt,
    PullRequest,
    drop,
    example_id,
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
        self.learn_to_look = study.reflecting_contracts
        self.rules = (*RULES, *SAID_RULES, *own_rules(study.clean.rules))
        self.questions = Questions(Asked([], dict(pull_requests), dict(prompts)), contracts, tools)

    def look_at(self, asked: Asked) -> None:
        """What the next answers are about, and all answers about it."""
        self.questions.about(asked)

    def outcomes(self, answer: Answer, *, by_rule: bool = True) -> Iterator[Outcome]:
        """What becomes of it in each student's contract; without the rules where ``by_rule`` is False.

        Without them only what cannot be read or said in a contract is no example.
        """
        self.questions.check(answer)
        subject = self._subject(answer)
        if isinstance(subject, Subject) and by_rule:
            subject = self._rejected(subject) or subject
        for name, contract in self.contracts.items():
            if isinstance(subject, Reason):
                yield Outcome(answer, name, subject)
            elif answer.tool == SECOND_LOOK and name not in self.learn_to_look:
                yield Outcome(answer, name, Reason("not_learnt", f"no student in {name} reflects"))
            else:
                made = self._example(subject, contract, by_rule=by_rule)
                yield Outcome(answer, name, made, subject.value)

    def read(self, outcome: Outcome, target: str) -> AnswerValue:
        """The value of another target for the same answer; raises AnswerError where it is none."""
        put = self.questions.put(outcome.answer, outcome.contract)
        question = put or self.questions.asked(outcome.answer)
        return self.contracts[outcome.contract].parse(question.task, target)

    def _subject(self, answer: Answer) -> Subject | Reason:
        if not self._is_trained_on(answer):
            return Reason("other_teacher", "the first teacher's, or those with a share, are used")
        reason = not_ok(answer)
        if reason is not None and self.questions.is_mended(answer):
            return Reason("repaired", reason.detail)
        if reason is not None and answer.mends:
            return Reason("repair_failed", f"{reason.code}: {reason.detail}")
        if reason is not None:
            return reason
        try:
            value = value_from_json(answer.tool, answer.value_json or "", self.tools)
            question = self.questions.asked(answer)
        except AnswerError as error:
            return Reason("unreadable", str(error))
        task, messages = question.task, question.prompt.messages
        texts = [*(each.content for each in messages), *(f.path for f in task.shown.files)]
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

    def _example(self, subject: Subject, contract: Contract, *, by_rule: bool) -> Example | Reason:
        answer = subject.answer
        try:
            put = self.questions.put(answer, contract.id)
            if put is None:
                return Reason("no_student_prompt", f"there is no {contract.id} prompt for it")
            # The student may be asked with fewer options than the teacher: its contract says fewer.
            target = contract.write(put.task, subject.value)
        except AnswerError as error:
            return Reason("not_sayable", str(error))
        messages, reason = put.prompt.messages, None
        if by_rule:
            reason = over_word_limit(contract, put.task, subject.value, self.settings)
            reason = reason or target_too_long(messages, target, self.settings)
        return reason or Example(
            id=example_id(answer.id, contract=contract.id),
            answer_id=answer.id,
            pull_request_id=answer.pull_request_id,
            tool=answer.tool,
            contract=contract.id,
            messages=messages,
            target=target,
            terms=answer.terms,
        )
