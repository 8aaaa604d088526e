"""The one YAML document of an answer, bare or between fences, as every YAML contract has it.

Takes raw text, gives its fields; and says whether a value can be written at all. Knows no tool.
"""

from __future__ import annotations

import re

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.yaml_read import ReadTree, read_yaml
from pullsmith.errors import AnswerError

_OPENING = re.compile(r"\s*```(?:ya?ml)?[ \t]*\n")
_CLOSING = re.compile(r"\n```\s*\Z")


def read_fields(text: str) -> dict[str, ReadTree]:
    """The fields of a raw answer, bare or in a fence; raises AnswerError where it has none."""
    tree = read_yaml(_without_fences(text))
    if not isinstance(tree, dict):
        raise AnswerError("wrong_type", f"the top: fields expected, found {str(tree)[:60]!r}")
    return tree


def check_encodable(value: AnswerValue) -> None:
    """Raise AnswerError for a value with a text that has no bytes."""
    try:
        value.model_dump_json()
    except ValueError as error:  # half a surrogate pair has no form in UTF-8, nor in YAML
        raise AnswerError("not_writable", str(error)[:120]) from error


def _without_fences(text: str) -> str:
    """The document between the fences; the opening one may be the prompt's, the closing one missing."""
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text)
    if opening and not closing:
        raise AnswerError("not_yaml", "a fence is opened and not closed: the answer was cut")
    return text[opening.end() if opening else 0 : closing.start() + 1 if closing else len(text)]
