"""Broken YAML made readable the way PR-Agent tries it: one repair after the other, the first that parses.

Takes a raw answer and what a version tries; gives a tree with every scalar as text. Written from what
its ladder does up to v0.29; of the repairs that April 2026 has besides, the notes say only that there
are some. Used to tell what PR-Agent would still accept; nothing that went through here is trained on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pullsmith.contracts.yaml_read import ReadTree, broken_line, read_loosely
from pullsmith.errors import AnswerError

MOST_CUTS = 300  # of last lines; a model answer has fewer
MOST_CHARACTERS = 50_000  # reading again and again takes its time
_OLD_NAMES = (
    "relevant line:",
    "suggestion content:",
    "relevant file:",
    "existing code:",
    "improved code:",
)
_SNIPPET = re.compile(r"```(?:yaml)?.*?```", re.DOTALL)


@dataclass(frozen=True)
class Hints:
    """What a tool tells the ladder: keys whose texts may need a block, and where an answer begins.

    ``inner`` is a key near the end, behind which an empty line ends the answer.
    """

    keys: tuple[str, ...] = ()
    first: str = ""
    inner: str = ""


@dataclass(frozen=True)
class Ladder:
    """What a version does before its first try, the mark it puts before texts, and its repairs."""

    bare: Callable[[str], str]
    mark: str
    repairs: tuple[Callable[[str, Hints, str], Iterator[str]], ...]


def read_repaired(text: str, ladder: Ladder, hints: Hints) -> ReadTree:
    """What the first text that parses says; raises AnswerError (not_yaml) where none does."""
    if len(text) > MOST_CHARACTERS:
        raise AnswerError("too_long", f"{len(text)} characters, at most {MOST_CHARACTERS}")
    bare = ladder.bare(text)
    for candidate in _candidates(bare, ladder, hints):
        try:
            return read_loosely(candidate)
        except AnswerError:
            continue
    raise AnswerError("not_yaml", "no repair makes it readable")


def _candidates(bare: str, ladder: Ladder, hints: Hints) -> Iterator[str]:
    yield bare
    for repair in ladder.repairs:
        yield from repair(bare, hints, ladder.mark)


def _bare_2024_06(text: str) -> str:
    return text.strip().removeprefix("```yaml").rstrip("`")


def _bare(text: str) -> str:
    return text.strip().removeprefix("```yaml").rstrip().removesuffix("```")


def _in_blocks(text: str, hints: Hints, mark: str) -> Iterator[str]:
    """A text on its key's line is put into a block of its own."""
    rows = text.split("\n")
    for place in range(len(rows)):
        for key in (*_OLD_NAMES, *hints.keys):
            if key in rows[place] and mark not in rows[place]:
                rows[place] = rows[place].replace(key, f"{key} {mark}\n{' ' * 8}")
    yield "\n".join(rows)


def _from_fence(text: str, hints: Hints, mark: str) -> Iterator[str]:
    for blocks in _in_blocks(text, hints, mark):
        found = _SNIPPET.search(blocks)
        if found:
            yield found[0].removeprefix("```yaml").rstrip("`")


def _without_braces(text: str, _hints: Hints, _mark: str) -> Iterator[str]:
    yield text.strip().removeprefix("{").removesuffix("}").rstrip(":\n")


def _between_keys(text: str, hints: Hints, _mark: str) -> Iterator[str]:
    """From the answer's first key to the first empty line behind an inner one."""
    if not hints.first:
        return
    start = text.find(f"\n{hints.first}:")
    start = text.find(f"{hints.first}:") if start < 0 else start
    end = text.find("\n\n", text.rfind(f"{hints.inner}:"))
    part = text[start : len(text) if end < 0 else end]
    yield part.strip().strip("`yaml").strip()


def _without_plus(text: str, _hints: Hints, _mark: str) -> Iterator[str]:
    yield re.sub(r"^\+", " ", text, flags=re.MULTILINE)


def _without_end(text: str, _hints: Hints, _mark: str) -> Iterator[str]:
    """One line less, and one less again; lines behind the one that breaks change nothing."""
    rows = text.split("\n")
    broken = broken_line(text)
    most = len(rows) - 1 if broken is None else min(len(rows) - 1, broken + 2)
    for kept in range(most, max(0, most - MOST_CUTS), -1):
        yield "\n".join(rows[:kept])


_FIRST = (_in_blocks, _from_fence, _without_braces)
_LATER = Ladder(_bare, "|", (*_FIRST, _between_keys, _without_plus, _without_end))
LADDERS = {
    "2024-06": Ladder(_bare_2024_06, "|-", (*_FIRST, _without_end)),
    "0.2.4": Ladder(_bare, "|", (*_FIRST, _between_keys, _without_end)),
    "2025-03": _LATER,
    "2026-04": _LATER,
}
_REVIEW = ("estimated_effort_to_review_[1-5]:", "security_concerns:")
_FEEDBACK = ("relevant_file:", "relevant_line:", "suggestion:")
_CODE = ("relevant_file", "suggestion_content", "existing_code", "improved_code")
_DESCRIBE = (
    "filename:",
    "language:",
    "changes_summary:",
    "changes_title:",
    "description:",
    "title:",
)


def hints_of(version: str, tool: str) -> Hints:
    """What ``tool`` tells the ladder of ``version``."""
    new, oldest = version not in ("2024-06", "0.2.4"), version == "2024-06"
    if tool == "improve":
        return Hints(_CODE) if oldest else Hints(_CODE, "code_suggestions", "label")
    if tool == "review":
        issues = "possible_issues:" if oldest else "key_issues_to_review:"
        keys = (*(("ticket_compliance_check",) if new else ()), *_REVIEW, issues, *_FEEDBACK)
        return Hints(keys) if oldest else Hints(keys, "review", "security_concerns")
    return Hints(_DESCRIBE) if tool == "describe" and new else Hints()
