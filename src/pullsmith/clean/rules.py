"""One rule, one function: why an answer is no training example.

Rules look at one answer, or at what one contract makes of it, and at the settings; they know no
files and no stage. A rule gives the reason, or None where it has nothing against the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pullsmith.contracts.grounding import Fault, fault_code
from pullsmith.records import Answer, Outcome
from pullsmith.study.clean import CleanSettings

# Suggestions that change nothing, whatever they quote.
_NO_OPS = frozenset({Fault.NO_OP, Fault.ALREADY_APPLIED})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an answer is dropped: a code to count by, and the detail."""

    code: str
    detail: str


def not_ok(answer: Answer) -> Reason | None:
    """The call did not end well, or the text does not follow the contract: the outcome's name."""
    if answer.outcome is Outcome.OK:
        return None
    return Reason(answer.outcome.value, answer.fault or f"{len(answer.text)} characters came")


def ungrounded(faults: Sequence[str], settings: CleanSettings) -> Reason | None:
    """It names a file, line or quote that was not shown, or says one thing twice: the first fault."""
    found = [fault for fault in faults if fault_code(fault) not in _NO_OPS]
    return _first(found) if settings.grounded else None


def no_op(faults: Sequence[str], settings: CleanSettings) -> Reason | None:
    """A suggestion puts in place what stands there: no_op, or already_applied."""
    found = [fault for fault in faults if fault_code(fault) in _NO_OPS]
    return _first(found) if settings.no_ops else None


def target_too_long(target: str, settings: CleanSettings) -> Reason | None:
    """The answer in the student's words is over max_target_characters; it is never cut."""
    if len(target) <= settings.max_target_characters:
        return None
    detail = f"{len(target)} characters, at most {settings.max_target_characters} wanted"
    return Reason("target_too_long", detail)


FAULT_RULES: tuple[Callable[[Sequence[str], CleanSettings], Reason | None], ...] = (
    ungrounded,
    no_op,
)


def _first(faults: Sequence[str]) -> Reason | None:
    return Reason(fault_code(faults[0]), "; ".join(faults)) if faults else None
