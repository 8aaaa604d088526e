"""The answers of PR-Agent in March 2025 (commit f32163d5, v0.27, Apache-2.0): no line numbers in improve.

Its example shows a level of compliance that its schema has not; the schema counts.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pullsmith.contracts.answers import Text
from pullsmith.contracts.pr_agent.forms import (
    EFFORT,
    Effort,
    Form,
    Issue,
    Limit,
    Line,
    Parts,
    Rating,
    Ticket,
    Title,
    Types,
    Wire,
)


class DescribedFile(Wire):
    """One file of a description; summaries only of a few."""

    filename: Text
    changes_summary: Annotated[Text | None, Limit(points=4)] = None
    changes_title: Title
    label: Text


class Describe(Wire):
    """describe."""

    type: Types
    description: Annotated[Text, Limit(points=4, words=8)]
    title: Text
    pr_files: Annotated[tuple[DescribedFile, ...], Field(max_length=20)]


class Review(Wire):
    """What is nested under review."""

    ticket_compliance_check: tuple[Ticket, ...] | None = None
    effort: Effort | None = Field(default=None, alias=EFFORT)
    score: Rating | None = None
    relevant_tests: Text | None = None
    insights_from_user_answers: Text | None = None
    key_issues_to_review: tuple[Issue, ...]
    security_concerns: Text | None = None
    can_be_split: Parts | None = None


class Reviewed(Wire):
    """review."""

    review: Review


class Suggestion(Wire):
    """One suggestion; where it is, its quote says."""

    relevant_file: Text
    language: Text
    suggestion_content: Text
    existing_code: Text
    improved_code: str
    one_sentence_summary: Annotated[Text, Limit(words=6)]
    label: Text


class Improve(Wire):
    """improve."""

    code_suggestions: tuple[Suggestion, ...]


class Reflection(Wire):
    """A second look at one suggestion, which also says where it is."""

    suggestion_summary: Text
    relevant_file: Text
    relevant_lines_start: Line
    relevant_lines_end: Line
    suggestion_score: Annotated[int, Field(ge=0, le=10)]
    why: Text


class Reflect(Wire):
    """reflect."""

    code_suggestions: tuple[Reflection, ...]


FORM = Form(
    "2025-03",
    models={"describe": Describe, "review": Reviewed, "improve": Improve, "reflect": Reflect},
    most_issues=lambda _options: 3,
    most_summaries=8,
)
