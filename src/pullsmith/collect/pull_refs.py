"""The heads of pull requests that a clone knows: ``refs/pull/N/head`` and the like.

Takes a Clone, gives head ids by tracker and number. Names and ids are read as text and never
handed to git; a head need not be in the history, nor its objects in the clone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from pullsmith.collect.git import Clone
from pullsmith.collect.styles import Tracker

ENOUGH_NUMBERS = 10
NEARLY_ALL = 0.9
_NAMES = re.compile(
    rb"refs/(?:(pull|merge-requests)/([1-9][0-9]{0,8})/head"
    rb"|(pull-requests)/([1-9][0-9]{0,8})/from)"
)


class PullRefs:
    """Heads by number, and numbers by head. Empty for a clone without such refs, as most are."""

    def __init__(self, heads: Mapping[Tracker, Mapping[int, bytes]]) -> None:
        self._heads = heads
        self._numbers: dict[bytes, list[tuple[Tracker, int]]] = {}
        for tracker, by_number in heads.items():
            for number, head in by_number.items():
                self._numbers.setdefault(head, []).append((tracker, number))

    def head(self, tracker: Tracker, number: int | None) -> bytes:
        """The pull request's head; empty where this clone does not know it."""
        return self._heads.get(tracker, {}).get(number or 0, b"")

    def pulls(self, head: bytes) -> list[tuple[Tracker, int]]:
        """The pull requests with that head, of each tracker by number."""
        return sorted(self._numbers.get(head, ()))

    def complete(self, marked: Iterable[tuple[Tracker, int]]) -> frozenset[Tracker]:
        """The trackers whose refs are nearly all here: there, a number without a ref is no pull's.

        ``marked`` are the numbers of what a forge itself merged.
        """
        numbers = set(marked)
        seen = Counter(tracker for tracker, _ in numbers)
        known = Counter(tracker for tracker, number in numbers if self.head(tracker, number))
        return frozenset(
            tracker
            for tracker, count in seen.items()
            if count >= ENOUGH_NUMBERS and known[tracker] >= NEARLY_ALL * count
        )


def read_pull_refs(clone: Clone) -> PullRefs:
    """The pull heads among the refs of the clone's own files; raises SourceError with ``refs``."""
    heads: dict[Tracker, dict[int, bytes]] = {}
    for name, head in clone.refs(b"refs/").items():
        match = _NAMES.fullmatch(name)
        if match and len(head) == len(clone.head):
            kind, number = (match[1] or match[3]).decode(), match[2] or match[4]
            heads.setdefault(Tracker(kind), {})[int(number)] = head
    return PullRefs(heads)
