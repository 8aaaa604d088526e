"""Which commits of a history are changes to look at, and between which two commits each lies.

Takes a History and the pull heads a clone knows, gives candidates, newest first. A merge is merge
base .. second parent (first .. second parent would show main's own work backwards); a commit with
one parent is parent .. commit. Reads no file content.

A pull request that was fast-forwarded leaves its head on the first-parent line and no trace of its
base, and the head may as well be main's own, offered to another branch. So it is not taken.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pullsmith.collect.confidence import Reason
from pullsmith.collect.history import Branch, Commit, History
from pullsmith.collect.messages import Mark, read_sign
from pullsmith.collect.pull_refs import PullRefs
from pullsmith.collect.survey import Survey, text
from pullsmith.study.collect import Changes

ENOUGH_MARKS = 10
ENOUGH_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change: its merge (or only) commit, base and head, and what the message says of it.

    ``refused`` is (reason, detail) where it cannot be a pull request; ``base`` is then empty.
    """

    merge: bytes
    base: bytes
    head: bytes
    commits: tuple[bytes, ...]  # of the merged branch, oldest first, without merges into it
    bases: int
    mark: Mark
    reason: Reason
    flags: tuple[str, ...] = ()
    refused: tuple[str, str] | None = None

    @property
    def evidence(self) -> str:
        """How the change was recognised."""
        return self.mark.evidence

    @property
    def subject(self) -> str:
        """The first line of the merge's message."""
        return self.mark.subject


class Candidates:
    """The changes of a history, newest first. Made anew on each walk: all are never held at once."""

    def __init__(self, history: History, survey: Survey, numbers: array[int]) -> None:
        self._history, self._survey, self._numbers = history, survey, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Candidate]:
        return map(self._candidate, map(self._history.commits.at, self._numbers))

    def _candidate(self, commit: Commit) -> Candidate:
        mark = self._survey.believed(commit)
        if len(commit.parents) == 1:
            parent = commit.parents[0]
            cut = None if parent in self._history.commits else ("no_base", "a shallow clone")
            return Candidate(
                commit.id, parent, commit.id, (), 1, mark, mark.reason, mark.flags, cut
            )
        refused = _merge_refused(mark, commit)
        branch = Branch((), ()) if refused else self._history.brought_by(commit.id)
        if not refused and not branch.bases:
            refused = ("no_base", "no common ancestor: unrelated histories or a shallow clone")
        own, merged = self._parted(branch)
        flags = (*mark.flags, "contains_pull_requests") if self._marked(merged) else mark.flags
        return Candidate(
            commit.id, branch.bases[0] if branch.bases else b"", commit.parents[1],
            own or merged, len(branch.bases), mark,
            self._survey.merge_reason(commit, mark, branch), flags, refused,
        )  # fmt: skip

    def _parted(self, branch: Branch) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """The branch's commits, and the merges among them, oldest first."""
        numbers, merges = self._history.commits.numbers, self._history.commits.other_parents
        own: list[bytes] = []
        merged: list[bytes] = []
        for commit in reversed(branch.commits):
            (merged if numbers[commit] in merges else own).append(commit)
        return tuple(own), tuple(merged)

    def _marked(self, merges: Sequence[bytes]) -> bool:
        """Whether any of the merges is a pull request's: stacked ones, or another line pulled in."""
        commits = map(self._history.commits.__getitem__, merges)
        return any(read_sign(text(one.message), len(one.parents)).marked for one in commits)


@dataclass(frozen=True)
class Found:
    """The candidates, and what the log has, for people."""

    candidates: Candidates
    first_parents: int
    evidence: Counter[str]
    mode: Changes

    def describe(self) -> str:
        """One line: how many commits, and which marks were seen among them."""
        seen = ", ".join(f"{count} {name}" for name, count in sorted(self.evidence.items()))
        return (
            f"{self.first_parents} commits on the first-parent line, "
            f"{len(self.candidates)} taken as changes ({self.mode}; marks: {seen or 'none'})"
        )


def find_candidates(history: History, changes: Changes, refs: PullRefs | None = None) -> Found:
    """The changes of a history, newest first; none for a history of one commit.

    AUTO takes the commits marked as pull requests where there are ENOUGH_MARKS of them, or
    ENOUGH_SHARE of all first-parent commits; else every first-parent commit.
    """
    survey = Survey(history, refs or PullRefs({}))
    marked = array("l", survey.pull_requests())
    mode = _mode(changes, len(marked), len(survey.numbers))
    taken = survey.numbers if mode is Changes.FIRST_PARENT else marked
    candidates = Candidates(history, survey, taken)
    return Found(candidates, len(survey.numbers), survey.evidence(), mode)


def _mode(changes: Changes, marked: int, commits: int) -> Changes:
    if changes is not Changes.AUTO:
        return changes
    enough = marked >= ENOUGH_MARKS or marked >= max(1, ENOUGH_SHARE * commits)
    return Changes.PULL_REQUESTS if enough else Changes.FIRST_PARENT


def _merge_refused(mark: Mark, commit: Commit) -> tuple[str, str] | None:
    if len(commit.parents) > 2:
        return ("octopus", f"{len(commit.parents)} parents")
    if mark.up_merge:
        return ("up_merge", "main merged into itself or into a branch")
    return None
