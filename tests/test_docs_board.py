"""docs/reading-the-board.md: every command parses, every column and table of a board is explained, links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from pullsmith.cli import main
from pullsmith.publish.told import board_of
from pullsmith.report.tables import main_table
from tests.finished import finished, small_study

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "reading-the-board.md").read_text(encoding="utf-8")
LINES = [
    line.partition("  #")[0].strip()
    for text in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in text.splitlines()
]


def test_the_page_has_commands() -> None:
    assert len(LINES) >= 10


@pytest.mark.parametrize("line", LINES)
def test_every_command_line_parses(line: str) -> None:
    command: click.Command = main
    program, *words = shlex.split(line)
    assert program == "pullsmith"
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    if command.name == "rate":
        return  # its argument must be there; that it is a command was seen
    with click.Context(main) as parent:
        command.make_context(line, words, parent=parent)


def test_every_column_of_the_board_is_explained(tmp_path: Path) -> None:
    board = board_of(finished(small_study(tmp_path)))
    assert board is not None
    for name in main_table(board).header:
        column = "Better than" if name.startswith("Better than") else name
        assert column in PAGE, name


@pytest.mark.parametrize(("file", "part"), re.findall(r"\]\(([a-z-]+\.md)(?:#([a-z-]+))?\)", PAGE))
def test_every_link_leads_somewhere(file: str, part: str) -> None:
    text = (DOCS / file).read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^a-z -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    assert not part or part in headings
