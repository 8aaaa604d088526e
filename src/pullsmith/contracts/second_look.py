"""A second look at improve's suggestions: its task and its prompt, made from those of improve.

Takes the improve task, the answer's value, and a contract; gives what reflect asks in its words. The
look is at the same diff as improve was shown.
"""

from __future__ import annotations

from dataclasses import replace

from pullsmith.contracts.answers import Improve, Reflect
from pullsmith.contracts.contract import Contract
from pullsmith.contracts.grounding import Fault, fault_code, follow_up_faults
from pullsmith.contracts.options import spoken
from pullsmith.contracts.task import Task
from pullsmith.records import Prompt, prompt_id

REFLECT = "reflect"
_OTHERS = (Fault.OTHER_COUNT, Fault.OTHER_SUGGESTION)


def second_look(improve: Task, contract: Contract, about: Improve, about_text: str = "") -> Task:
    """The task of looking at ``about`` again; there is at least one suggestion.

    ``about_text`` is the answer as its model wrote it; without it, as ``contract`` writes it. Raises
    AnswerError where the contract cannot say it.
    """
    text = about_text or contract.write(improve, about)
    options = spoken(improve.options, contract.speaks(REFLECT))
    return replace(improve, tool=REFLECT, options=options, about=about, about_text=text)


def second_prompt(asked: Prompt, task: Task, contract: Contract, *, parent_answer: str) -> Prompt:
    """The prompt of a second look, beside the one that ``parent_answer`` answered.

    Raises AnswerError where the contract cannot list the suggestions as the answer's text has them.
    """
    name = prompt_id(asked.pull_request_id, tool=REFLECT, contract=contract.id, part=asked.part)
    update = {
        "id": name,
        "tool": REFLECT,
        "contract": contract.id,
        "messages": contract.messages(task),
        "options": task.options,
        "parent_answer": parent_answer,
    }
    return asked.model_copy(update=update)


def scores_of(value: Reflect, about: Improve) -> tuple[int, ...] | None:
    """What each suggestion was given, in their order; None where it is not clear which is meant."""
    faults = (fault_code(fault) for fault in follow_up_faults(value, about))
    if any(fault in _OTHERS for fault in faults):
        return None
    return tuple(each.suggestion_score for each in value.code_suggestions)
