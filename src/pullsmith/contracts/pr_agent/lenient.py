"""What PR-Agent would still make of an answer: broken YAML repaired, unknown fields passed over.

Takes a version, a task and a raw answer; gives the value. Counts are free and whatever is switched
may be missing, as PR-Agent looks at neither; an entry that it would skip is skipped. Supplies no
field: an answer without one that every value has is refused here, although PR-Agent publishes some
of those, so the rate is a little too low. For that rate alone: never trained on.
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from pullsmith.contracts.answers import AnswerValue, ChangeType
from pullsmith.contracts.canonical import value_from_json
from pullsmith.contracts.pr_agent.forms import EFFORT, Form, explained
from pullsmith.contracts.pr_agent.ladder import LADDERS, hints_of, read_repaired
from pullsmith.contracts.pr_agent.mapping import to_value
from pullsmith.contracts.pr_agent.strict import FORMS
from pullsmith.contracts.task import Task
from pullsmith.contracts.yaml_read import ReadTree
from pullsmith.errors import AnswerError

_NOTHING = ("no", "none", "false", "")
_NUMBER = re.compile(r"\s*(-?[0-9]{1,9})\s*")
_LET = ("const", "instead", "let")  # one sort of suggestion that PR-Agent throws away by its words
Loose = dict[str, Any]  # a tree that is being brought into a version's shape; it ends here


def read_leniently(version: str, task: Task, text: str) -> AnswerValue:
    """The value of an answer that PR-Agent would take; raises AnswerError where it would not."""
    form, tool = FORMS[version], task.tool
    if tool not in form.models:
        raise AnswerError("not_readable", f"pr-agent-{version} has no form for {tool}")
    tree = read_repaired(text, LADDERS[version], hints_of(version, tool))
    if isinstance(tree, list) and tool == "improve":
        tree = {"code_suggestions": tree}
    if not isinstance(tree, dict):
        raise AnswerError("wrong_type", f"the top: fields expected, found {str(tree)[:60]!r}")
    if isinstance(kinds := tree.get("type"), str):
        tree["type"] = [kind.strip() for kind in kinds.split(",")]
    if tool == "review" and not isinstance(tree.get("review"), dict):
        raise AnswerError("missing_field", "review: everything is nested under it")
    loose = _fields(tree, form.models[tool])
    _as_pr_agent_does(form, tool, loose)
    return value_from_json(tool, json.dumps(to_value(form, tool, loose)))


def _fields(tree: Mapping[str, ReadTree], model: type[BaseModel]) -> Loose:
    """The fields that ``model`` has, in its types as far as they can be; what is empty is not there."""
    found: Loose = {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key in tree:
            value = _loosened(tree[key], field.annotation)
            if value is not None:
                found[key] = value
    return found


def _loosened(item: ReadTree, annotation: Any) -> Any:  # noqa: ANN401  # a type, and what fits it
    """``item`` as the type wants it, None where it cannot be."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        wanted = [each for each in get_args(annotation) if each is not types.NoneType]
        return next(
            (found for each in wanted if (found := _loosened(item, each)) is not None), None
        )
    if get_origin(annotation) is tuple:
        return _items(item, get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _fields(item, annotation) if isinstance(item, dict) else None
    if annotation is int:
        match = _NUMBER.fullmatch(str(item))
        return int(match[1]) if match else None
    return item.strip("\n") if isinstance(item, str) else None


def _items(item: ReadTree, annotation: Any) -> list[Any] | None:  # noqa: ANN401  # a type
    """The items that can be what the type wants; the others are passed by."""
    if isinstance(item, str) and item.strip().lower() in _NOTHING:
        return []
    if not isinstance(item, list):
        return None
    found = [_loosened(each, annotation) for each in item]
    model = (
        annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    )
    kept = [each for each in found if each is not None and (model is None or _is_one(each, model))]
    if item and not kept:
        raise AnswerError("nothing_left", f"none of {len(item)} entries can be used")
    return kept


def _is_one(item: Loose, model: type[BaseModel]) -> bool:
    try:
        model.model_validate_json(json.dumps(item))
    except ValidationError:
        return False
    return True


def _as_pr_agent_does(form: Form, tool: str, loose: Loose) -> None:
    """What it changes and refuses by itself after reading."""
    if tool == "describe":
        loose["type"] = [each for each in loose.get("type", ()) if each in set(ChangeType)]
    if tool == "improve":
        loose["code_suggestions"] = _kept(loose.get("code_suggestions"))
    review = loose.get("review")
    if isinstance(review, dict) and EFFORT in review and not _readable_effort(form, review):
        del review[EFFORT]


def _kept(suggestions: Sequence[Loose] | None) -> list[Loose]:
    """Those with a summary of their own; raises AnswerError where there is no list."""
    if suggestions is None:
        raise AnswerError("missing_field", "code_suggestions: a list expected")
    found: dict[str, Loose] = {}
    for each in suggestions:
        if not all(word in each["suggestion_content"] for word in _LET):
            found.setdefault(each["one_sentence_summary"], each)
    return list(found.values())


def _readable_effort(form: Form, review: Loose) -> bool:
    """Whether a number stands before the first comma."""
    if not form.explained_effort:
        return review[EFFORT] in range(1, 6)
    try:
        explained(review[EFFORT])
    except PydanticCustomError:
        return False
    return True
