"""Which models may be the answer of a user's own tool: those whose every value has one form.

Takes a model; gives what is wrong with it, in words. An answer is written as YAML, read back
strictly and compared, so a value may not change, no field may have a default that a model could
lean on, and each is a text, a whole number, one of a closed set, a model like this, or a list.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from pullsmith.contracts.answers import AnswerValue

ALLOWED = "str, int, Literal, a StrEnum, an AnswerValue, or a tuple[…, ...] of these"
_UNIONS = (Union, types.UnionType)


def model_faults(model: type[AnswerValue], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """What is wrong with ``model`` and the models in it, the place first; nothing where it may be used."""
    name = model.__name__
    config = model.model_config
    for key, wanted in (("frozen", True), ("strict", True), ("extra", "forbid")):
        if config.get(key) != wanted:
            yield f"{name}: expected {key} = {wanted!r} in model_config, found {config.get(key)!r}"
    if not model.model_fields:
        yield f"{name}: expected a field, found none"
    if name in seen:
        yield f"{name}: holds itself"
        return
    for key, field in model.model_fields.items():
        yield from _field_faults(field, f"{name}.{key}", seen | {name})


def text_fields(model: type[AnswerValue]) -> frozenset[str]:
    """The names of all fields of ``model`` and of the models in it."""
    found = set(model.model_fields)
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            found |= text_fields(inner)
    return frozenset(found)


def _field_faults(field: FieldInfo, where: str, seen: frozenset[str]) -> Iterator[str]:
    if field.alias or field.validation_alias or field.serialization_alias:
        yield f"{where}: expected no alias, found one"
    annotation: Any = field.annotation
    if get_origin(annotation) in _UNIONS and types.NoneType in get_args(annotation):
        if field.is_required() or field.get_default(call_default_factory=False) is not None:
            yield f"{where}: expected the default None, because None is not written"
        inner = [each for each in get_args(annotation) if each is not types.NoneType]
        annotation = inner[0] if len(inner) == 1 else annotation
    elif not field.is_required():
        yield f"{where}: expected no default, because a missing field makes an answer unreadable"
    if get_origin(annotation) is tuple and get_args(annotation)[1:] == (...,):
        yield from _item_faults(get_args(annotation)[0], where, seen)
    else:
        yield from _item_faults(annotation, where, seen)


def _item_faults(annotation: Any, where: str, seen: frozenset[str]) -> Iterator[str]:  # noqa: ANN401  # a type, as written
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if isinstance(annotation, type) and issubclass(annotation, AnswerValue):
        yield from model_faults(annotation, seen)
    elif not _is_scalar(annotation):
        yield f"{where}: expected {ALLOWED}, found {getattr(annotation, '__name__', annotation)}"


def _is_scalar(annotation: Any) -> bool:  # noqa: ANN401  # a type, as written
    if get_origin(annotation) is Literal:
        return all(type(each) in (str, int) for each in get_args(annotation))
    if annotation in (str, int):
        return True
    return isinstance(annotation, type) and issubclass(annotation, StrEnum)


def _models_in(annotation: Any) -> Iterator[type[AnswerValue]]:  # noqa: ANN401  # a type, as written
    if isinstance(annotation, type) and issubclass(annotation, AnswerValue):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
