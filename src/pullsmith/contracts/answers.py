"""What a model answers, whatever the wire form: the fields of every version of PR-Agent's contract.

Field names, order and meaning follow PR-Agent up to v0.27 (Apache-2.0, read March 2025), and for
April 2026 notes on it; the descriptions are our own. Values are strict: no coercion, no defaults
that a model could lean on. An optional field is None where a contract has no such field, or where
its prompt does not ask for it; which fields an answer must have, and how many issues, each contract
says (``fields``, ``options``).
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
    language: Text | None = None
    changes_summary: Text | None = None
    changes_title: Text
    label: Text


class Describe(AnswerValue):
    """What the pull request does."""

    type: tuple[Annotated[ChangeType, Field(strict=False)], ...] = Field(min_length=1)
    description: Text
    title: Text
    changes_diagram: Text | None = None  # Mermaid
    pr_files: tuple[DescribedFile, ...] = Field(max_length=20)
    labels: tuple[Text, ...] | None = None  # of the user's own list


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


class TicketCompliance(AnswerValue):
    """Whether the pull request does what a ticket asks for; lists of points as text, or empty."""

    ticket_url: Text
    ticket_requirements: str
    fully_compliant_requirements: str
    not_compliant_requirements: str
    requires_further_human_verification: str


class TimeCost(AnswerValue):
    """How long the change took its author, in words."""

    best_case: Text
    average_case: Text
    worst_case: Text


class CodeFeedback(AnswerValue):
    """A suggestion inside a review; ``relevant_line`` quotes one added line behind its ``+``."""

    relevant_file: Text
    language: Text
    suggestion: Text
    relevant_line: Text


class Review(AnswerValue):
    """What a reviewer should look at; no issues is a good answer.

    The oldest contract tells issues as text (``possible_issues``) and explains the effort. An empty
    ``todo_sections`` says that there are none.
    """

    ticket_compliance_check: tuple[TicketCompliance, ...] | None = None
    estimated_effort_to_review: int | None = Field(default=None, ge=1, le=5)
    effort_reason: Text | None = None
    contribution_time_cost_estimate: TimeCost | None = None
    score: int | None = Field(default=None, ge=0, le=100)
    relevant_tests: Text | None = None
    insights_from_user_answers: Text | None = None
    possible_issues: Text | None = None
    key_issues_to_review: tuple[KeyIssue, ...] | None = Field(
        default=None, max_length=MOST_FINDINGS
    )
    security_concerns: Text | None = None
    todo_sections: tuple[Text, ...] | None = None
    can_be_split: tuple[SplitPart, ...] | None = Field(default=None, max_length=3)
    code_feedback: tuple[CodeFeedback, ...] | None = None

    @property
    def issues(self) -> tuple[KeyIssue, ...]:
        """The key issues; none where the contract has no such list."""
        return self.key_issues_to_review or ()


class Suggestion(AnswerValue):
    """One change to the new code: ``existing_code`` quotes it, ``improved_code`` replaces it.

    Lines count from 1 in the new file; contracts without them leave them to the quote.
    """

    relevant_file: Text
    language: Text
    existing_code: Text
    suggestion_content: Text
    improved_code: str  # empty deletes the quoted lines
    one_sentence_summary: Text
    relevant_lines_start: int | None = Field(default=None, ge=1)
    relevant_lines_end: int | None = Field(default=None, ge=1)
    label: Text


class Improve(AnswerValue):
    """Suggested changes; none is a good answer."""

    code_suggestions: tuple[Suggestion, ...] = Field(max_length=MOST_SUGGESTIONS)


class Reflection(AnswerValue):
    """What one suggestion is worth: 0 where it is wrong, 10 where nothing could matter more."""

    suggestion_summary: Text  # repeated from the suggestion, like the file
    relevant_file: Text
    relevant_lines_start: int | None = Field(default=None, ge=1)
    relevant_lines_end: int | None = Field(default=None, ge=1)
    suggestion_score: int = Field(ge=0, le=10)
    why: Text


class Reflect(AnswerValue):
    """A second look at an improve answer: one reflection a suggestion, in the same order."""

    code_suggestions: tuple[Reflection, ...]


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
    "reflect": Reflect,
    "spot": Spot,
}
TOOLS = ("describe", "review", "improve")  # put to a model with nothing but a pull request


def tool_of(value: AnswerValue) -> str:
    """The tool ``value`` answers; KeyError for a model that is no tool's."""
    return {model: tool for tool, model in ANSWER_MODELS.items()}[type(value)]
