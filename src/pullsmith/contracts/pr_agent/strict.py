"""Answers of PR-Agent: one YAML document, read strictly and written in one way.

Takes a version, a task and a text or a value. What a prompt asks for, its options and its version's
default settings say; an installation with other settings passes ``asked``, the optional fields that
it asks for besides. Whatever an answer has or lacks against that is refused, never mended. What is
looked up for writing is told in ``contracts.fields``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from pullsmith.contracts.answers import AnswerValue, tool_of
from pullsmith.contracts.canonical import answer_error, value_from_json, value_tree
from pullsmith.contracts.fenced import check_encodable, read_fields
from pullsmith.contracts.fields import fitted
from pullsmith.contracts.options import DEFAULTS
from pullsmith.contracts.pr_agent import form_0_2_4, form_2024_06, form_2025_03, form_2026_04
from pullsmith.contracts.pr_agent.forms import Form, Limit, Wire
from pullsmith.contracts.pr_agent.mapping import Fields, to_value, to_wire
from pullsmith.contracts.task import Task
from pullsmith.contracts.yaml_write import write_yaml
from pullsmith.errors import AnswerError

Each = TypeVar("Each")
Asked = frozenset[str]
FORMS: dict[str, Form] = {
    form.name: form
    for form in (form_2024_06.FORM, form_0_2_4.FORM, form_2025_03.FORM, form_2026_04.FORM)
}
# Optional fields and the option that asks for them.
_SWITCHES = {
    "effort": "require_effort",
    "score": "require_score",
    "relevant_tests": "require_tests",
    "security_concerns": "require_security",
    "can_be_split": "require_can_be_split",
}
_LISTS = ("code_suggestions", "key_issues_to_review")


def usual_fields(version: str, task: Task) -> Asked:
    """The optional fields that no option switches and the version's own settings ask for.

    Whether files are summed up, it decides by the number of files that it does not ignore; here all
    count.
    """
    form = FORMS[version]
    few = form.most_summaries is None or len(task.pull_request.files) <= form.most_summaries
    return form.usual | ({"changes_summary"} if few else set())


def write_answer(version: str, task: Task, value: AnswerValue, asked: Asked | None = None) -> str:
    """The value as YAML without fences; raises AnswerError where the version cannot say it."""
    form, tool = FORMS[version], tool_of(value)
    if tool not in form.models or tool != task.tool:
        raise AnswerError("not_writable", f"pr-agent-{version}: a {tool} for {task.tool}")
    check_encodable(value)
    value = fitted(value, task, form.names(tool))
    wire = _wire(form, task, to_wire(form, tool, value_tree(value)), asked)
    tree = wire.model_dump(mode="json", by_alias=True, exclude_none=True)
    return write_yaml(tree, block=form.names(tool))


def read_answer(version: str, task: Task, text: str, asked: Asked | None = None) -> AnswerValue:
    """The value of a raw answer, bare or in a fence.

    Raises AnswerError with the reasons of ``read_yaml`` and ``build_value``, and label_unknown.
    """
    form = FORMS[version]
    if task.tool not in form.models:
        raise AnswerError("not_readable", f"pr-agent-{version} has no form for {task.tool}")
    wire = _wire(form, task, read_fields(text), asked)
    found = wire.model_dump(mode="json", by_alias=True, exclude_none=True)
    return value_from_json(task.tool, json.dumps(to_value(form, task.tool, found)))


def limit_faults(version: str, task: Task, value: AnswerValue) -> tuple[str, ...]:
    """Where a value that can be said is longer than its version asks for: too_many_words or _points."""
    form = FORMS[version]
    tree = to_wire(form, task.tool, value_tree(fitted(value, task, form.names(task.tool))))
    wire = _validated(form, task.tool, tree)
    return tuple(_limits(wire, ""))


def _wire(form: Form, task: Task, tree: Fields, asked: Asked | None) -> Wire:
    """The answer in the version's own models, with what the prompt asks for and nothing else."""
    wire = _validated(form, task.tool, tree)
    switched = {name for name, option in _SWITCHES.items() if getattr(task.options, option)}
    wanted = (usual_fields(form.name, task) if asked is None else asked) | switched
    for place, there, name in _optional(wire, ""):
        if there and name not in wanted:
            raise AnswerError("extra_field", f"{place}: the prompt does not ask for it")
        if name in wanted and not there:
            raise AnswerError("missing_field", f"{place}: the prompt asks for it")
    _check_counts(form, task, wire)
    return wire


def _validated(form: Form, tool: str, tree: Fields) -> Wire:
    try:
        return form.models[tool].model_validate_json(json.dumps(tree))
    except ValidationError as error:
        raise answer_error(error) from error


def _check_counts(form: Form, task: Task, wire: Wire) -> None:
    options = task.options
    own = options.max_suggestions == DEFAULTS.max_suggestions
    most = {"code_suggestions": form.suggestions if own else options.max_suggestions}
    if form.most_issues:
        most["key_issues_to_review"] = form.most_issues(options)
    inner = getattr(wire, "review", wire)
    for name in _LISTS:
        found = len(getattr(inner, name, ()))
        if task.tool != "reflect" and found > most.get(name, found):
            raise AnswerError(
                "too_many", f"{name}: {found}, the prompt asks for at most {most[name]}"
            )


def _optional(wire: BaseModel, path: str) -> Iterator[tuple[str, bool, str]]:
    """(place, whether it is there, name) of every optional field, in all models inside."""
    for name, field in type(wire).model_fields.items():
        found, place = getattr(wire, name), f"{path}{field.alias or name}"
        if not field.is_required():
            yield place, found is not None, name
        yield from _inside(found, place, _optional)


def _limits(wire: BaseModel, path: str) -> Iterator[str]:
    for name, field in type(wire).model_fields.items():
        found, place = getattr(wire, name), f"{path}{field.alias or name}"
        for limit in field.metadata:
            if isinstance(limit, Limit) and isinstance(found, str):
                yield from _over(limit, found, place)
        yield from _inside(found, place, _limits)


def _inside(
    found: object, place: str, walk: Callable[[BaseModel, str], Iterator[Each]]
) -> Iterator[Each]:
    if isinstance(found, BaseModel):
        yield from walk(found, f"{place}.")
    elif isinstance(found, tuple):
        for index, item in enumerate(found):
            if isinstance(item, BaseModel):
                yield from walk(item, f"{place}.{index}.")


def _over(limit: Limit, text: str, place: str) -> Iterator[str]:
    points = re.split(r"^[-*] ", text, flags=re.MULTILINE)[1:]
    if limit.points is not None and len(points) > limit.points:
        yield f"too_many_points: {place}: {len(points)} of {limit.points}"
    pieces = [text] if limit.points is None else [point.partition("\n")[0] for point in points]
    longest = max((len(piece.split()) for piece in pieces), default=0)
    if limit.words is not None and longest > limit.words:
        yield f"too_many_words: {place}: {longest} of {limit.words}"
