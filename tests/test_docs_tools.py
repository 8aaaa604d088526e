"""docs/tools.md: every block loads, its tool is asked and read, and its tables are the code's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.native_1.own import PARTS, STRANGERS
from pullsmith.contracts.own_tools import tools_of
from pullsmith.records import PromptOptions
from pullsmith.render.checks import check_asked_tools
from pullsmith.study import Study, parse_study
from pullsmith.study.tool import BUILT_IN_TOOLS
from tests.contracts.builders import pull_request, task_of

PAGE = (Path(__file__).parents[1] / "docs" / "tools.md").read_text(encoding="utf-8")
STUDY = (
    'name = "page"\nstudent = [{ model = "tiny" }]\ncollect.sources = [{ planted = "stdlib" }]\n'
)
WORDS = {"true": True, "false": False, "none": "", "the model's choice": ""}


def blocks(kind: str, fence: str = "```") -> list[str]:
    return re.findall(rf"^{fence}{kind}\n(.*?)^{fence}$", PAGE, re.DOTALL | re.MULTILINE)


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


@pytest.fixture
def written(tmp_path: Path) -> Study:
    """The page's own tool as its reader would write it down, and the study that names it."""
    folder = tmp_path / "tools" / "release-note"
    folder.mkdir(parents=True)
    (code,) = blocks("python")
    system, user = blocks("jinja", "````")
    for name, text in (("tool.py", code), ("system.j2", system), ("user.j2", user)):
        (folder / name).write_text(text, encoding="utf-8")
    (text,) = (each for each in blocks("toml") if "[[tool]]" in each)
    return parse_study(STUDY + text, folder=tmp_path)


def test_the_tool_of_the_page_is_asked_and_its_answers_are_read(written: Study) -> None:
    tools = tools_of(written)
    check_asked_tools(written, tools)
    contract = find_contract("native-1", written.contract, tools)
    task = task_of("release-note", pull_request())
    system, user = contract.messages(task)
    assert "How to read the diff" in system.content
    assert user.content.endswith("\n```yaml\n")
    (example,) = re.findall(r"```yaml\n(.*?)\n```", system.content, re.DOTALL)
    answer = contract.parse(task, example)
    assert contract.write(task, answer) == example
    tool = tools["release-note"]
    assert tool.faults(answer, task.shown) == ()
    lost = answer.model_copy(update={"file": "lost.py"})
    assert tool.faults(lost, task.shown) == ("file_not_shown: lost.py",)
    assert contract.speaks("release-note") == {"extra_instructions", "response_language"}


def test_the_parts_and_what_strangers_wrote_are_those_of_the_code() -> None:
    parts = re.findall(r"^\| `(\w+\.j2)` \|", PAGE, re.MULTILINE)
    assert parts == list(PARTS)
    said = re.search(r"What strangers wrote\n?\((.*?)\)", PAGE, re.DOTALL)
    assert said is not None
    assert set(re.findall(r"`(\w+)`", said[1])) == STRANGERS
