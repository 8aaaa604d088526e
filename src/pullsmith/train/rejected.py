"""Answers that were found wanting, as examples in the student's contract: what is not to be said.

Takes what clean dropped for what it says, and samples that generate found worse; gives examples, and
their ids, and a drop for each that cannot be one. Asks no model and judges nothing anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pullsmith.contracts.canonical import value_from_json
from pullsmith.contracts.contract import contracts_of
from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.task import Task
from pullsmith.engine import StageContext
from pullsmith.errors import AnswerError, StudyError
from pullsmith.records import (
    Answer,
    Drop,
    Example,
    Outcome,
    Prompt,
    PullRequest,
    drop,
    example_id,
    part_of,
    prompt_id,
)
from pullsmith.store import JobKey
from pullsmith.train.encode import Encoded, encode
from pullsmith.train.student import Student

# Why clean dropped an answer without having found fault with what it says.
_NO_FAULT = frozenset(
    {
        "other_teacher", "too_many_empty", "not_drawn", "no_student_prompt", "not_sayable",
        "target_too_long", "example_too_long", "fix_unreadable", "not_learnt",
    }
)  # fmt: skip
_SAID = (Outcome.OK, Outcome.UNREADABLE)  # a refusal, or half an answer, is no opinion on a change


@dataclass(frozen=True)
class Rejected:
    """How many answers there were, those that can be shown to the student, and why the others cannot."""

    records_in: int
    examples: list[Example]
    drops: list[Drop]


@dataclass(frozen=True)
class Wanting:
    """Rejected answers as ids, how many there were, and what became of the others."""

    records_in: int = 0
    encoded: Sequence[Encoded] = ()
    drops: Sequence[Drop] = ()


def wanting(
    context: StageContext,
    contract: str,
    student: Student,
    examples: Sequence[Example],
    *,
    longest: int,
) -> Wanting:
    """What the preference stage holds against ``examples``; nothing where the study has no such stage.

    Raises StudyError where it is asked for and no answer was rejected.
    """
    if context.study.train.preference.method == "none":
        return Wanting()
    found = rejected_examples(context, contract, kept=examples)
    encoded, drops = encode(
        found.examples, student.tokenizer, stops=student.stops, max_length_tokens=longest
    )
    if not encoded:
        raise StudyError(
            f"train.preference: of {found.records_in} answers that were rejected for what they say "
            f"none can be held against the examples in {contract}; raise teacher.samples, or write "
            'method = "none"'
        )
    return Wanting(found.records_in, encoded, [*found.drops, *drops])


def prompt_of(example: Example) -> str:
    """The id of the student's prompt that an example answers."""
    part = part_of(example.answer_id.partition("~")[0])
    return prompt_id(
        example.pull_request_id, tool=example.tool, contract=example.contract, part=part
    )


def rejected_examples(context: StageContext, contract: str, *, kept: Sequence[Example]) -> Rejected:
    """Every answer that was found wanting, in ``contract``; the same words as a kept one's are dropped."""
    answers = {answer.id: answer for answer in _found_wanting(context, contract)}
    records = _Records.of(context, contract, answers.values())
    said = {(prompt_of(example), example.target) for example in kept}
    found = Rejected(len(answers), [], [])
    for name in sorted(answers):
        made = records.example(answers[name], contract)
        if isinstance(made, Example) and (prompt_of(made), made.target) in said:
            made = "same_answer"
        if isinstance(made, Example):
            said.add((prompt_of(made), made.target))
            found.examples.append(made)
        else:
            found.drops.append(drop("train", answers[name], made, "an answer that was rejected"))
    return found


def _found_wanting(context: StageContext, contract: str) -> Iterator[Answer]:
    """What clean dropped for its content, and samples that are invalid or not grounded."""
    mark = example_id("", contract=contract)
    for dropped in context.run.job(JobKey("clean")).drops():
        if dropped.record_id.endswith(mark) and dropped.reason not in _NO_FAULT:
            answer = Answer.model_validate_json(dropped.record_json)
            if answer.outcome in _SAID:
                yield answer
    for dropped in context.run.job(JobKey("generate")).drops():
        if dropped.reason == "worse_sample":
            answer = Answer.model_validate_json(dropped.record_json)
            # A sample that is as good as the one that was taken teaches nothing.
            if answer.outcome is Outcome.UNREADABLE or answer.grounding_faults:
                yield answer


@dataclass(frozen=True)
class _Records:
    """What some answers are about."""

    context: StageContext
    prompts: Mapping[str, Prompt]
    pull_requests: Mapping[str, PullRequest]

    @classmethod
    def of(cls, context: StageContext, contract: str, answers: Collection[Answer]) -> _Records:
        wanted = {answer.prompt_id for answer in answers}
        wanted |= {_own_prompt(answer, contract) for answer in answers}
        abroad = {each.pull_request_id for each in answers if each.contract != contract}
        prompts = context.run.read("render", Prompt) if wanted else ()
        pulls = context.run.read("split", PullRequest) if abroad else ()
        return cls(
            context,
            {prompt.id: prompt for prompt in prompts if prompt.id in wanted},
            {pull.id: pull for pull in pulls if pull.id in abroad},
        )

    def example(self, answer: Answer, contract: str) -> Example | str:
        """The answer as an example of the student's, or a short reason why it is none."""
        prompt = self.prompts.get(_own_prompt(answer, contract))
        if prompt is None:
            return "no_student_prompt"
        target = answer.text if answer.contract == contract else self._written(answer, prompt)
        if not target.strip():
            return "not_sayable"
        return Example(
            id=example_id(answer.id, contract=contract),
            answer_id=answer.id,
            pull_request_id=answer.pull_request_id,
            tool=answer.tool,
            contract=contract,
            messages=prompt.messages,
            target=target,
            terms=answer.terms,
        )

    def _written(self, answer: Answer, prompt: Prompt) -> str:
        """The answer's value in another contract's words; empty where it has none."""
        asked = self.prompts.get(answer.prompt_id)
        pull_request = self.pull_requests.get(answer.pull_request_id)
        if asked is None or pull_request is None or answer.value_json is None:
            return ""
        study = self.context.study
        tools = tools_of(study)
        try:
            value = value_from_json(answer.tool, answer.value_json, tools)
            task = replace(Task.of(asked, pull_request), options=prompt.options)
            return contracts_of(study.contract, tools)(prompt.contract).write(task, value)
        except AnswerError:
            return ""


def _own_prompt(answer: Answer, contract: str) -> str:
    part = part_of(answer.prompt_id)
    return prompt_id(answer.pull_request_id, tool=answer.tool, contract=contract, part=part)
