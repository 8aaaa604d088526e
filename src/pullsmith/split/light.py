"""What split knows of a pull request: names, dates and what coverage counts, and none of its text.

Takes a PullRequest, gives a Light of some hundred bytes, so that many thousand fit into memory.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from sys import intern

from pullsmith.records import PullRequest, Split

SIZES = ((10, "up to 10 lines"), (50, "up to 50"), (200, "up to 200"))
_FIX = re.compile(r"(?i)\b(?:fix(?:e[sd])?|bug|bugfix|repair|regression|crash)\b")
_FLAGGED = ("lock", "generated", "vendored", "docs", "test")
_ON_TOP = "planted:mined"  # the evidence of a defect planted on a real pull request


@dataclass(frozen=True, slots=True)
class Light:
    """A pull request without its text; ``real`` says that it is a change of a repository's own.

    A real one may have a defect planted on top. ``vendored`` are the paths flagged so.
    """

    id: str
    repository: str
    group: str
    real: bool
    planted: bool
    defective: bool
    spot: bool
    pool: Split | None
    cluster: str
    merge_sha: str
    merged_at: str
    number: int | None
    title: str
    language: str
    size: str
    kind: str
    vendored: tuple[str, ...]

    @classmethod
    def of(cls, record: PullRequest) -> Light:
        """What is known of a record; its prose and patches may be left out."""
        return cls(
            id=record.id,
            repository=intern(record.repository),
            group=intern(record.group),
            real=not record.planted or record.evidence == _ON_TOP,
            planted=record.planted,
            defective=record.defect is not None,
            spot="spot" in record.flags,
            pool=record.pool,
            cluster=record.cluster,
            merge_sha=record.merge_sha,
            merged_at=record.merged_at,
            number=record.number,
            title=record.title,
            language=intern(language_of(record)),
            size=size_of(record),
            kind=intern(kind_of(record)),
            vendored=tuple(file.path for file in record.files if "vendored" in file.flags),
        )


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
        return "clean"
    for flag in _FLAGGED:
        if record.files and all(flag in file.flags for file in record.files):
            return flag
    return "fix" if _FIX.search(record.title) else "change"
