"""docs/tools.md: every block loads, and every option is in its table with its default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pullsmith.contracts.contract import find_contract
from pullsmith.records import PromptOptions
from pullsmith.study import parse_study
from pullsmith.study.tool import BUILT_IN_TOOLS

PAGE = (Path(__file__).parents[1] / "docs" / "tools.md").read_text(encoding="utf-8")
STUDY = (
    'name = "page"\nstudent = [{ model = "tiny" }]\ncollect.sources = [{ planted = "stdlib" }]\n'
)
WORDS = {"true": True, "false": False, "none": "", "the model's choice": ""}


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", blocks("toml"))
def test_every_study_block_loads(text: str) -> None:
    assert parse_study(STUDY + text).name == "page"


def test_the_table_has_every_option_its_default_and_its_tools() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|", PAGE, re.MULTILINE)
    assert {row[0] for row in rows} == set(PromptOptions.model_fields)
    native = find_contract("native-1")
    for name, default, tools in rows:
        value = WORDS[default] if default in WORDS else int(default)
        assert getattr(PromptOptions(), name) == value
        asked = [tool for tool in BUILT_IN_TOOLS if name in native.speaks(tool)]
        assert asked == (list(BUILT_IN_TOOLS) if tools == "every tool" else [tools])
