"""compact-1: a short wire form for small models.

Diff lines of the new file are numbered L1, L2, …; answers name the kind of finding first, with
"nothing found" as a kind of its own, and point at lines by number. Why: a small model that must
first say *whether* there is an issue never learns it, and one that must quote code or absolute
line numbers spends its capacity on copying (docs/log.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from pullsmith.contracts.answers import AnswerValue, tool_of
from pullsmith.contracts.compact_1.form import INSTRUCTIONS
from pullsmith.contracts.compact_1.prompt import user_text
from pullsmith.contracts.compact_1.read import read_answer
from pullsmith.contracts.compact_1.write import write_answer
from pullsmith.contracts.options import DEFAULTS, check_asked
from pullsmith.contracts.task import Task
from pullsmith.records import Message
from pullsmith.study.contract import ContractSettings


@dataclass(frozen=True)
class Compact1:
    """The contract object; see ``contract.Contract`` for what its methods give and raise."""

    id: str = "compact-1"
    origin: str = "pullsmith, own words (Apache-2.0)"
    tools: tuple[str, ...] = tuple(INSTRUCTIONS)

    def messages(self, task: Task) -> tuple[Message, ...]:
        """One line of instruction, then the title and the numbered diff."""
        return (
            Message(role="system", content=INSTRUCTIONS[task.tool]),
            Message(role="user", content=user_text(task.tool, task.pull_request, task.shown)),
        )

    def speaks(self, tool: str) -> frozenset[str]:  # noqa: ARG002  # of no tool
        """No option: there is no room for words."""
        return frozenset()

    def write(self, task: Task, value: AnswerValue) -> str:
        """The lines of an answer; raises AnswerError where they cannot say it."""
        check_asked(value, DEFAULTS)
        text = write_answer(value, task)
        # The grammar has no escapes: what it cannot say, such as an empty point, cannot be read.
        read_answer(tool_of(value), text, task.shown)
        return text

    def parse(self, task: Task, text: str) -> AnswerValue:
        """The value of an answer's lines; raises AnswerError at the first that does not fit."""
        value = read_answer(task.tool, text, task.shown)
        check_asked(value, DEFAULTS)
        return value


def contract(_name: str, _settings: ContractSettings) -> Compact1:
    """The contract; it has no settings."""
    return Compact1()
