"""Answers of native-1: one YAML document, bare or in a fence, in the shape PR-Agent 2025-03 reads.

The wire differs from the canonical YAML in one place: a review is nested under ``review`` and its
effort is called ``estimated_effort_to_review_[1-5]``. The number may be written as the text of a
block scalar or in quotes, as PR-Agent's own example does; nothing else is bent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pullsmith.contracts.answers import TOOLS, AnswerValue, Reflect, tool_of
from pullsmith.contracts.canonical import build_value, value_tree
from pullsmith.contracts.fenced import check_encodable, read_fields
from pullsmith.contracts.fields import LINES, PLAIN_FIELDS, check_fields
from pullsmith.contracts.options import DEFAULTS, check_asked
from pullsmith.contracts.yaml_read import ReadTree
from pullsmith.contracts.yaml_write import Tree, write_yaml
from pullsmith.errors import AnswerError
from pullsmith.records import PromptOptions

FIELDS = {tool: PLAIN_FIELDS[tool] for tool in (*TOOLS, "reflect")}
EFFORT = "estimated_effort_to_review"
WIRE_EFFORT = "estimated_effort_to_review_[1-5]"


def write_answer(value: AnswerValue, options: PromptOptions = DEFAULTS) -> str:
    """The value as YAML without fences.

    Raises AnswerError for a tool this contract has not, and for a value that it has no field for or
    ``options`` do not ask for.
    """
    tool = tool_of(value)
    if tool not in FIELDS:
        raise AnswerError("not_writable", f"native-1 has no form for {tool}")
    _check_form(tool, value, options)
    tree = value_tree(value)
    check_encodable(value)
    return write_yaml(_wire_review(tree) if tool == "review" else tree)


def read_answer(tool: str, text: str, options: PromptOptions = DEFAULTS) -> AnswerValue:
    """The value of a raw answer to a prompt with these options.

    Raises AnswerError with the reasons of ``read_yaml``, ``build_value`` and ``check_asked``.
    """
    tree = read_fields(text)
    value = build_value(tool, _plain_review(tree) if tool == "review" else tree)
    _check_form(tool, value, options)
    return value


def _check_form(tool: str, value: AnswerValue, options: PromptOptions) -> None:
    check_fields(value, FIELDS[tool])
    check_asked(value, options)
    reflections = value.code_suggestions if isinstance(value, Reflect) else ()
    for index, reflection in enumerate(reflections):
        for name in LINES:
            if getattr(reflection, name) is None:
                raise AnswerError(
                    "missing_field", f"code_suggestions.{index}.{name}: it is asked for"
                )


def _wire_review(tree: Mapping[str, Tree]) -> dict[str, Tree]:
    return {"review": {WIRE_EFFORT if key == EFFORT else key: tree[key] for key in tree}}


def _plain_review(tree: dict[str, ReadTree]) -> dict[str, ReadTree]:
    if "review" not in tree:
        raise AnswerError("missing_field", "review: everything is nested under it")
    review = tree["review"]
    if len(tree) > 1:
        other = next(key for key in tree if key != "review")
        raise AnswerError("extra_field", f"{other[:60]!r} beside review")
    if not isinstance(review, dict):
        raise AnswerError("wrong_type", "review: fields expected")
    if EFFORT in review:  # would otherwise pass for the wire's own name
        raise AnswerError("extra_field", f"review.{EFFORT}: it is called {WIRE_EFFORT}")
    plain = {EFFORT if key == WIRE_EFFORT else key: value for key, value in review.items()}
    effort = plain.get(EFFORT)
    if isinstance(effort, str) and re.fullmatch("[0-9]", effort.strip()):
        plain[EFFORT] = int(effort)
    return plain
