"""What the versions of PR-Agent's answers share: the base of their models, and the parts that differ.

A version's own module has its models, fields in the order of its contract; an optional field is one
that its prompt asks for only sometimes. Names, order and limits follow the source up to v0.29
(Apache-2.0); 2026-04 was written from notes on it and was never compared with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from pullsmith.contracts.answers import ChangeType, Text
from pullsmith.records import PromptOptions

EFFORT: Final = "estimated_effort_to_review_[1-5]"
_EXPLAINED = re.compile(r"([0-9]+)(?:, (?=.*\S)(.+))?", re.DOTALL)
_TYPES = frozenset(ChangeType)


class Wire(BaseModel):
    """Base of what stands in an answer: strict, no unknown fields, nothing by default."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@dataclass(frozen=True)
class Limit:
    """How long a text should be; what is longer can be read, but is no model answer.

    ``words`` are counted in the whole text, or in each point where ``points`` limits those: lines
    that begin with a dash at the very left.
    """

    words: int | None = None
    points: int | None = None


@dataclass(frozen=True)
class Form:
    """One version's answers: its models by tool, and what they leave to its settings."""

    name: str
    models: Mapping[str, type[Wire]]
    explained_effort: bool = False  # a text such as "3, because …"
    most_issues: Callable[[PromptOptions], int] | None = None
    suggestions: int = 4  # what improve asks for where nobody changes it
    most_summaries: int | None = None  # files, above which describe wants no summaries of them
    usual: frozenset[str] = frozenset()  # optional fields that its default settings ask for

    def names(self, tool: str) -> frozenset[str]:
        """The names of all fields of a tool's answer, as they stand in it."""
        return frozenset(_names(self.models[tool]))


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in models_in(field.annotation):
            yield from _names(inner)


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that a field of this type may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def _number(value: object) -> object:
    # The examples write numbers as block scalars too.
    return (
        int(value)
        if isinstance(value, str) and re.fullmatch("[0-9]{1,3}", value.strip())
        else value
    )


def _label(value: str) -> str:
    if value not in _TYPES:
        raise PydanticCustomError("label_unknown", "not one of the contract's labels")
    return value


def explained(value: str) -> tuple[int, str | None]:
    """The effort and its reason, in "3, because …"; ValueError and its kin for anything else."""
    match = _EXPLAINED.fullmatch(value)
    if match is None:
        raise PydanticCustomError("effort", "a number, a comma and the reason expected")
    if not 1 <= int(match[1]) <= 5:
        raise PydanticCustomError("out_of_range", "the effort is 1 to 5")
    return int(match[1]), match[2]


def _check_explained(value: str) -> str:
    explained(value)
    return value


Effort = Annotated[int, Field(ge=1, le=5), BeforeValidator(_number)]
ExplainedEffort = Annotated[str, AfterValidator(_check_explained)]
Rating = Annotated[int, Field(ge=0, le=100), BeforeValidator(_number)]
Line = Annotated[int, Field(ge=1)]
Label = Annotated[str, AfterValidator(_label)]
Types = Annotated[tuple[Label, ...], Field(min_length=1)]
Title = Annotated[Text, Limit(words=10)]
Summary = Annotated[Text, Limit(points=4)]


class SplitPart(Wire):
    """A part that could be a pull request of its own."""

    relevant_files: tuple[Text, ...] = Field(min_length=1)
    title: Text


class Issue(Wire):
    """One thing a reviewer should look at."""

    relevant_file: Text
    issue_header: Annotated[Text, Limit(words=2)]
    issue_content: Text
    start_line: Line
    end_line: Line


class Feedback(Wire):
    """A suggestion inside a review."""

    relevant_file: Text
    language: Text
    suggestion: Text
    relevant_line: Text


class Ticket(Wire):
    """What became of one ticket; all but its address may be empty."""

    ticket_url: Text
    ticket_requirements: str
    fully_compliant_requirements: str
    not_compliant_requirements: str
    requires_further_human_verification: str


Parts = Annotated[tuple[SplitPart, ...], Field(max_length=3)]
Feedbacks = Annotated[tuple[Feedback, ...], Field(max_length=4)]
