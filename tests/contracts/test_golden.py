"""The prompts as files. A changed prompt changes every model trained on it, so it changes here first.

``PULLSMITH_REWRITE_GOLDEN=1 pytest tests/contracts/test_golden.py`` writes them anew; read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pullsmith.contracts.contract import find_contract
from tests.contracts.builders import SILENT, VALUES, pull_request, task_of

GOLDEN = Path(__file__).with_name("golden")
CASES = [
    (name, tool)
    for name in ("native-1", "compact-1")
    for tool in find_contract(name).tools
]  # fmt: skip


def golden_text(name: str, tool: str) -> str:
    contract, subject = find_contract(name), pull_request()
    task = task_of(tool, subject)
    parts = [(message.role, message.content) for message in contract.messages(task)]
    parts.append(("answer", contract.write(task, VALUES[tool])))
    if tool in SILENT:
        parts.append(("silent answer", contract.write(task, SILENT[tool])))
    return "".join(f"======== {role}\n{text}\n" for role, text in parts)


@pytest.mark.parametrize(("name", "tool"), CASES)
def test_golden(name: str, tool: str) -> None:
    path = GOLDEN / f"{name}.{tool}.txt"
    text = golden_text(name, tool)
    if os.environ.get("PULLSMITH_REWRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8", newline="")
    assert path.read_text(encoding="utf-8") == text


def test_no_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{n}.{t}.txt" for n, t in CASES}
