"""The judge's question: one pull request and two answers, as chat messages.

Takes the pull request, what is shown of it, the task and the two answers' values in the order the
judge shall see them; gives messages. Knows no judge and no parser. The answers are written in one
YAML style whatever contract they came in, so that the wire form decides nothing.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.marks import free_mark
from pullsmith.diff.shown import ShownDiff, printable, unified
from pullsmith.errors import StudyError
from pullsmith.records import Message, PullRequest

PROMPT_VERSIONS = ("pair-1",)


@dataclass(frozen=True)
class Question:
    """What is compared: two answers to one task, in the order the judge sees them."""

    pull_request: PullRequest
    shown: ShownDiff
    task: str  # what was asked, in a sentence
    first: AnswerValue
    second: AnswerValue


def messages(question: Question, version: str) -> tuple[Message, ...]:
    """The chat messages of ``version``; raises StudyError for one that does not exist."""
    check_version(version)
    texts = {
        "title": printable(question.pull_request.title),
        "description": question.pull_request.body.strip(),
        "diff": unified(question.shown),
        "first": canonical_yaml(question.first).rstrip("\n"),
        "second": canonical_yaml(question.second).rstrip("\n"),
    }
    values = {**texts, "mark": free_mark(list(texts.values())), "task": question.task}
    return tuple(
        Message(role=role, content=_template(f"{version}.{role}").render(values))
        for role in ("system", "user")
    )


def check_version(version: str) -> None:
    """Raise StudyError, naming the nearest, unless there is a judge prompt of that name."""
    if version not in PROMPT_VERSIONS:
        near = difflib.get_close_matches(version, PROMPT_VERSIONS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(PROMPT_VERSIONS)}"
        raise StudyError(f"judge.prompt_version: unknown judge prompt {version!r}; {hint}")


@cache
def _template(name: str) -> Template:
    folder = files("pullsmith.judge") / "prompts"
    load = FunctionLoader(lambda path: (folder / path).read_text(encoding="utf-8"))
    # Plain text for a model, not a page: escaping would change what the judge reads.
    environment = Environment(loader=load, undefined=StrictUndefined, autoescape=False)  # noqa: S701, RUF100
    return environment.get_template(f"{name}.jinja")
