"""native-1: full instructions in our own words, answers in YAML that PR-Agent 2025-03 can parse.

review and reflect see decoupled hunks with the new file's line numbers, improve the same without
numbers, describe a plain diff. The user message ends with an opened yaml fence. A user's own tool is put in
the words of its own templates.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pullsmith.contracts.answers import TOOLS, AnswerValue
from pullsmith.contracts.fields import fitted
from pullsmith.contracts.native_1.own import (
    check_templates,
    options_said,
    read_own,
    write_own,
)
from pullsmith.contracts.native_1.prompt import render_messages
from pullsmith.contracts.native_1.wire import FIELDS, read_answer, write_answer
from pullsmith.contracts.pr_agent.lenient import read_leniently
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import Tools
from pullsmith.errors import AnswerError
from pullsmith.records import Message
from pullsmith.study.contract import ContractSettings

_EVERYWHERE = frozenset({"extra_instructions", "response_language"})
_OPTIONS = {
    "review": frozenset({
        "require_effort", "require_score", "require_tests", "require_security",
        "require_can_be_split", "max_findings",
    }),
    "improve": frozenset({"focus_only_on_problems", "max_suggestions"}),
}  # fmt: skip


@dataclass(frozen=True)
class Native1:
    """The contract object; see ``contract.Contract`` for what its methods give and raise."""

    id: str = "native-1"
    origin: str = (
        "pullsmith, own words (Apache-2.0); answer fields and semantics of PR-Agent v0.27 "
        "(March 2025, Apache-2.0), no text of it"
    )
    own: Tools = field(default_factory=dict)

    @property
    def tools(self) -> tuple[str, ...]:
        """Describe, review, improve, a second look at improve's answer, and the user's own."""
        return (*TOOLS, "reflect", *self.own)

    def with_tools(self, own: Tools) -> Native1:
        """This contract with a user's own tools; raises StudyError for templates that are wrong."""
        for name, tool in own.items():
            if tool.templates:
                check_templates(name, tool.templates)
        return replace(self, own=own)

    def messages(self, task: Task) -> tuple[Message, ...]:
        """The instructions, then the pull request."""
        own = self.own.get(task.tool)
        return render_messages(task, own.templates if own else None)

    def speaks(self, tool: str) -> frozenset[str]:
        """The options its templates have words for."""
        if tool in self.own:
            templates = self.own[tool].templates
            return options_said(templates) if templates else frozenset()
        return frozenset() if tool == "reflect" else _EVERYWHERE | _OPTIONS.get(tool, frozenset())

    def write(self, task: Task, value: AnswerValue) -> str:
        """The answer as YAML; raises AnswerError where the task does not ask for it."""
        own = self.own.get(task.tool)
        if own:
            return write_own(own, value)
        return write_answer(fitted(value, task, FIELDS.get(task.tool, ())), task.options)

    def parse(self, task: Task, text: str) -> AnswerValue:
        """The value of an answer, bare or in a fence; raises AnswerError."""
        own = self.own.get(task.tool)
        return read_own(own, text) if own else read_answer(task.tool, text, task.options)

    def parse_leniently(self, task: Task, text: str) -> AnswerValue:
        """What PR-Agent 2025-03 would make of an answer; of a user's own tool no bot makes anything."""
        if task.tool in self.own:
            raise AnswerError("not_readable", f"no bot knows {task.tool}")
        return read_leniently("2025-03", task, text)


def contract(_name: str, _settings: ContractSettings) -> Native1:
    """The contract; it has no settings."""
    return Native1()
