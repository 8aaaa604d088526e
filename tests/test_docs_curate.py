"""docs/curate.md: commands and settings exist, every key is there, pictures are small and shown."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from pullsmith.cli import main
from pullsmith.curate.web.sections import LONGEST_LINE, SECTION_LINES
from pullsmith.curate.web.views import static
from pullsmith.study import parse_study

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "curate.md").read_text(encoding="utf-8")
PICTURES = ROOT / "docs" / "pictures"
TEMPLATES = ROOT / "src" / "pullsmith" / "curate" / "web" / "templates"
STUDY = 'name = "page"\nstudent = [{ model = "tiny" }]\n'
REST = '\n[collect]\nsources = [{ planted = "stdlib", count = 1 }]\n'


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_every_command_line_is_one() -> None:
    lines = [line.partition("  #")[0] for text in blocks("sh") for line in text.splitlines()]
    ours = [line for line in lines if not line.startswith("pip install")]
    assert len(ours) >= 6
    for line in ours:
        program, name, *arguments = shlex.split(line)
        command = main.commands[name]
        assert program == "pullsmith"
        # The study of the page is none that is there: options are read, the file is not.
        assert isinstance(command, click.Command)
        known = {option for each in command.params for option in each.opts}
        assert {each for each in arguments if each.startswith("--")} <= known


def test_the_settings_load() -> None:
    (text,) = blocks("toml")
    study = parse_study(STUDY + text + REST)
    assert (study.eval.chosen_by, study.clean.review, study.curate.twice) == ("human", 200, 0.1)


def test_every_key_of_the_page_is_told() -> None:
    templates = "".join(path.read_text() for path in TEMPLATES.glob("*.jinja"))
    keys = set(re.findall(r'data-key="([^"{]+)"', templates)) - {"Enter"}
    assert len(keys) > 12
    # Those of the question what becomes of a draft stand on its buttons only.
    told = set(re.findall(r"`([^`])`", PAGE))
    assert {key.upper() for key in keys} - {"D"} <= told


@pytest.mark.parametrize("name", sorted(path.name for path in PICTURES.glob("curate-*.png")))
def test_every_picture_is_shown_and_small(name: str) -> None:
    assert f"](pictures/{name})" in PAGE
    assert (PICTURES / name).stat().st_size <= 150_000


def test_numbers_of_the_page_are_those_of_the_code() -> None:
    assert f"parts of {SECTION_LINES:,} lines" in PAGE
    assert f"over {LONGEST_LINE:,} characters" in PAGE
    assert "CHECK_AFTER = 250;" in static("curate.js")
    assert len(list(PICTURES.glob("curate-*.png"))) == PAGE.count("](pictures/") == 5
