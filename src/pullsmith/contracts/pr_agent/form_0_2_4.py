"""The answers of PR-Agent 0.2.4 (the package of September 2024, Apache-2.0): issues as a list.

Without the references to variables in issues, which it asks for only where a user switches them on.
"""

from __future__ import annotations

from pydantic import Field

from pullsmith.contracts.answers import Text
from pullsmith.contracts.pr_agent.form_2024_06 import Describe, Improve, Reflect
from pullsmith.contracts.pr_agent.forms import (
    EFFORT,
    Effort,
    Feedbacks,
    Form,
    Issue,
    Parts,
    Rating,
    Wire,
)


class Review(Wire):
    """What is nested under review; nobody says how many issues."""

    effort: Effort | None = Field(default=None, alias=EFFORT)
    score: Rating | None = None
    relevant_tests: Text | None = None
    insights_from_user_answers: Text | None = None
    key_issues_to_review: tuple[Issue, ...]
    security_concerns: Text | None = None
    can_be_split: Parts | None = None


class Reviewed(Wire):
    """review; suggestions beside it where their number is not 0."""

    review: Review
    code_feedback: Feedbacks | None = None


FORM = Form(
    "0.2.4",
    models={"describe": Describe, "review": Reviewed, "improve": Improve, "reflect": Reflect},
)
