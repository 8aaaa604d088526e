"""One line of a file that people fill in: what is shown beside what they say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from pullsmith.curate.items import Queue
from pullsmith.decisions import Action

FIRST, SECOND, EQUAL = "first", "second", "equal"


class Line(BaseModel):
    """What is decided, by whom, and what they are shown; people write into the first six fields.

    ``decision`` is keep, fix, reject; pick, unpick; or first, second, equal; empty where nobody has
    said anything yet. ``text`` is a fix's YAML, or why. Everything behind ``digest`` is for reading.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    queue: str = ""
    name: str = ""
    who: str = ""
    decision: str = ""
    text: str = ""
    first_score: str = ""
    second_score: str = ""
    digest: str = ""
    tool: str = ""
    language: str = ""
    repository: str = ""
    title: str = ""
    description: str = ""
    flags: str = ""
    diff: str = ""
    answer: str = ""
    second_answer: str = ""

    @field_validator("*", mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any) -> Any:  # noqa: ANN401  # a cell of somebody's file
        return "" if value is None else value


NEEDED = ("queue", "name", "who", "decision", "text", "digest")


QUESTIONS = ("decision", "fixed", "why", "first_score", "second_score")
"""What other tools ask: a fix and a reason are fields of their own there, as one is filled in already."""


def asked(line: Line) -> dict[str, str]:
    """What is filled in of the questions; of an example the answer stands there to be mended."""
    fixes = line.decision == Action.FIX
    mended = line.text if fixes else line.answer
    return {
        "decision": line.decision,
        "fixed": mended if line.queue == Queue.CLEAN else "",
        "why": "" if fixes else line.text,
        "first_score": line.first_score,
        "second_score": line.second_score,
    }


def filled_in(shown: Mapping[str, Any], said: Mapping[str, Any], who: str) -> Line | str:
    """The line of what was shown and what was said to the questions, or why it is none."""
    decision = str(said.get("decision") or "")
    text = said.get("fixed") if decision.strip().casefold() == Action.FIX else said.get("why")
    scores = {name: said.get(name) for name in ("first_score", "second_score")}
    return read_line({**shown, **scores, "decision": decision, "text": text, "who": who})


def read_line(told: object) -> Line | str:
    """The line in a mapping of somebody's file, or why it is none."""
    try:
        return Line.model_validate(told)
    except ValidationError as error:
        fault = error.errors()[0]
        return f"{'.'.join(map(str, fault['loc'])) or 'the line'}: {fault['msg']}"
