"""Which commits of a history are changes to look at, and between which two commits each lies.

Takes a History, gives candidates, newest first. A merge is merge base .. second parent (first ..
second parent would show main's own work backwards); a commit with one parent is parent .. commit.
Reads no file content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pullsmith.collect.history import Commit, History, MergeBases
from pullsmith.collect.messages import FORGE_COMMITTER, Mark, read_mark
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
    commits: tuple[bytes, ...]  # of the branch, oldest first, without merges of main into it
    bases: int
    mark: Mark
    evidence: str
    subject: str
    refused: tuple[str, str] | None = None


@dataclass(frozen=True)
class Found:
    """The candidates, and what the log has, for people."""

    candidates: tuple[Candidate, ...]
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


def find_candidates(history: History, changes: Changes) -> Found:
    """The changes of a history, newest first; none for a history of one commit.

    AUTO takes the commits marked as pull requests where there are ENOUGH_MARKS of them, or
    ENOUGH_SHARE of all first-parent commits; else every first-parent commit.
    """
    commits = [commit for commit in history.first_parents() if commit.parents]
    marks = [read_mark(text(commit.message), len(commit.parents)) for commit in commits]
    forge = _made_by_forge(commits, marks)
    counted = [mark.marked and (forge or not mark.needs_forge) for mark in marks]
    mode = _mode(changes, sum(counted), len(commits))
    taken = [
        _candidate(history, commit, mark, is_pull_request)
        for commit, mark, is_pull_request in zip(commits, marks, counted, strict=True)
        if is_pull_request or mode is Changes.FIRST_PARENT
    ]
    evidence = Counter(
        mark.evidence if ok else f"unsure_{mark.evidence}"
        for mark, ok in zip(marks, counted, strict=True)
        if mark.marked
    )
    return Found(tuple(taken), len(commits), evidence, mode)


def text(raw: bytes) -> str:
    """Strict UTF-8, else Latin-1: never a replacement character."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _made_by_forge(commits: Sequence[Commit], marks: Sequence[Mark]) -> bool:
    """Whether the repository shows one commit a forge made: then "(#N)" means a pull request."""
    return any(
        mark.marked and (not mark.needs_forge or commit.committer_email == FORGE_COMMITTER)
        for commit, mark in zip(commits, marks, strict=True)
    )


def _mode(changes: Changes, marked: int, commits: int) -> Changes:
    if changes is not Changes.AUTO:
        return changes
    enough = marked >= ENOUGH_MARKS or marked >= max(1, ENOUGH_SHARE * commits)
    return Changes.PULL_REQUESTS if enough else Changes.FIRST_PARENT


def _candidate(history: History, commit: Commit, mark: Mark, is_pull_request: bool) -> Candidate:
    evidence = mark.evidence if is_pull_request else "first_parent"
    subject = text(commit.message).partition("\n")[0].strip()
    if not is_pull_request:
        mark = _unmarked(mark, text(commit.message))
    if len(commit.parents) == 1:
        return Candidate(
            commit.id, commit.parents[0], commit.id, (commit.id,), 1, mark, evidence, subject,
            None if commit.parents[0] in history.commits else ("no_base", "cut off: shallow clone"),
        )  # fmt: skip
    return _merge_candidate(history, commit, mark, evidence)


def _merge_candidate(history: History, commit: Commit, mark: Mark, evidence: str) -> Candidate:
    subject = text(commit.message).partition("\n")[0].strip()
    refused = _merge_refused(mark, commit)
    found = MergeBases((), ())
    if refused is None:
        found = history.merge_bases(commit.parents[0], commit.parents[1])
        if not found.bases:
            refused = ("no_base", "no common ancestor: unrelated histories or a shallow clone")
    base = found.bases[0] if found.bases else b""
    branch = tuple(_own(history, found.commits))
    return Candidate(
        commit.id, base, commit.parents[1], branch, len(found.bases), mark, evidence, subject,
        refused,
    )  # fmt: skip


def _merge_refused(mark: Mark, commit: Commit) -> tuple[str, str] | None:
    if len(commit.parents) > 2:
        return ("octopus", f"{len(commit.parents)} parents")
    if mark.up_merge:
        return ("up_merge", "main merged into itself or into a branch")
    return None


def _unmarked(mark: Mark, message: str) -> Mark:
    """The message read as an ordinary commit's: a number it may hold is somebody else's."""
    if not mark.marked:
        return mark
    subject, _, body = message.partition("\n")
    return Mark("none", None, subject.strip(), body.strip(), mark.branch, 0.5)


def _own(history: History, commits: Sequence[bytes]) -> Iterator[bytes]:
    """The branch's own commits, oldest first; without merges, unless there is nothing else."""
    own = [commit for commit in commits if len(history.commits[commit].parents) < 2]
    return reversed(own or list(commits))
