"""The answers of PR-Agent in June 2024 (commit 4549cb39, Apache-2.0): issues as text, effort explained."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pullsmith.contracts.answers import Text
from pullsmith.contracts.pr_agent.forms import (
    EFFORT,
    ExplainedEffort,
    Feedbacks,
    Form,
    Line,
    Parts,
    Rating,
    Summary,
    Title,
    Types,
    Wire,
)


class DescribedFile(Wire):
    """One file of a description."""

    filename: Text
    language: Text
    changes_summary: Summary
    changes_title: Title
    label: Text


class Describe(Wire):
    """describe; custom labels only where the user has some."""

    type: Types
    pr_files: Annotated[tuple[DescribedFile, ...], Field(max_length=15)]
    description: Text
    title: Text
    labels: tuple[Text, ...] | None = None


class Review(Wire):
    """What is nested under review."""

    effort: ExplainedEffort | None = Field(default=None, alias=EFFORT)
    score: Rating | None = None
    relevant_tests: Text | None = None
    insights_from_user_answers: Text | None = None
    possible_issues: Text
    security_concerns: Text | None = None
    can_be_split: Parts | None = None


class Reviewed(Wire):
    """review; suggestions beside it unless their number is 0."""

    review: Review
    code_feedback: Feedbacks | None = None


class Suggestion(Wire):
    """One suggestion, with the lines it is about."""

    relevant_file: Text
    language: Text
    suggestion_content: Text
    existing_code: Text
    improved_code: str
    one_sentence_summary: Text
    relevant_lines_start: Line
    relevant_lines_end: Line
    label: Text


class Improve(Wire):
    """improve."""

    code_suggestions: tuple[Suggestion, ...]


class Reflection(Wire):
    """A second look at one suggestion."""

    suggestion_summary: Text
    relevant_file: Text
    suggestion_score: Annotated[int, Field(ge=0, le=10)]
    why: Text


class Reflect(Wire):
    """reflect."""

    code_suggestions: tuple[Reflection, ...]


FORM = Form(
    "2024-06",
    models={"describe": Describe, "review": Reviewed, "improve": Improve, "reflect": Reflect},
    explained_effort=True,
    usual=frozenset({"code_feedback"}),
)
