"""The judge's question: one pull request and two answers, as chat messages.

Takes the pull request, what is shown of it, the task and the two answers' values in the order the
judge shall see them; gives messages. Knows no judge and no parser. The answers are written in one
YAML style whatever contract they came in, so that the wire form decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.marks import free_mark
from pullsmith.diff.shown import ShownDiff
from pullsmith.diff.told import told
from pullsmith.records import Message, PullRequest


@dataclass(frozen=True)
class Question:
    """What is compared: two answers to one task, in the order the judge sees them."""

    pull_request: PullRequest
    shown: ShownDiff
    task: str  # what was asked, in a sentence
    first: AnswerValue
    second: AnswerValue


def messages(question: Question, version: str) -> tuple[Message, ...]:
    """The chat messages of ``version``, which is one of ``study.judging.JUDGE_PROMPTS``."""
    texts = {
        **told(question.pull_request, question.shown),
        "first": canonical_yaml(question.first).rstrip("\n"),
        "second": canonical_yaml(question.second).rstrip("\n"),
    }
    values = {**texts, "mark": free_mark(list(texts.values())), "task": question.task}
    return tuple(
        Message(role=role, content=_template(f"{version}.{role}.jinja").render(values))
        for role in ("system", "user")
    )


@cache
def _template(name: str) -> Template:
    folder = files("pullsmith.judge") / "prompts"
    load = FunctionLoader(lambda path: (folder / path).read_text(encoding="utf-8"))
    # Plain text for a model, not a page: escaping would change what the judge reads.
    environment = Environment(loader=load, undefined=StrictUndefined, autoescape=False)  # noqa: S701, RUF100
    return environment.get_template(name)
