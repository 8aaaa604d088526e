"""docs/curate-files.md: its commands exist, and every column, field and rule is on it."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

from pullsmith.cli import main
from pullsmith.curate.exchange.argilla import FIELDS, METADATA
from pullsmith.curate.exchange.files import FORMS
from pullsmith.curate.exchange.line import QUESTIONS, Line
from pullsmith.curate.items import Queue
from pullsmith.decisions import Action, Decision
from pullsmith.study.curate import CurateSettings

PAGE = (Path(__file__).parents[1] / "docs" / "curate-files.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_every_command_line_is_one() -> None:
    lines = [line.partition("  #")[0] for text in blocks("sh") for line in text.splitlines()]
    assert len(lines) >= 10
    for line in lines:
        program, name, *arguments = shlex.split(line)
        assert program == "pullsmith"
        main.commands[name].make_context(name, arguments, resilient_parsing=False)


def test_every_column_field_and_action_is_explained() -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert Line.model_fields.keys() - named == set()
    assert Decision.model_fields.keys() - {"schema_version"} - named == set()
    words = set(re.findall(r"[a-z-]+", PAGE))
    assert {each.value for each in (*Action, *Queue)} - words == set()
    assert set(FORMS) - words == set()
    assert f"`curate.twice` ({CurateSettings().twice:g})" in PAGE


def test_the_settings_for_argilla_are_those_of_its_records() -> None:
    (code,) = blocks("python")
    found = {
        node.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {*FIELDS, *METADATA, *QUESTIONS} - found == set()
