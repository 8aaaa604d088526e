"""The user message of compact-1: title, files, hunks, numbered lines.

Every line of the pull request stands behind a prefix (a word and a colon, a number and a sign, a
minus), and line breaks of other kinds are blanked, so its text cannot begin a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.contracts.compact_1.form import MARK
from pullsmith.diff.shown import ShownDiff, ShownHunk, printable
from pullsmith.records import PullRequest


def user_text(tool: str, pull_request: PullRequest, shown: ShownDiff) -> str:
    """What the model is shown; for spot only the numbered lines, without title and headers."""
    lines = _lines(shown)
    if tool == "spot":
        return "\n".join(line for line, is_code in lines if is_code)
    return "\n".join([f"title: {printable(pull_request.title)}", *(line for line, _ in lines)])


def _lines(shown: ShownDiff) -> Iterator[tuple[str, bool]]:
    """Each line and whether it is a line of code."""
    number = 0
    for file in shown.files:
        yield f"file: {printable(file.path)}", False
        for hunk in file.hunks:
            yield f"@@ {printable(hunk.section)}".rstrip(), False
            for line in _code(hunk, number):
                yield line, True
            number += sum(line.new_line is not None for line in hunk.lines)


def _code(hunk: ShownHunk, number: int) -> Iterator[str]:
    for line in hunk.lines:
        if line.new_line is None:
            yield f"-{printable(line.text)}"
        else:
            number += 1
            yield f"{MARK}{number}{line.sign}{printable(line.text)}"
