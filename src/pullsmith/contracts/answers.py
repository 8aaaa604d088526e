"""What a model answers, whatever the wire form: the fields of PR-Agent's 2025-03 contract.

Field names, order and meaning follow PR-Agent v0.27 (Apache-2.0, read March 2025); the descriptions
are our own. Values are strict: no coercion, no defaults that a model could lean on. An optional
field is None only where the contract says it may be left out.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pullsmith.records import MOST_FINDINGS, MOST_SUGGESTIONS

NOT_BLANK = r"\S"
Text = Annotated[str, Field(pattern=NOT_BLANK)]  # something other than white space


class AnswerValue(BaseModel):
    """Base of the values: frozen, strict, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ChangeType(StrEnum):
    """What a pull request is."""

    BUG_FIX = "Bug fix"
    TESTS = "Tests"
    ENHANCEMENT = "Enhancement"
    DOCUMENTATION = "Documentation"
    OTHER = "Other"


class DescribedFile(AnswerValue):
    """One file of a description."""

    filename: Text
    changes_summary: Text | None = None
    changes_title: Text
    label: Text


class Describe(AnswerValue):
    """What the pull request does."""

    type: tuple[Annotated[ChangeType, Field(strict=False)], ...] = Field(min_length=1)
    description: Text
    title: Text
    pr_files: tuple[DescribedFile, ...] = Field(max_length=20)


class KeyIssue(AnswerValue):
    """One thing a reviewer should look at; lines count from 1 in the new file."""

    relevant_file: Text
    issue_header: Text
    issue_content: Text
    start_line: int = Field(ge=1)
    end_line: int = Field(ge=1)


class SplitPart(AnswerValue):
    """A part of a pull request that could be one of its own."""

    relevant_files: tuple[Text, ...] = Field(min_length=1)
    title: Text


class Review(AnswerValue):
    """What a reviewer should look at; no issues is a good answer.

    A field is None where the prompt's options do not ask for it (``contracts.options``).
    """

    estimated_effort_to_review: int | None = Field(default=None, ge=1, le=5)
    score: int | None = Field(default=None, ge=0, le=100)
    relevant_tests: Text | None = None
    key_issues_to_review: tuple[KeyIssue, ...] = Field(max_length=MOST_FINDINGS)
    security_concerns: Text | None = None
    can_be_split: tuple[SplitPart, ...] | None = Field(default=None, max_length=3)


class Suggestion(AnswerValue):
    """One change to the new code: ``existing_code`` quotes it, ``improved_code`` replaces it."""

    relevant_file: Text
    language: Text
    existing_code: Text
    suggestion_content: Text
    improved_code: str  # empty deletes the quoted lines
    one_sentence_summary: Text
    label: Text


class Improve(AnswerValue):
    """Suggested changes; none is a good answer."""

    code_suggestions: tuple[Suggestion, ...] = Field(max_length=MOST_SUGGESTIONS)


class SpottedDefect(AnswerValue):
    """A kind of defect and where it is; lines count from 1 in the new file."""

    relevant_file: Text
    issue_header: Text
    start_line: int = Field(ge=1)
    end_line: int = Field(ge=1)


class Spot(AnswerValue):
    """The short exercise of the embedded recipe: which kind of defect, on which lines; or none."""

    issues: tuple[SpottedDefect, ...] = Field(max_length=1)


ANSWER_MODELS: dict[str, type[AnswerValue]] = {
    "describe": Describe,
    "review": Review,
    "improve": Improve,
    "spot": Spot,
}
TOOLS = ("describe", "review", "improve")


def tool_of(value: AnswerValue) -> str:
    """The tool ``value`` answers; KeyError for a model that is no tool's."""
    return {model: tool for tool, model in ANSWER_MODELS.items()}[type(value)]
