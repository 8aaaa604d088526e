"""pr-agent-*: PR-Agent's own prompts, to the byte, read from the user's own installation.

The contract plans what is shown as PR-Agent does, writes it in PR-Agent's templates, and reads and
writes answers in its wire form. Which version it is, the templates say; the name asks for one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.pr_agent.counting import counted_once, kept_characters, refused
from pullsmith.contracts.pr_agent.files import select, valid_files
from pullsmith.contracts.pr_agent.installation import Installation, Templates, find_installation
from pullsmith.contracts.pr_agent.packing import Budget, pack
from pullsmith.contracts.pr_agent.prompt import (
    WHOLE,
    commit_messages,
    description,
    rendered,
    text_flags,
    variables_of,
)
from pullsmith.contracts.pr_agent.reflecting import suggestions_text
from pullsmith.contracts.pr_agent.texts import Writer, diff_text
from pullsmith.contracts.pr_agent.versions import Form
from pullsmith.contracts.pr_agent.wire import (
    limit_faults,
    read_answer,
    read_leniently,
    usual_fields,
    write_answer,
)
from pullsmith.contracts.task import Task
from pullsmith.records import Coverage, Layout, Message, PullRequest
from pullsmith.study.contract import ContractSettings
from pullsmith.tokens import Counter

PREFIX = "pr-agent-"
OLD = ("2024-06", "0.2.4")
_BY_SETTINGS = frozenset({"changes_summary", "code_feedback"})
_SAID = {
    "describe": ("extra_instructions",),
    "review": (
        "extra_instructions", "require_score", "require_tests", "require_effort",
        "require_security", "require_can_be_split",
    ),
    "improve": ("extra_instructions", "max_suggestions"),
}  # fmt: skip
_SAID_SINCE_2025 = {
    "describe": ("response_language",),
    "review": ("response_language",),
    "improve": ("response_language", "focus_only_on_problems"),
}


@dataclass(frozen=True)
class PrAgent:
    """The contract object; see ``contract.Contract`` and ``contract.Planner``.

    The installation is looked for when it is first needed; it also says which fields its settings
    ask for.
    """

    id: str
    settings: ContractSettings
    tools: tuple[str, ...] = ("describe", "review", "improve", "reflect")

    @property
    def version(self) -> str:
        """The name of its version."""
        return self.id.removeprefix(PREFIX)

    @property
    def origin(self) -> str:
        """Where its words come from."""
        licence = "AGPL-3.0" if self.version == "2026-04" else "Apache-2.0"
        return f"PR-Agent {self.version}, read at run time from the user's own ({licence})"

    @cached_property
    def installation(self) -> Installation:
        """The user's PR-Agent; raises StudyError where it is not there or not this version."""
        return find_installation(self.settings.pr_agent, self.version)

    def speaks(self, tool: str) -> frozenset[str]:
        """The options its templates have words for."""
        newer = () if self.version in OLD else _SAID_SINCE_2025.get(tool, ())
        findings = ("max_findings",) if (self.version, tool) == ("2026-04", "review") else ()
        return frozenset({*_SAID.get(tool, ()), *newer, *findings})

    def plan(self, tool: str, pull_request: PullRequest, count: Counter) -> tuple[Coverage, ...]:
        """As PR-Agent packs it under ``contract.max_model_tokens``; reflect sees what improve does."""
        asked = "improve" if tool == "reflect" else tool
        layout = self._layout(asked, pull_request, count)
        budget = self._budget(asked, pull_request, layout, count)
        writer = self._planning_writer(asked)
        return pack(select(pull_request, self.installation), writer, budget, layout)

    def messages(self, task: Task) -> tuple[Message, ...]:
        """PR-Agent's system and user message; the templates are the installation's."""
        layout = task.coverage.layout or WHOLE
        variables = variables_of(
            task.tool, task.pull_request, task.options, self.installation, layout
        )
        diff = diff_text(task.pull_request, task.coverage, self._writer(task.tool))
        more: dict[str, object] = {"diff": diff, "diff_no_line_numbers": diff}
        if task.tool == "reflect":
            only_problems = self.settings.options_of("improve").focus_only_on_problems
            version = self.installation.version
            more |= suggestions_text(self._about(task), version, only_problems=only_problems)
        return rendered(self.installation.templates[task.tool], {**variables, **more})

    def write(self, task: Task, value: AnswerValue) -> str:
        """The answer in this version's YAML; raises AnswerError where it has no form in it."""
        return write_answer(self.version, task, value, self._asked(task))

    def parse(self, task: Task, text: str) -> AnswerValue:
        """The value of an answer, read strictly; raises AnswerError."""
        return read_answer(self.version, task, text, self._asked(task))

    def parse_leniently(self, task: Task, text: str) -> AnswerValue:
        """The value that this PR-Agent would make of an answer; raises AnswerError."""
        return read_leniently(self.version, task, text)

    def limit_faults(self, task: Task, value: AnswerValue) -> tuple[str, ...]:
        """Where an answer has more words or points than this version's prompts ask for."""
        return limit_faults(self.version, task, value)

    def _about(self, task: Task) -> str:
        """The answer that reflect looks at, as its model wrote it or as this version writes it."""
        if task.about_text or task.about is None:
            return task.about_text
        return self.write(replace(task, tool="improve", about=None), task.about)

    def _asked(self, task: Task) -> frozenset[str]:
        """The optional fields that the installation's settings ask for."""
        usual = usual_fields(self.version, task) - _BY_SETTINGS
        defaults = self.installation.defaults
        few = valid_files(task.pull_request, self.installation) <= defaults.most_summaries
        asked = {
            "changes_summary": few or self.version in OLD,
            "code_feedback": bool(defaults.review_suggestions),
        }
        return usual | {name for name, wanted in asked.items() if wanted}

    def _writer(self, tool: str) -> Writer:
        return Writer(self.installation, self.installation.version.tools[tool])

    def _planning_writer(self, tool: str) -> Writer:
        """Where numbers are taken out again, that is after the tokens have been counted."""
        writer = self._writer(tool)
        return self._writer("reflect") if writer.tool.form is Form.UNNUMBERED else writer

    def _layout(self, tool: str, pull_request: PullRequest, count: Counter) -> Layout:
        defaults = self.installation.defaults
        body = description(tool, pull_request, self.installation)
        return Layout(
            form="",
            body_characters=kept_characters(body, defaults.description_tokens, count),
            commits_characters=kept_characters(
                commit_messages(pull_request), defaults.commit_tokens, count
            ),
            flags=text_flags(pull_request),
        )

    def _budget(
        self, tool: str, pull_request: PullRequest, layout: Layout, count: Counter
    ) -> Budget:
        defaults, most = self.installation.defaults, self.settings.max_model_tokens
        if tool == "improve" and defaults.improve_tokens:
            most = min(most, defaults.improve_tokens)
        options = self.settings.options_of(tool)
        variables = variables_of(tool, pull_request, options, self.installation, layout)
        said = [message.content for message in rendered(self._templates(tool), variables)]
        system, user = said
        prompt = 0 if any(map(refused, said)) else counted_once(system, count) + count(user)
        return Budget(most, prompt, count, defaults.improve_calls, defaults.clips)

    def _templates(self, tool: str) -> Templates:
        return self.installation.templates[tool]


def contract(name: str, settings: ContractSettings) -> PrAgent:
    """The contract of that name."""
    return PrAgent(name, settings)
