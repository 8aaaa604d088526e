"""Hand-made prompts and answers about one pull request, for the tests of clean."""

from __future__ import annotations

from typing import Any

from pullsmith.clean.rules import Subject
from pullsmith.contracts.answers import AnswerValue, Improve, KeyIssue, Review, Suggestion
from pullsmith.contracts.canonical import value_json
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import BUILT_IN
from pullsmith.diff.shown import whole
from pullsmith.records import (
    Answer,
    Message,
    Outcome,
    Phase,
    Prompt,
    SecretScan,
    Split,
    answer_id,
    prompt_id,
)
from tests.curated import file, real

PULL_REQUEST = real("1", file("a = 1", "b = 2"), split=Split.TRAIN)


def review(line: int = 1, path: str = "app/a.py") -> Review:
    """One issue on one line."""
    issue = KeyIssue(
        relevant_file=path,
        issue_header="Bare except",
        issue_content="It hides errors.",
        start_line=line,
        end_line=line,
    )
    return Review(
        estimated_effort_to_review=1,
        relevant_tests="No",
        key_issues_to_review=(issue,),
        security_concerns="No",
    )


def improve(existing: str, improved: str, **changes: Any) -> Improve:
    """One suggestion."""
    suggestion = Suggestion(
        relevant_file="app/a.py",
        language="python",
        existing_code=existing,
        suggestion_content="Better.",
        improved_code=improved,
        one_sentence_summary="Improve it",
        label="general",
    )
    return Improve(code_suggestions=(suggestion.model_copy(update=changes),))


def subject(
    value: AnswerValue, *, prompt_text: str = "app/a.py", faults: tuple[str, ...] = (), **c: Any
) -> Subject:
    """What the rules look at: an answer with ``value`` to a prompt of PULL_REQUEST."""
    made = answer(value, **c)
    task = Task.of(prompt(made.tool), PULL_REQUEST)
    return Subject(made, value, task, BUILT_IN[made.tool], prompt_text, faults)


def prompt(tool: str, contract: str = "compact-1", **changes: Any) -> Prompt:
    """A prompt that shows all of PULL_REQUEST; its text names the contract."""
    made = Prompt(
        id=prompt_id(PULL_REQUEST.id, tool=tool, contract=contract),
        pull_request_id=PULL_REQUEST.id,
        tool=tool,
        contract=contract,
        split=Split.TRAIN,
        messages=(Message(role="user", content=f"{tool} in {contract}"),),
        coverage=whole(PULL_REQUEST),
        scan=SecretScan(rules_version="test"),
    )
    return made.model_copy(update=changes)


def answer(
    value: AnswerValue | None, *, model: str = "rules+truth", contract: str = "compact-1", **c: Any
) -> Answer:
    """An OK answer with ``value``, or one without where it is None."""
    tool = "improve" if isinstance(value, Improve) else "review"
    asked = prompt(tool, contract)
    made = Answer(
        id=answer_id(asked.id, model=model, phase=Phase.NONE, checkpoint="none", sample=0),
        prompt_id=asked.id,
        pull_request_id=asked.pull_request_id,
        tool=tool,
        contract=contract,
        model=model,
        outcome=Outcome.OK,
        text="raw",
        value_json=None if value is None else value_json(value),
        terms="as the source",
    )
    return made.model_copy(update=c)
