"""The tools that are built in, and that nothing below takes a tool for granted."""

from __future__ import annotations

import pytest

from pullsmith.contracts.answers import ANSWER_MODELS
from pullsmith.contracts.canonical import build_value, value_from_json, value_json
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.tools import BUILT_IN, LONGEST, TASKS
from pullsmith.errors import AnswerError
from pullsmith.study.tool import BUILT_IN_TOOLS
from tests.contracts.own import TOOLS, Note


def test_the_built_in_tools_are_those_with_an_answer() -> None:
    assert {name: tool.answer for name, tool in BUILT_IN.items()} == ANSWER_MODELS
    assert set(BUILT_IN_TOOLS) <= set(BUILT_IN)
    assert set(BUILT_IN_TOOLS) == set(TASKS)
    # A second look is no tool that a study asks by itself, and no judge compares two of them.
    assert find_contract("native-1").tools == (*BUILT_IN_TOOLS, "reflect")
    fields = {
        name
        for model in ANSWER_MODELS.values()
        for name in str(model.model_json_schema()).replace("'", " ").split()
    }
    assert set(LONGEST) <= fields


def test_a_value_of_another_tool_is_read_with_the_tools_that_are_given() -> None:
    note = Note(file="a.py", note="n")
    assert build_value("note", {"file": "a.py", "note": "n"}, TOOLS) == note
    assert value_from_json("note", value_json(note), TOOLS) == note
    with pytest.raises(AnswerError, match=r"missing_field: note"):
        build_value("note", {"file": "a.py"}, TOOLS)
    with pytest.raises(KeyError):
        build_value("note", {"file": "a.py", "note": "n"})
