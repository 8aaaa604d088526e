"""Answer values as canonical YAML and JSON, and back: what is judged, shown and stored.

Takes and gives the values of ``answers``. Knows no contract: each maps its own wire form to a tree
and lets ``build_value`` judge it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pullsmith.contracts.answers import NOT_BLANK, AnswerValue
from pullsmith.contracts.tools import BUILT_IN, Tools
from pullsmith.contracts.yaml_write import Tree, write_yaml
from pullsmith.errors import AnswerError

# pydantic's error types -> our reasons; every other type is about the type of a value.
_REASONS = {
    "missing": "missing_field",
    "extra_forbidden": "extra_field",
    "too_long": "too_many",
    "too_short": "too_few",
    "enum": "unknown_value",
    "literal_error": "unknown_value",
    "label_unknown": "label_unknown",
    "string_pattern_mismatch": "blank_field",
    "string_too_long": "too_long",
    "string_too_short": "too_short",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "out_of_range": "out_of_range",
}


def canonical_yaml(value: AnswerValue) -> str:
    """The value as YAML in one style, fields in the order of the model, optional ones only if set."""
    return write_yaml(value_tree(value))


def value_tree(value: AnswerValue) -> dict[str, Tree]:
    """The value as mappings, lists, texts and numbers; a field that is None is left out."""
    tree: dict[str, Tree] = value.model_dump(mode="json", exclude_none=True)
    return tree


def value_json(value: AnswerValue) -> str:
    """The value as canonical JSON: sorted keys, no blanks; equal values give equal text."""
    return json.dumps(value_tree(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def value_from_json(tool: str, text: str, tools: Tools = BUILT_IN) -> AnswerValue:
    """The value ``value_json`` wrote; raises AnswerError where it is no answer to ``tool``."""
    try:
        return tools[tool].answer.model_validate_json(text)
    except ValidationError as error:
        raise answer_error(error) from error


def build_value(tool: str, tree: Mapping[str, object], tools: Tools = BUILT_IN) -> AnswerValue:
    """The value in ``tree`` (mappings, lists, texts, numbers), checked strictly.

    Raises AnswerError: missing_field, extra_field, wrong_type, too_many, too_few, unknown_value,
    blank_field, out_of_range and, of a user's own tool, too_long, too_short or wrong_form (a pattern
    of its own); with the place of the first fault.
    """
    return value_from_json(tool, json.dumps(tree), tools)


def answer_error(error: ValidationError) -> AnswerError:
    """Our error for a model's: the reason and the place of its first fault, and what else is wrong."""
    faults = error.errors(include_url=False, include_input=False)
    (reason, detail), *others = (_fault(one) for one in faults)
    more = f" (and {len(others)} more)" if others else ""
    return AnswerError(reason, f"{detail}{more}", others=tuple(": ".join(one) for one in others))


def _fault(fault: ErrorDetails) -> tuple[str, str]:
    where = ".".join(str(part)[:60] for part in fault["loc"]) or "the top"
    reason = _REASONS.get(fault["type"], "wrong_type")
    if reason == "blank_field" and fault.get("ctx", {}).get("pattern") != NOT_BLANK:
        reason = "wrong_form"
    return reason, f"{where}: {fault['msg']}"
