"""Which held-out pull requests are evaluated: those that together cover most.

Takes candidates, gives them in the order in which they would be picked. Each next one is the one
whose language, size, kind, repository, and the first three together, are furthest behind their due,
which is the root of how frequent they are: what is rare is picked more often than it occurs, and
does not crowd out what is common. A seeded draw by id decides between equals. Knows no side, and
nothing of what models answer.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from math import sqrt

from pullsmith.records import PullRequest
from pullsmith.split.sides import draw

SIZES = ((10, "up to 10 lines"), (50, "up to 50"), (200, "up to 200"))
_FIX = re.compile(r"(?i)\b(?:fix(?:e[sd])?|bug|bugfix|repair|regression|crash)\b")
_FLAGGED = ("lock", "generated", "vendored", "docs", "test")
Features = tuple[tuple[str, str], ...]


def in_order_of_coverage(candidates: Sequence[PullRequest], seed: int) -> Iterator[PullRequest]:
    """The candidates, each once; the first n of them are the n to evaluate."""
    by_id = {record.id: record for record in candidates}
    told = {name: features(record) for name, record in by_id.items()}
    due = Counter(each for some in told.values() for each in some)
    counts: Counter[tuple[str, str]] = Counter()
    waiting = [(-_gain(told[n], counts, due), draw(seed, "eval", n), n) for n in sorted(by_id)]
    heapq.heapify(waiting)
    while waiting:
        _, place, name = waiting[0]
        # Counts only grow, so an old gain is never too small: look again at the first only.
        now = (-_gain(told[name], counts, due), place, name)
        if now > waiting[0]:
            heapq.heapreplace(waiting, now)
            continue
        heapq.heappop(waiting)
        counts.update(told[name])
        yield by_id[name]


def features(record: PullRequest) -> Features:
    """What coverage counts of a pull request."""
    one, size, kind = language_of(record), size_of(record), kind_of(record)
    return (
        ("language", one),
        ("size", size),
        ("kind", kind),
        ("repository", record.repository),
        ("all", f"{one}/{size}/{kind}"),
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


def gauge(records: Sequence[PullRequest]) -> dict[str, Counter[str]]:
    """How many have each language, size, kind and repository."""
    found: dict[str, Counter[str]] = {}
    for record in records:
        for name, value in features(record)[:-1]:
            found.setdefault(name, Counter())[value] += 1
    return found


def _gain(told: Features, counts: Counter[tuple[str, str]], due: Counter[tuple[str, str]]) -> float:
    return sum(sqrt(due[each]) / (1 + counts[each]) for each in told)
