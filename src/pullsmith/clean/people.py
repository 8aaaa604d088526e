"""What people decided on examples, replayed: kept, fixed or rejected.

Takes made examples and decisions; gives examples and drops. A decision counts only for the very text
that it was made on; a fix must itself be an answer of its contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pullsmith.clean.rules import Reason
from pullsmith.decisions import ON_EXAMPLES, Action, Decision, Decisions, matched
from pullsmith.errors import AnswerError
from pullsmith.records import Example, digest

Read = Callable[[str], object]
"""Reads a fixed target in the example's contract; raises AnswerError where it is none."""


@dataclass(frozen=True)
class Reviewed:
    """Decisions that apply, by example, and what to say of the others."""

    applied: Mapping[str, Decision]
    said: tuple[str, ...]

    def outcome(self, example: Example, read: Read) -> Example | Reason:
        """The example as people want it, or why they do not."""
        decision = self.applied.get(example.id)
        if decision is None or decision.action is Action.KEEP:
            return example
        if decision.action is Action.REJECT:
            return Reason("rejected_by_person", f"{decision.who}: {decision.text}".rstrip(": "))
        try:
            read(decision.text)
        except AnswerError as error:
            return Reason("fix_unreadable", f"{decision.who}: {error}")
        return example.model_copy(update={"target": decision.text})


def decided_on(example: Example) -> str:
    """The digest that a decision on an example names: what was asked and answered."""
    return digest([example.messages, example.target])


def reviewed(examples: Iterable[Example], decisions: Decisions) -> Reviewed:
    """The decisions beside the examples as they are made now."""
    digests = {example.id: decided_on(example) for example in examples}
    found = matched(decisions.standing(ON_EXAMPLES), digests.get)
    return Reviewed(found.applied, (*decisions.said(), *found.passed_over))
