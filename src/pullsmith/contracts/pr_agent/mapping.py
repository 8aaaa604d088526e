"""From an answer's value to what a version of PR-Agent has of it, and back: names and nesting only.

Takes and gives trees. Supplies no field and no default: what one side lacks the other lacks too,
and its models refuse it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pullsmith.contracts.pr_agent.forms import EFFORT, Form, explained

Fields = Mapping[str, object]
_EFFORT, _REASON = "estimated_effort_to_review", "effort_reason"
_BESIDE = "code_feedback"  # stands beside the review, not in it
_TODOS, _NONE = "todo_sections", "No"


def to_wire(form: Form, tool: str, value: Fields) -> Fields:
    """The tree of an answer; what the form has no place for is still in it, under its own name."""
    if tool != "review":
        return value
    inner = {name: item for name, item in value.items() if name != _BESIDE}
    if _EFFORT in inner:
        effort, reason = inner.pop(_EFFORT), inner.get(_REASON)
        inner[EFFORT] = effort
        if form.explained_effort:
            inner.pop(_REASON, None)
            inner[EFFORT] = str(effort) if reason is None else f"{effort}, {reason}"
    if inner.get(_TODOS) == []:
        inner[_TODOS] = _NONE
    beside = {_BESIDE: value[_BESIDE]} if _BESIDE in value else {}
    return {"review": inner, **beside}


def to_value(form: Form, tool: str, wire: Fields) -> Fields:
    """The tree of the value in an answer that its models have accepted."""
    inner = wire.get("review")
    if tool != "review" or not isinstance(inner, Mapping):
        return wire
    value = {name: item for name, item in inner.items() if name != EFFORT}
    if EFFORT in inner:
        effort, reason = inner[EFFORT], None
        if form.explained_effort:
            effort, reason = explained(str(effort))
        value[_EFFORT] = effort
        if reason is not None:
            value[_REASON] = reason
    if value.get(_TODOS) == _NONE:
        value[_TODOS] = []
    beside = {_BESIDE: wire[_BESIDE]} if _BESIDE in wire else {}
    return {**value, **beside}
