"""What a pull request is like, in a word each: its language, its size, its kind.

What the evaluation set is chosen to cover, what the data card counts, what the board is sliced by.
"""

from __future__ import annotations

import re
from collections import Counter

from pullsmith.records import PullRequest

SIZES = ((10, "up to 10 lines"), (50, "up to 50"), (200, "up to 200"))
_FIX = re.compile(r"(?i)\b(?:fix(?:e[sd])?|bug|bugfix|repair|regression|crash)\b")
CLEAN = "clean"  # the kind of a planted one without a defect
_FLAGGED = ("lock", "generated", "vendored", "docs", "test")


def language_of(record: PullRequest) -> str:
    """The language of most changed lines; "other" where none is known."""
    lines: Counter[str] = Counter()
    for file in record.files:
        lines[file.language or "other"] += file.added_lines + file.deleted_lines
    return min(lines, key=lambda name: (-lines[name], name), default="other")


def size_of(record: PullRequest) -> str:
    """Changed lines, in four classes."""
    changed = sum(file.added_lines + file.deleted_lines for file in record.files)
    return next((name for most, name in SIZES if changed <= most), "more")


def kind_of(record: PullRequest) -> str:
    """The planted defect, or what a change says it is: docs, test, …, fix or change."""
    if record.defect is not None:
        return record.defect.kind
    if record.planted:
        return CLEAN
    for flag in _FLAGGED:
        if record.files and all(flag in file.flags for file in record.files):
            return flag
    return "fix" if _FIX.search(record.title) else "change"
