"""docs/contracts.md: its table has the fields of every version, its codes are all there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from pullsmith.contracts import canonical
from pullsmith.contracts.grounding import Fault
from pullsmith.contracts.pr_agent.forms import models_in
from pullsmith.contracts.pr_agent.ladder import LADDERS
from pullsmith.contracts.pr_agent.wire import FORMS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
CASES = [(tool, version) for version, form in FORMS.items() for tool in form.models]


def outline(model: type[BaseModel]) -> str:
    """Fields in order, ``?`` behind those that are not always asked for, parts in brackets."""
    return ", ".join(_fields(model))


def _fields(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = [outline(part) for part in models_in(field.annotation)]
        mark = "" if field.is_required() else "?"
        yield (field.alias or name) + mark + (f" [{inner[0]}]" if inner else "")


@pytest.mark.parametrize(("tool", "version"), CASES)
def test_the_table_has_the_fields_of_every_version(tool: str, version: str) -> None:
    rows = re.findall(r"^\| (\w+) \| ([^|]+) \| ([^|]+) \|", PAGE, re.MULTILINE)
    found = [
        fields
        for name, versions, fields in rows
        if name == tool and version in versions.split(", ")
    ]
    assert found == [outline(FORMS[version].models[tool])]


def test_every_code_is_explained() -> None:
    raised = {
        code
        for path in (ROOT / "src" / "pullsmith" / "contracts").rglob("*.py")
        for code in re.findall(r'AnswerError\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    codes = raised | set(canonical._REASONS.values()) | {fault.value for fault in Fault}
    missing = {code for code in codes | {"wrong_type"} if f"`{code}`" not in PAGE}
    assert missing == set()


def test_the_repairs_are_counted() -> None:
    counts = " / ".join(str(len(ladder.repairs)) for ladder in LADDERS.values())
    assert f"({counts})" in PAGE
