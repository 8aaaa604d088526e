"""The answers of PR-Agent in April 2026, from notes alone: its source (AGPL-3.0) was not opened.

Nothing here was ever compared with it. The notes do not say what a TODO consists of, so it is a text.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pullsmith.contracts.answers import Text
from pullsmith.contracts.pr_agent.form_2025_03 import DescribedFile, Reflect
from pullsmith.contracts.pr_agent.forms import (
    EFFORT,
    Effort,
    Form,
    Issue,
    Limit,
    Parts,
    Rating,
    Ticket,
    Types,
    Wire,
)


class Describe(Wire):
    """describe; with a diagram unless it is switched off."""

    type: Types
    description: Annotated[Text, Limit(points=4, words=8)]
    title: Text
    changes_diagram: Text | None = None
    pr_files: Annotated[tuple[DescribedFile, ...], Field(max_length=20)]


class TimeCost(Wire):
    """How long the change took."""

    best_case: Text
    average_case: Text
    worst_case: Text


class Review(Wire):
    """What is nested under review."""

    ticket_compliance_check: tuple[Ticket, ...] | None = None
    effort: Effort | None = Field(default=None, alias=EFFORT)
    contribution_time_cost_estimate: TimeCost | None = None
    score: Rating | None = None
    relevant_tests: Text | None = None
    insights_from_user_answers: Text | None = None
    key_issues_to_review: tuple[Issue, ...]
    security_concerns: Text | None = None
    todo_sections: Annotated[tuple[Text, ...], Field(min_length=1)] | Literal["No"] | None = None
    can_be_split: Parts | None = None


class Reviewed(Wire):
    """review."""

    review: Review


class Suggestion(Wire):
    """One suggestion; the code to change stands before what is said of it."""

    relevant_file: Text
    language: Text
    existing_code: Text
    suggestion_content: Text
    improved_code: str
    one_sentence_summary: Annotated[Text, Limit(words=6)]
    label: Text


class Improve(Wire):
    """improve."""

    code_suggestions: tuple[Suggestion, ...]


FORM = Form(
    "2026-04",
    models={"describe": Describe, "review": Reviewed, "improve": Improve, "reflect": Reflect},
    most_issues=lambda options: options.max_findings,
    suggestions=3,
    most_summaries=6,
    usual=frozenset({"changes_diagram"}),
)
