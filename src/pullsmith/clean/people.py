"""What people decided on examples, replayed: kept, fixed or rejected.

Takes made examples and decisions; gives examples and drops. A decision counts only for the very text
that it was made on; a fix must itself be an answer of its contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pullsmith.clean.rules import Reason
from pullsmith.decisions import (
    ON_EXAMPLES,
    Action,
    Decisions,
    Matched,
    decided_on,
    differing,
    in_short,
    matched,
)
from pullsmith.errors import AnswerError
from pullsmith.records import Example

Read = Callable[[str], object]
"""Reads a fixed target in the example's contract; raises AnswerError where it is none."""


class Reviewed:
    """Decisions on examples; ``seen`` are the digests of those there is one on, as they are now."""

    def __init__(self, decisions: Decisions) -> None:
        self._standing = decisions.standing(ON_EXAMPLES)
        self.seen: dict[str, str] = {}

    def outcome(self, example: Example, read: Read) -> Example | Reason:
        """The example as people want it, or why they do not."""
        decision = self._standing.get(example.id)
        if decision is None:
            return example
        self.seen[example.id] = decided_on(example)
        if decision.of != self.seen[example.id] or decision.action is Action.KEEP:
            return example
        if decision.action is Action.REJECT:
            return Reason("rejected_by_person", f"{decision.who}: {decision.text}".rstrip(": "))
        try:
            read(decision.text)
        except AnswerError as error:
            return Reason("fix_unreadable", f"{decision.who}: {error}")
        return example.model_copy(update={"target": decision.text})


def looked_at(decisions: Decisions, seen: Mapping[str, str]) -> Matched:
    """Once all examples were seen: the decisions that apply, why others do not, and where people differ."""
    found = matched(decisions.standing(ON_EXAMPLES), seen.get)
    differ = differing(decisions, found.applied, "examples")
    return Matched(found.applied, (*decisions.said(), *in_short(found.passed_over), *differ))
