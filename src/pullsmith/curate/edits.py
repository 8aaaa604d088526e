"""A person's edit of an answer: read strictly, put in the contract's words, checked beside the diff.

Takes canonical YAML and the task; gives the new target, or every fault with its line. Nothing is
repaired: what is wrong is said, and the person mends it.
"""

from __future__ import annotations

from dataclasses import dataclass

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.canonical import build_value
from pullsmith.contracts.contract import Contract, Limited
from pullsmith.contracts.grounding import fault_code
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import Tool, Tools
from pullsmith.contracts.yaml_read import read_yaml
from pullsmith.curate.findings import findings, flags_of
from pullsmith.curate.items import Fault
from pullsmith.curate.lines import Lines
from pullsmith.errors import AnswerError

LONGEST_EDIT = 200_000  # characters; an answer has some thousand


@dataclass(frozen=True)
class Editor:
    """What an edit of one example is read and checked beside."""

    task: Task
    contract: Contract
    tools: Tools

    @property
    def tool(self) -> Tool:
        """The tool that is answered."""
        return self.tools[self.task.tool]

    def read(self, text: str) -> tuple[str, list[Fault]]:
        """The target that ``text`` becomes, empty where there are faults; and the faults, by line."""
        if len(text) > LONGEST_EDIT:
            return "", [Fault(1, f"{len(text):,} characters, at most {LONGEST_EDIT:,}", "too_long")]
        lines = Lines(text)
        try:
            value = self._value(text)
        except AnswerError as error:
            return "", _faults(error, lines)
        faults = self._beside(value, text)
        try:
            # What cannot be said is told after what is not there, which is mostly why.
            target = "" if faults else self.contract.write(self.task, value)
            again = value if faults else self.contract.parse(self.task, target)
        except AnswerError as error:
            return "", [self._unsayable(error, value, lines)]
        faults = faults or self._beside(again, text)
        if isinstance(self.contract, Limited):
            faults += [
                Fault(lines.of(said.partition(": ")[2].partition(":")[0]), said, fault_code(said))
                for said in self.contract.limit_faults(self.task, again)
            ]
        faults.sort(key=lambda fault: fault.line)
        return ("" if faults else target), faults

    def _beside(self, value: AnswerValue, text: str) -> list[Fault]:
        """What is wrong with a value beside what is shown, and where it is longer than any reader needs."""
        return [
            Fault(flag.text_line or 1, flag.message, flag.code)
            for flag in flags_of(value, self.task, self.tool, text)
        ]

    def _unsayable(self, error: AnswerError, value: AnswerValue, lines: Lines) -> Fault:
        """Why the contract has no words for it, at the first thing about the file that it names."""
        about = (f for f in findings(value, self.task.shown) if f.path in error.detail)
        line = next((lines.of(each.field) for each in about), lines.of_message(error.detail))
        return Fault(line, f"{self.contract.id}: {error.detail}", error.reason)

    def _value(self, text: str) -> AnswerValue:
        tree = read_yaml(text)
        if not isinstance(tree, dict):
            raise AnswerError("wrong_type", f"the top: fields expected, found {str(tree)[:60]!r}")
        return build_value(self.task.tool, tree, self.tools)


def _faults(error: AnswerError, lines: Lines) -> list[Fault]:
    """The first fault and all others that were found with it."""
    more = f" (and {len(error.others)} more)" if error.others else ""
    first = Fault(lines.of_message(error.detail), error.detail.removesuffix(more), error.reason)
    others = []
    for other in error.others:
        reason, _, detail = other.partition(": ")
        others.append(Fault(lines.of_message(detail), detail, reason))
    return sorted([first, *others], key=lambda fault: fault.line)
