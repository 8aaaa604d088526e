"""Which models may be answers: each row is refused for its reason, and has a twin that is kept."""

from __future__ import annotations

import re
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import ConfigDict, Field, create_model

from pullsmith.contracts.answers import ANSWER_MODELS, AnswerValue, Text
from pullsmith.contracts.own_answers import model_faults, text_fields


class Kind(StrEnum):
    FIX = "fix"


class Number(Enum):
    ONE = 1


class Part(AnswerValue):
    title: Text


class Loose(Part):
    model_config = ConfigDict(strict=False)


class Changing(Part):
    model_config = ConfigDict(frozen=False)


class Open(Part):
    model_config = ConfigDict(extra="ignore")


def model(annotation: Any, default: Any = ...) -> type[AnswerValue]:
    return create_model("Answer", __base__=AnswerValue, field=(annotation, default))


@pytest.mark.parametrize(
    ("bad", "message", "good"),
    [
        ((float,), "Answer.field: expected str, int, Literal", (int,)),
        ((bool,), "found bool", (Literal["yes", "no"],)),
        ((dict[str, str],), "found dict", (Part,)),
        ((list[str],), "found list", (tuple[str, ...],)),
        ((tuple[str, int],), "found tuple", (tuple[int, ...],)),
        ((tuple[tuple[str, ...], ...],), "found tuple", (tuple[Part, ...],)),
        ((tuple[str | None, ...],), "found", (tuple[Text, ...],)),
        ((str | int,), "found", (Annotated[int, Field(ge=1)],)),
        ((Number,), "found Number", (Kind,)),
        ((Literal[True],), "found", (Literal[1, 2],)),
        ((Any,), "found Any", (Text,)),
        ((str, "x"), "Answer.field: expected no default", (str,)),
        ((str | None,), "expected the default None", (str | None, None)),
        ((str | None, "x"), "expected the default None", (tuple[Part, ...] | None, None)),
        ((str, Field(alias="other")), "expected no alias", (str, Field(min_length=2))),
        ((Loose,), "Loose: expected strict = True in model_config, found False", (Part,)),
        ((tuple[Changing, ...],), "Changing: expected frozen = True", (tuple[Part, ...],)),
        ((Open | None, None), "Open: expected extra = 'forbid' in model_config, found 'ignore'", (Part | None, None)),
    ],
)  # fmt: skip
def test_what_is_refused_and_what_is_kept(
    bad: tuple[Any, ...], message: str, good: tuple[Any, ...]
) -> None:
    found = list(model_faults(model(*bad)))
    assert len(found) == 1
    assert re.search(re.escape(message), found[0])
    assert list(model_faults(model(*good))) == []


def test_an_answer_without_fields_and_one_that_holds_itself() -> None:
    class Empty(AnswerValue):
        pass

    class Tree(AnswerValue):
        below: tuple[Tree, ...]

    Tree.model_rebuild(_types_namespace={"Tree": Tree})
    assert list(model_faults(Empty)) == ["Empty: expected a field, found none"]
    assert list(model_faults(Tree)) == ["Tree: holds itself"]


@pytest.mark.parametrize("answer", ANSWER_MODELS.values())
def test_our_own_answers_keep_the_rules(answer: type[AnswerValue]) -> None:
    assert list(model_faults(answer)) == []


def test_fields_are_found_in_the_models_inside() -> None:
    assert text_fields(model(tuple[Part, ...])) == {"field", "title"}
    assert "issue_content" in text_fields(ANSWER_MODELS["review"])
