"""The turn in which a model is told what is wrong with its answer and asked for it once more.

Takes the prompt's messages and the refused answer; gives the messages of the follow-up: the same
prompt, the answer as it came, the contract's faults in our own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pullsmith.contracts.contract import Contract
from pullsmith.contracts.task import Task
from pullsmith.errors import AnswerError
from pullsmith.records import Answer, Message

MOST_FAULTS = 8
_SAID = {
    "not_yaml": "it is no YAML",
    "not_one_document": "it is more than one YAML document",
    "alias": "anchors and aliases are not allowed",
    "tag": "tags are not allowed",
    "duplicate_key": "a key stands twice",
    "too_deep": "it is nested too deep",
    "too_long": "a text is too long",
    "too_short": "a text is too short",
    "wrong_type": "a value is of another type than was asked for",
    "wrong_form": "a text is not of the form that was asked for",
    "missing_field": "a field is missing",
    "extra_field": "a field was not asked for",
    "blank_field": "a text is blank",
    "too_many": "a list is too long",
    "too_few": "a list is too short",
    "label_unknown": "a word is not among those to choose from",
    "unknown_value": "a word is not among those to choose from",
    "out_of_range": "a number cannot be that",
    "bad_line": "a line is not of the form that was asked for",
    "extra_text": "there is text around the answer",
}
_NOTHING_MORE = (": Field required", ": Extra inputs are not permitted")  # the reason says it
_BEFORE = "Your answer could not be read, and nothing of it was used. What is wrong with it:"
_AFTER = (
    "Write the whole answer again, in exactly the form that was asked for at first and with nothing "
    "around it. Mend what is named here, look for faults of the same kind elsewhere in it, and say "
    "otherwise the same as before."
)


def repair_messages(
    asked: Sequence[Message], contract: Contract, task: Task, refused: Answer
) -> tuple[Message, ...]:
    """The prompt, the refused answer and what is wrong with it, as one conversation."""
    faults = list(_faults(contract, task, refused))
    lines = [f"- {fault}" for fault in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        lines.append(f"- and {len(faults) - MOST_FAULTS} more")
    said = "\n".join([_BEFORE, *lines, "", _AFTER])
    answered = Message(role="assistant", content=refused.text)
    return (*asked, answered, Message(role="user", content=said))


def _faults(contract: Contract, task: Task, refused: Answer) -> Iterator[str]:
    """Every fault the contract finds; what it was refused for where it is read differently today."""
    try:
        contract.parse(task, refused.text)
    except AnswerError as error:
        more = f" (and {len(error.others)} more)"
        yield _in_words(error.reason, error.detail.removesuffix(more))
        for other in error.others:
            reason, _, detail = other.partition(": ")
            yield _in_words(reason, detail)
    else:
        yield refused.fault or "it does not follow the form that was asked for"


def _in_words(reason: str, detail: str) -> str:
    for words in _NOTHING_MORE:
        detail = detail.removesuffix(words)
    return f"{_SAID.get(reason, reason.replace('_', ' '))} ({detail})"
