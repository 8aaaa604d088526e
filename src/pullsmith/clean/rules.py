"""One rule, one function: why an answer is no training example.

Rules look at one answer beside its task, or at what one contract makes of it, and at the settings;
they know no files and no stage. A rule gives the reason, or None where it has nothing against the
answer. RULES is the list of them in the order they are asked; what prose says is in ``said``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.contract import Contract, Limited
from pullsmith.contracts.grounding import Fault, fault_code
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import Tool
from pullsmith.records import Answer, Message, Outcome
from pullsmith.scoring import limit_faults
from pullsmith.study.clean import CleanSettings
from pullsmith.tokens import count_tokens

# Suggestions that change nothing, whatever they quote.
_NO_OPS = frozenset({Fault.NO_OP, Fault.ALREADY_APPLIED})
_DUPLICATES = frozenset({Fault.DUPLICATE_FILE, Fault.DUPLICATE_ISSUE, Fault.DUPLICATE_SUGGESTION})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an answer is dropped: a code to count by, and the detail."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Subject:
    """An answer that could be read: its value, the task and tool, the prompt's text, and its faults."""

    answer: Answer
    value: AnswerValue
    task: Task
    tool: Tool
    prompt_text: str
    faults: tuple[str, ...]


Rule = Callable[[Subject, CleanSettings], Reason | None]


def not_ok(answer: Answer) -> Reason | None:
    """The call did not end well, or the text does not follow the contract: the outcome's name."""
    if answer.outcome is Outcome.OK:
        return None
    return Reason(answer.outcome.value, answer.fault or f"{len(answer.text)} characters came")


def ungrounded(subject: Subject, settings: CleanSettings) -> Reason | None:
    """It names a file, line or quote that was not shown: the first fault."""
    others = _NO_OPS | _DUPLICATES
    found = [fault for fault in subject.faults if fault_code(fault) not in others]
    return _first(found) if settings.grounded else None


def no_op(subject: Subject, settings: CleanSettings) -> Reason | None:
    """A suggestion puts in place what stands there: no_op, or already_applied."""
    found = [fault for fault in subject.faults if fault_code(fault) in _NO_OPS]
    return _first(found) if settings.no_ops else None


def duplicate(subject: Subject, settings: CleanSettings) -> Reason | None:
    """It says one thing twice: duplicate_file, duplicate_issue or duplicate_suggestion."""
    found = [fault for fault in subject.faults if fault_code(fault) in _DUPLICATES]
    return _first(found) if settings.duplicates else None


def over_limit(subject: Subject, settings: CleanSettings) -> Reason | None:
    """A text is far longer than any reader needs."""
    found = list(limit_faults(subject.value, subject.tool)) if settings.limits else []
    return Reason("over_limit", "; ".join(found)) if found else None


def low_score(subject: Subject, settings: CleanSettings) -> Reason | None:
    """Reflection or a judge scored it below the threshold; without a score it is kept."""
    answer = subject.answer
    for code, score, least in (
        ("low_reflect_score", answer.reflect_score, settings.min_reflect_score),
        ("low_judge_score", answer.judge_score, settings.min_judge_score),
    ):
        if least is not None and score is not None and score < least:
            return Reason(code, f"{score:g}, at least {least:g} wanted")
    return None


def over_word_limit(
    contract: Contract, task: Task, value: AnswerValue, settings: CleanSettings
) -> Reason | None:
    """It has more words or points than the student's contract asks for, where that says how many."""
    if not settings.word_limits or not isinstance(contract, Limited):
        return None
    found = contract.limit_faults(task, value)
    return Reason("over_word_limit", "; ".join(found)) if found else None


def target_too_long(
    messages: Sequence[Message], target: str, settings: CleanSettings
) -> Reason | None:
    """In the student's words it is over max_target_characters, or the example over the token estimate.

    Nothing is ever cut.
    """
    if len(target) > settings.max_target_characters:
        detail = f"{len(target)} characters, at most {settings.max_target_characters} wanted"
        return Reason("target_too_long", detail)
    most = settings.max_example_tokens
    if most is None:
        return None
    tokens = sum(count_tokens(each.content) for each in messages) + count_tokens(target)
    if tokens <= most:
        return None
    return Reason("example_too_long", f"about {tokens} tokens, at most {most} wanted")


RULES: tuple[Rule, ...] = (ungrounded, no_op, duplicate, over_limit, low_score)


def _first(faults: Sequence[str]) -> Reason | None:
    return Reason(fault_code(faults[0]), "; ".join(faults)) if faults else None
