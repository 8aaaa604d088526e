"""docs/models.md: every block loads, every command parses, every setting and table exists."""

from __future__ import annotations

import re
import shlex
import sqlite3
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.llm.journal import Journal
from pullsmith.study.roles import TeacherRole

PAGE = (Path(__file__).parents[1] / "docs" / "models.md").read_text(encoding="utf-8")
REST = """
name = "page"
student = [{ model = "tiny" }]
collect.sources = [{ planted = "stdlib", count = 5 }]
"""
RULES = '[[rules]]\nid = "house"\nregex = "house-[0-9]{8}"\n'


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def codes(text: str) -> set[str]:
    return set(re.findall(r"`([a-z][a-z_]+)`", text))


def first_cells(heading: str) -> set[str]:
    below = PAGE.split(heading, maxsplit=1)[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in below.splitlines() if line.startswith("|")]
    return {code for cell in rows[2:] for code in codes(cell)}


@pytest.mark.parametrize("text", blocks("toml"))
def test_every_study_block_loads_and_dry_runs(text: str, tmp_path: Path) -> None:
    path = tmp_path / "page.toml"
    path.write_text(REST + text)
    for command in (["run", str(path), "--dry-run"], ["estimate", str(path)]):
        done = CliRunner().invoke(main, command)
        budget = done.exit_code == 1 and "budget_usd" in done.output
        assert done.exit_code == 0 or budget, done.output


def test_the_page_has_an_entry_of_every_server() -> None:
    assert len(blocks("toml")) >= 9
    for name in ("OpenAI", "Anthropic", "OpenRouter", "vLLM", "Ollama", "llama.cpp"):
        assert name in PAGE.split("## Settings of an entry")[0]


LINES = [
    line.partition("  #")[0].strip()
    for text in blocks("sh")
    for line in text.splitlines()
    if line.startswith("pullsmith ")
]


@pytest.mark.parametrize("line", LINES)
def test_every_command_line_parses(line: str) -> None:
    command: click.Command = main
    words = shlex.split(line)[1:]
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    with click.Context(main) as parent:
        command.make_context(line, words, parent=parent)


def test_every_setting_named_is_one_and_none_is_missing() -> None:
    named = first_cells("## Settings of an entry")
    assert named == set(TeacherRole.model_fields) - {"model", "contract"}


def test_every_table_of_the_journal_is_named(tmp_path: Path) -> None:
    Journal(tmp_path / "j").close()
    base = sqlite3.connect(tmp_path / "j")
    found = {
        name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    base.close()
    assert first_cells("## The journal") == found
