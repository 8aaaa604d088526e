"""The commits of a clone and how they hang together.

Takes a Clone, gives its commits, the first-parent line and merge bases. Refuses to know what a
pull request is, and reads no file content.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from pullsmith.collect.git import Clone

# Names and addresses cannot hold a newline; the message, which can, comes last.
_FORMAT = "%H%n%P%n%an%n%ae%n%ce%n%ct%n%B"
_LEFT, _RIGHT, _BOTH, _BELOW = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. Parents that a shallow clone lacks are not among ``parents``."""

    id: bytes
    parents: tuple[bytes, ...]
    author: bytes
    author_email: bytes
    committer_email: bytes
    committed_at: int  # seconds since 1970
    message: bytes


@dataclass(frozen=True)
class MergeBases:
    """The best common ancestors of two commits, and what the second has on top, newest first."""

    bases: tuple[bytes, ...]
    commits: tuple[bytes, ...]


class History:
    """Every commit reachable from HEAD; a child always stands before its parents."""

    def __init__(self, clone: Clone) -> None:
        """Read the log; raises SourceError when git cannot."""
        self.commits = {commit.id: commit for commit in _log(clone)}
        self._ids = list(self.commits)
        self._order = {commit: number for number, commit in enumerate(self._ids)}

    def first_parents(self) -> Iterator[Commit]:
        """HEAD and its first parents, newest first, down to the root."""
        at: Commit | None = self.commits[self._ids[0]]
        while at is not None:
            yield at
            at = self.commits.get(at.parents[0]) if at.parents else None

    def root(self) -> Commit:
        """The last first parent: what names a repository that has no address."""
        *_, last = self.first_parents()
        return last

    def merge_bases(self, left: bytes, right: bytes) -> MergeBases:
        """Common ancestors and what ``right`` adds; no bases where the histories are unrelated.

        Paint downwards from both tips. Parents have higher numbers than their children, so a
        commit's colours are final when it leaves the heap, and nothing is visited twice.
        """
        paint = {left: _LEFT}
        paint[right] = paint.get(right, 0) | _RIGHT
        heap = sorted({self._order[left], self._order[right]})
        open_right = 1  # heap entries that can still become a base or belong to `right` alone
        bases: list[bytes] = []
        added: list[bytes] = []
        while heap and open_right:
            commit = self._ids[heapq.heappop(heap)]
            colour = paint[commit]
            if _is_open(colour):
                open_right -= 1
                (bases if colour & _BOTH == _BOTH else added).append(commit)
            passed_on = colour | _BELOW if colour & _BOTH == _BOTH else colour
            for parent in self.commits[commit].parents:
                if parent not in self._order:  # cut off by a shallow clone
                    continue
                before = paint.get(parent, 0)
                if not before:
                    heapq.heappush(heap, self._order[parent])
                paint[parent] = before | passed_on
                open_right += _is_open(paint[parent]) - _is_open(before)
        return MergeBases(tuple(bases), tuple(added))


def _is_open(colour: int) -> bool:
    return bool(colour & _RIGHT) and not colour & _BELOW


def _log(clone: Clone) -> Iterator[Commit]:
    records = clone.records(
        "log", "-z", "--topo-order", "--no-show-signature", "--no-mailmap",
        f"--format={_FORMAT}", "--end-of-options", clone.head.decode(),
    )  # fmt: skip
    for record in records:
        commit, parents, author, email, committer, when, message = record.split(b"\n", 6)
        yield Commit(
            commit, tuple(parents.split()), author, email, committer, int(when or 0), message
        )
