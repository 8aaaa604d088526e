"""The user message of compact-1."""

from __future__ import annotations

import re

from hypothesis import given, settings

from pullsmith.contracts.contract import find_contract
from tests.contracts.builders import change, free_texts, pull_request, shown_whole, task_of

COMPACT = find_contract("compact-1")


def user(tool: str, *patches: str, title: str = "Title") -> str:
    files = [change(f"{n}.py", patch) for n, patch in enumerate(patches)]
    subject = pull_request(*files, title=title)
    return COMPACT.messages(task_of(tool, subject))[1].content


def test_new_side_lines_are_numbered_over_all_files() -> None:
    first = "@@ -4,3 +4,3 @@ def f\n x\n-y\n+z\n w\n@@ -20 +20 @@\n-q\n+r\n"
    assert user("review", first, "@@ -1 +1,2 @@\n a\n+b\n") == (
        "title: Title\nfile: 0.py\n@@ def f\nL1 x\n-y\nL2+z\nL3 w\n@@\n-q\nL4+r\n"
        "file: 1.py\n@@\nL5 a\nL6+b"
    )


def test_spot_shows_the_lines_alone() -> None:
    assert user("spot", "@@ -4,2 +4,2 @@ def f\n x\n-y\n+z\n") == "L1 x\n-y\nL2+z"


def test_the_number_leads_to_the_same_line() -> None:
    subject = pull_request()
    shown = shown_whole(subject)
    text = COMPACT.messages(task_of("review", subject, shown))[1].content
    for number, line in enumerate(shown.new_side, start=1):
        assert f"\nL{number}{line.sign}{line.text[:5]}" in text


@settings(max_examples=60)
@given(free_texts, free_texts)
def test_no_text_begins_a_line_of_its_own(title: str, code: str) -> None:
    line = code.replace("\n", "\r")
    text = user("review", f"@@ -1 +1 @@ {line}\n-{line}\n+{line}\n", title=title)
    rows = text.splitlines()
    assert len(rows) == 5
    for row, start in zip(rows, ("title: ", "file: 0.py", "@@", "-", r"L1\+"), strict=True):
        assert re.match(start, row)
