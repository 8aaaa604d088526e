"""The commits of a clone and how they hang together.

Takes a Clone, gives its commits, the first-parent line and what each merge brought to it. Texts lie
in a temporary file and parents in arrays, so that a long history needs little memory. Refuses to
know what a pull request is, and reads no file content.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pullsmith.collect.git import Clone

# Names and addresses cannot hold a newline; the message, which can, comes last.
_FORMAT = "%H%n%P%n%an%n%ae%n%ce%n%ct%n%B"
_NONE = -1
_LAST_SECOND = 253_402_300_799  # of the year 9999: a commit may claim any time


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


@dataclass(frozen=True, slots=True)
class Branch:
    """What a merge brought to the line: its own commits, newest first, and where it left the line.

    ``bases`` are git's merge bases of the two parents, the newest first; none where the histories
    are unrelated. ``commits`` is empty where the second parent was on the line already.
    """

    bases: tuple[bytes, ...]
    commits: tuple[bytes, ...]


class Commits:
    """Commits by id, numbered so that every parent has a lower number than its children."""

    def __init__(self, records: Iterable[bytes]) -> None:
        """Take ``_FORMAT`` records, parents first."""
        # Kept open as long as this object; it has no name, so a killed process leaves none behind.
        self._texts = tempfile.TemporaryFile()  # noqa: SIM115
        weakref.finalize(self, self._texts.close)
        self.ids: list[bytes] = []
        self.numbers: dict[bytes, int] = {}
        self.first_parent = array("l")
        self.other_parents: dict[int, tuple[int, ...]] = {}
        self._ends = array("Q", [0])
        for record in records:
            self._add(record)
        self._texts.flush()

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, commit: bytes) -> bool:
        return commit in self.numbers

    def __getitem__(self, commit: bytes) -> Commit:
        return self.at(self.numbers[commit])

    def at(self, number: int) -> Commit:
        """The commit of that number, read from the file."""
        start, end = self._ends[number], self._ends[number + 1]
        record = os.pread(self._texts.fileno(), end - start, start)
        commit, parents, author, email, committer, when, message = record.split(b"\n", 6)
        seconds = min(int(when or 0), _LAST_SECOND)
        return Commit(commit, tuple(parents.split()), author, email, committer, seconds, message)

    def parents(self, number: int) -> tuple[int, ...]:
        """The parents that are in this history."""
        first = self.first_parent[number]
        return (first, *self.other_parents.get(number, ())) if first != _NONE else ()

    def _add(self, record: bytes) -> None:
        commit, parents, _ = record.split(b"\n", 2)
        number = len(self.ids)
        known = [self.numbers[one] for one in parents.split() if one in self.numbers]
        self.ids.append(commit)
        self.numbers[commit] = number
        self.first_parent.append(known[0] if known else _NONE)
        if len(known) > 1:
            self.other_parents[number] = tuple(known[1:])
        self._texts.write(record)
        self._ends.append(self._ends[number] + len(record))


class History:
    """Every commit reachable from HEAD."""

    def __init__(self, clone: Clone) -> None:
        """Read the log; raises SourceError when git cannot."""
        self.commits = Commits(_log(clone))
        self._line = self._first_parent_line()  # numbers, oldest first
        self._landed = self._landings()

    def first_parents(self) -> Iterator[Commit]:
        """HEAD and its first parents, newest first, down to the root."""
        return map(self.commits.at, reversed(self._line))

    def root(self) -> Commit:
        """The last first parent: what names a repository that has no address."""
        return self.commits.at(self._line[0])

    def landed_by(self, commit: bytes) -> bytes:
        """The first-parent commit that brought ``commit`` to the line; itself where it is on it.

        Empty for a commit that is not in this history.
        """
        number = self.commits.numbers.get(commit)
        return b"" if number is None else self.commits.ids[self._landed[number]]

    def brought_by(self, merge: bytes) -> Branch:
        """What the second parent of a two-parent merge on the first-parent line brought to it."""
        tip = self.commits.numbers[merge]
        edge: set[int] = set()
        own: set[int] = set()
        waiting = list(self.commits.other_parents.get(tip, ()))
        while waiting:
            number = waiting.pop()
            if self._landed[number] != tip:
                edge.add(number)
            elif number not in own:
                own.add(number)
                waiting.extend(self.commits.parents(number))
        return Branch(self._ids(self._maximal(edge)), self._ids(own))

    def _ids(self, numbers: Iterable[int]) -> tuple[bytes, ...]:
        return tuple(self.commits.ids[number] for number in sorted(numbers, reverse=True))

    def _maximal(self, numbers: set[int]) -> set[int]:
        """Those from which no other of them descends."""
        if len(numbers) < 2:
            return numbers
        # What landed no later than a commit of the line is below it: main merged into the branch.
        top = max((number for number in numbers if self._landed[number] == number), default=_NONE)
        left = {one for one in numbers if one == top or self._landed[one] > top}
        lowest, below = min(left), set[int]()
        waiting = [parent for one in left for parent in self.commits.parents(one)]
        while waiting and len(left) > 1:
            number = waiting.pop()
            if number >= lowest and number not in below:
                below.add(number)
                waiting.extend(self.commits.parents(number))
        return left - below

    def _first_parent_line(self) -> array[int]:
        line = array("l", [len(self.commits) - 1])  # HEAD descends from all, so it comes last
        while (parent := self.commits.first_parent[line[-1]]) != _NONE:
            line.append(parent)
        line.reverse()
        return line

    def _landings(self) -> array[int]:
        """For each commit, the oldest commit of the line from which it can be reached."""
        landed = array("l", [_NONE]) * len(self.commits)
        for tip in self._line:
            landed[tip] = tip
            waiting = list(self.commits.other_parents.get(tip, ()))
            while waiting:
                number = waiting.pop()
                if landed[number] == _NONE:
                    landed[number] = tip
                    waiting.extend(self.commits.parents(number))
        return landed


def _log(clone: Clone) -> Iterator[bytes]:
    return clone.records(
        "log", "-z", "--topo-order", "--reverse", "--no-show-signature", "--no-mailmap",
        f"--format={_FORMAT}", "--end-of-options", clone.head.decode(),
    )  # fmt: skip
