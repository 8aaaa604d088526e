"""A task: a tool, what is shown of a pull request, and the options it is asked with."""

from __future__ import annotations

from dataclasses import dataclass, field

from pullsmith.contracts.answers import AnswerValue
from pullsmith.diff.shown import ShownDiff
from pullsmith.records import Coverage, Prompt, PromptOptions, PullRequest


@dataclass(frozen=True)
class Task:
    """What a contract puts to a model; an answer is read and written beside the same task.

    ``shown`` is what ``coverage`` shows of ``pull_request``; several tasks may share it. ``about`` is
    the answer that a second call looks at again, ``about_text`` the same as its model wrote it.
    """

    tool: str
    pull_request: PullRequest
    coverage: Coverage
    shown: ShownDiff
    options: PromptOptions = field(default_factory=PromptOptions)
    about: AnswerValue | None = None
    about_text: str = ""

    @classmethod
    def of(
        cls,
        prompt: Prompt,
        pull_request: PullRequest,
        shown: ShownDiff | None = None,
        *,
        about: AnswerValue | None = None,
        about_text: str = "",
    ) -> Task:
        """The task that ``prompt`` puts; raises PatchError where its coverage does not fit.

        ``about`` is the value of its parent answer, ``about_text`` that answer as it came.
        """
        shown = shown or ShownDiff.of(pull_request, prompt.coverage)
        coverage, options = prompt.coverage, prompt.options
        return cls(prompt.tool, pull_request, coverage, shown, options, about, about_text)
