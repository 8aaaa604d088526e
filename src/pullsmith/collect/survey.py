"""What a whole history says of its marks: whose numbers they are, and how far each is believed.

Takes a History and the pull heads that the clone knows, reads the first-parent line once, gives
for each of its commits the mark as it is believed. Chooses nothing and compares no files.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pullsmith.collect.confidence import Reason
from pullsmith.collect.history import Branch, Commit, History
from pullsmith.collect.messages import FORGE_COMMITTER, Mark, Sign, plain, read_mark, read_sign
from pullsmith.collect.pull_refs import PullRefs
from pullsmith.collect.styles import Tracker

FIRST_PARENT, PULL_REF = "first_parent", "pull_ref"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What commits of the line have in common, as far as counting them goes."""

    evidence: str
    tracker: Tracker
    unsure: bool  # a number that counts only where the tracker has a witness


class Survey:
    """The first-parent line of a history, read once. Holds a number a commit, not the marks."""

    def __init__(self, history: History, refs: PullRefs) -> None:
        self._history, self._refs = history, refs
        self._kinds: dict[_Kind, int] = {}
        self._witnesses: set[Tracker] = set()
        self.numbers = array("l")  # of the commits that have a parent, newest first
        self._kind_of = array("l")
        named: Counter[tuple[Tracker, int]] = Counter()  # by one-parent commits
        sure: set[tuple[Tracker, int]] = set()
        for commit in history.first_parents():
            if commit.parents:
                self._look_at(commit, named, sure)
        self._complete = refs.complete(sure)
        self._repeated = frozenset(key for key, count in named.items() if count > 1)

    def evidence(self) -> Counter[str]:
        """How many commits bear which mark; those that do not count as ``unsure_…``."""
        counts = Counter(self._kind_of)
        return Counter({
            kind.evidence if self._counts(kind) else f"unsure_{kind.evidence}": counts[code]
            for kind, code in self._kinds.items()
            if kind.evidence != "none"
        })  # fmt: skip

    def pull_requests(self) -> Iterator[int]:
        """The numbers of the commits that are pull requests, newest first."""
        counted = {code for kind, code in self._kinds.items() if self._counts(kind)}
        pairs = zip(self.numbers, self._kind_of, strict=True)
        return (number for number, code in pairs if code in counted)

    def believed(self, commit: Commit) -> Mark:
        """The mark of a commit of the line; FIRST_PARENT where it is no pull request's.

        A merge's reason is still the message's: see ``merge_reason``.
        """
        message = text(commit.message)
        mark = read_mark(message, len(commit.parents))
        pull = self._pull_ref(commit, mark)
        if pull is not None:
            return replace(mark, evidence=PULL_REF, tracker=pull.tracker, number=pull.number,
                           reason=self._pull_reason(commit), up_merge=False)  # fmt: skip
        if not self._counts(self._kind(mark)):
            reason = Reason.NUMBER_MAY_BE_AN_ISSUE if mark.marked else Reason.NO_MARK
            return replace(plain(message, mark), evidence=FIRST_PARENT, reason=reason)
        if len(commit.parents) == 1:
            return replace(mark, reason=self._single_reason(commit, mark))
        return mark

    def merge_reason(self, commit: Commit, mark: Mark, branch: Branch) -> Reason:
        """What the pull request's own head says of a merge; the message's reason without one."""
        if mark.number is None or mark.evidence in (FIRST_PARENT, PULL_REF):
            return mark.reason
        head = self._refs.head(mark.tracker, mark.number)
        if not head:
            return Reason.NUMBER_HAS_NO_PULL if mark.tracker in self._complete else mark.reason
        if head == commit.parents[1]:
            return Reason.MERGE_HEAD_EQUALS_PULL_HEAD
        if head in branch.commits:
            return Reason.PULL_HEAD_INSIDE_BRANCH
        return Reason.MERGE_HEAD_DIFFERS_FROM_PULL_HEAD

    def _look_at(
        self, commit: Commit, named: Counter[tuple[Tracker, int]], sure: set[tuple[Tracker, int]]
    ) -> None:
        mark = read_sign(text(commit.message), len(commit.parents))
        mark = self._pull_ref(commit, mark) or mark
        kind = self._kind(mark)
        self.numbers.append(self._history.commits.numbers[commit.id])
        self._kind_of.append(self._kinds.setdefault(kind, len(self._kinds)))
        by_forge = mark.tracker is Tracker.PULL and _by_forge(commit)
        if mark.marked and (not kind.unsure or by_forge):
            self._witnesses.add(mark.tracker)
            if mark.number:
                sure.add((mark.tracker, mark.number))
        if mark.number and len(commit.parents) == 1:
            named[mark.tracker, mark.number] += 1

    def _in_doubt(self, mark: Sign) -> bool:
        return mark.needs_witness and not self._refs.head(mark.tracker, mark.number)

    def _pull_ref(self, commit: Commit, sign: Sign) -> Sign | None:
        """The sign of a merge without a mark whose second parent is a pull request's head."""
        if sign.marked or len(commit.parents) != 2:
            return None
        pulls = self._refs.pulls(commit.parents[1])
        if not pulls or (sign.up_merge and not self._is_one_pull(commit)):
            return None
        return Sign(PULL_REF, pulls[0][1], pulls[0][0])

    def _pull_reason(self, commit: Commit) -> Reason:
        several = len(self._refs.pulls(commit.parents[1])) > 1
        return Reason.SEVERAL_PULLS_SHARE_HEAD if several else Reason.MERGE_HEAD_EQUALS_PULL_HEAD

    def _is_one_pull(self, merge: Commit) -> bool:
        """Whether it brought a straight branch of one author: a fork's main, not ours with all work."""
        commits = self._history.commits
        brought = self._history.brought_by(merge.id).commits
        authors = {commits[one].author_email for one in brought}
        return len(authors) == 1 and not any(
            commits.numbers[one] in commits.other_parents
            or (self._refs.pulls(one) and one != merge.parents[1])
            for one in brought
        )

    def _kind(self, mark: Sign) -> _Kind:
        return _Kind(mark.evidence, mark.tracker, self._in_doubt(mark))

    def _counts(self, kind: _Kind) -> bool:
        """Whether such a mark means a pull request here."""
        if kind.evidence == "none":
            return False
        known = kind.tracker in self._witnesses and kind.tracker not in self._complete
        return known or not kind.unsure

    def _single_reason(self, commit: Commit, mark: Mark) -> Reason:
        """What refs, committer and repeats say of a commit with one parent."""
        if mark.number is None:
            return mark.reason
        head = self._refs.head(mark.tracker, mark.number)
        by_forge = mark.tracker is Tracker.PULL and _by_forge(commit)
        copy = mark.reason in (Reason.MAY_NAME_ORIGINAL, Reason.MERGE_IN_ONE_COMMIT)
        found = mark.reason
        if head and self._history.landed_by(head) not in (b"", commit.id):
            found = Reason.PULL_LANDED_ELSEWHERE
        elif (mark.tracker, mark.number) in self._repeated:
            found = Reason.NUMBER_REPEATED
        elif copy and not by_forge:
            found = mark.reason
        elif head:
            found = Reason.NUMBER_IS_A_PULL
        elif mark.tracker in self._complete:
            found = Reason.NUMBER_HAS_NO_PULL
        elif by_forge:
            found = Reason.FORGE_COMMITTER
        return found


def text(raw: bytes) -> str:
    """Strict UTF-8, else Latin-1: never a replacement character. Lines end as git's do."""
    try:
        decoded = raw.decode("utf-8")
    except UnicodeDecodeError:
        decoded = raw.decode("latin-1")
    return decoded.replace("\r\n", "\n")


def _by_forge(commit: Commit) -> bool:
    return commit.committer_email.startswith(FORGE_COMMITTER)
