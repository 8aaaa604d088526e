"""docs/contracts.md: its settings load, and it names every contract, reason and flag there is."""

from __future__ import annotations

import re
from pathlib import Path

from pullsmith.contracts.pr_agent.files import Omission
from pullsmith.contracts.pr_agent.versions import VERSIONS
from pullsmith.study import parse_study

PAGE = (Path(__file__).parents[1] / "docs" / "contracts.md").read_text(encoding="utf-8")
STUDY = 'name = "page"\nstudent = [{ model = "tiny" }]\ncollect = { sources = [{ git = "a" }] }\n'


def test_every_block_of_settings_loads() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert blocks
    for block in blocks:
        parse_study(STUDY + block)


def test_every_version_reason_and_flag_is_named() -> None:
    named = set(re.findall(r"`([a-z0-9._-]+)`", PAGE))
    assert {f"pr-agent-{version}" for version in VERSIONS} <= named
    assert {reason.value for reason in Omission} <= named
    assert {"no_context", "delimiter_in_text"} <= named


def test_what_the_table_says_is_what_the_code_does() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| kept free of the budget"))
    cells = [cell.strip() for cell in row.split("|")[2:-1]]
    assert cells == [f"{one.soft_reserve} / {one.hard_reserve}" for one in VERSIONS.values()]
