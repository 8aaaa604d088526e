"""Commit messages: what an answer is, and what is wrong with one beside the diff."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from pullsmith.contracts.answers import AnswerValue, Text
from pullsmith.diff.shown import ShownDiff

TASK = (
    "write the commit message of the change: its kind, a subject, and a body where one is needed."
)
LIMITS = {"body": 1_000}
_PATH = re.compile(r"`([^`\s]+/[^`\s]+)`")


class Answer(AnswerValue):
    """A commit message."""

    kind: Literal["fix", "feature", "test", "docs", "refactor", "chore"]
    subject: Annotated[str, Field(max_length=72, pattern=r"^\S[^\n]*$")]
    body: Text | None = None


def faults(answer: Answer, shown: ShownDiff) -> Iterable[str]:
    """A path in backticks must be that of a file that is shown."""
    for path in _PATH.findall(answer.body or ""):
        if shown.file(path) is None:
            yield f"file_not_shown: {path}"
