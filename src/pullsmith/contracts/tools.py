"""Tools: what can be asked about a pull request, and what counts as an answer to it.

A tool is its answer's model and what is known of good answers; in which words it is put to a model
is each contract's own, except that a user's own tool brings them. Gives the tools that are built
in; knows no study and no contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from pullsmith.contracts.answers import ANSWER_MODELS, AnswerValue
from pullsmith.contracts.grounding import follow_up_faults, grounding_faults
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff

# What a judge is told that the task was; a tool that no judge sees has none.
TASKS = {
    "describe": "say what the pull request does: its type, a title, a short description, and "
    "what changes in each file.",
    "review": "name the issues in the new code that a reviewer should look at (none is allowed), "
    "with effort, tests and security concerns.",
    "improve": "suggest changes to the new code (none is allowed), each quoting existing code and "
    "giving the code to put in its place.",
}
# Far above what the contracts ask for: only answers that win by sheer length are over them.
LONGEST = MappingProxyType({
    "title": 200,
    "description": 2_000,
    "changes_title": 200,
    "changes_summary": 2_000,
    "label": 60,
    "issue_header": 120,
    "issue_content": 1_500,
    "security_concerns": 1_500,
    "suggestion_content": 1_500,
    "one_sentence_summary": 200,
    "suggestion_summary": 200,
    "why": 1_500,
})  # fmt: skip


class DiffForm(StrEnum):
    """How a diff is written in a prompt."""

    PLAIN = "plain"  # old and new lines mixed, as in a patch
    DECOUPLED = "decoupled"  # the new lines of each hunk, then the old ones
    NUMBERED = "numbered"  # the same, new lines behind their number in the new file


@dataclass(frozen=True, eq=False)
class Templates:
    """The words of a user's own tool: Jinja2 sources by file name, and how they show the diff."""

    folder: str  # for messages
    sources: Mapping[str, str]
    diff: DiffForm


@dataclass(frozen=True, eq=False)
class Tool:
    """A task about one pull request.

    ``faults`` says what is wrong with an answer beside what was shown, each as ``code: where``;
    ``limits`` are the most characters of a text, by the name of its field. ``templates`` and
    ``digest``, of its files, are a user's own tool's.
    """

    name: str
    answer: type[AnswerValue]
    task: str = ""
    faults: Callable[[AnswerValue, ShownDiff], tuple[str, ...]] = grounding_faults
    limits: Mapping[str, int] = field(default_factory=lambda: LONGEST)
    templates: Templates | None = None
    digest: str = ""

    def faults_beside(self, value: AnswerValue, task: Task) -> tuple[str, ...]:
        """All that is wrong with an answer beside what its task shows and asks about."""
        return (*self.faults(value, task.shown), *follow_up_faults(value, task.about))


Tools = Mapping[str, Tool]
BUILT_IN: Tools = MappingProxyType({
    name: Tool(name, model, TASKS.get(name, "")) for name, model in ANSWER_MODELS.items()
})  # fmt: skip
