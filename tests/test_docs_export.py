"""docs/export.md: its commands exist with their options, its targets and bounds are the code's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from pullsmith.cli import main
from pullsmith.export.fidelity import LEAST_EQUAL, MOST_LOST_SHARE, PROMPTS
from pullsmith.export.pr_agent import TOKENS_MARGIN
from pullsmith.export.targets import TARGETS
from pullsmith.export.weights import SHARD_GB

PAGE = (Path(__file__).parents[1] / "docs" / "export.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("pullsmith ")
]


@pytest.mark.parametrize("line", COMMANDS)
def test_its_commands_parse(line: str) -> None:
    name, *arguments = shlex.split(line)[1:]
    command = main.commands[name]
    command.make_context(name, arguments)


def test_there_are_commands_to_parse() -> None:
    assert {line.split()[1] for line in COMMANDS} == {"export", "fidelity"}


def test_its_table_is_the_targets() -> None:
    table = PAGE.split("| `--to` |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == set(TARGETS)


def test_its_options_exist() -> None:
    known = {
        option
        for name in ("export", "fidelity")
        for each in main.commands[name].params
        for option in each.opts
    }
    said = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", PAGE)) - {"--jinja"}
    assert said
    assert said <= known


def test_its_numbers_are_the_codes() -> None:
    assert f"up to {PROMPTS} eval prompts" in PAGE
    assert LEAST_EQUAL == 0.5
    assert "Under a half" in PAGE
    assert f"more than {MOST_LOST_SHARE:.0%} of the prompts".replace("10%", "10 %") in PAGE
    assert f"divided by {TOKENS_MARGIN}" in PAGE
    assert f"at most {SHARD_GB} GB" in PAGE
