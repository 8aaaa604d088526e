"""What is refused before anything is rendered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pullsmith.contracts.own_tools import tools_of
from pullsmith.errors import StudyError
from pullsmith.render.checks import check_asked_tools
from tests.contracts.folders import study_with, write_tool


def check(folder: Path, **parts: Any) -> None:
    made = study_with(write_tool(folder), **{"render": {"tools": ["review", "note"]}, **parts})
    check_asked_tools(made, tools_of(made))


def test_a_contract_that_puts_every_tool_may_be_used(tmp_path: Path) -> None:
    check(tmp_path)
    compact = [{"model": "tiny", "contract": "compact-1"}]
    check(tmp_path, student=compact, render={"tools": ["review"]})


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"student": [{"model": "tiny", "contract": "compact-1", "name": "small"}]}, "student small: contract compact-1 has no form for note; use native-1"),
        ({"teacher": [{"model": "rules", "contract": "compact-1"}]}, "teacher rules: contract compact-1 has no form for note; use native-1"),
        ({"reference": [{"model": "rules", "contract": "compact-1"}]}, "reference rules: contract compact-1"),
        ({"render": {"tools": ["noet"]}}, "render.tools: unknown tool 'noet'; did you mean 'note'?"),
        ({"render": {"tools": ["zzz"]}}, "known: describe, review, improve, note"),
        ({"student": [{"model": "tiny", "contract": "nativ-1"}]}, "unknown contract 'nativ-1'; did you mean 'native-1'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(
    tmp_path: Path, parts: dict[str, Any], message: str
) -> None:
    with pytest.raises(StudyError, match=re.escape(message)):
        check(tmp_path, **parts)
