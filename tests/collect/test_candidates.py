"""Which commits are taken, with which two ends, and why each is believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.collect.candidates import Candidate, Found, find_candidates
from pullsmith.collect.confidence import Reason
from pullsmith.collect.history import History
from pullsmith.collect.opening import open_clone
from pullsmith.collect.pull_refs import read_pull_refs
from pullsmith.study.collect import Changes
from tests.collect.repositories import FORGE, Teller

PULLS = Changes.PULL_REQUESTS


def _find(folder: Path, teller: Teller, changes: Changes = PULLS) -> tuple[Found, list[Candidate]]:
    teller.make(folder / "r.git")
    with open_clone(folder / "r.git") as clone:
        found = find_candidates(History(clone), changes, read_pull_refs(clone))
    return found, list(found.candidates)


class _Story(Teller):
    """Main with pull requests; each may leave its head in refs/pull."""

    def __init__(self) -> None:
        super().__init__()
        self.main = self.commit("Start", {"start": b"0\n"})

    def merge(self, message: str, *heads: str, on_top: int = 0, head: int = 0) -> int:
        """A merge of one commit (or of ``head``), that is the head of these refs; and more on top."""
        side = head or self.commit("Side", {f"s{self.marks}": b"1\n"}, self.main, ref="refs/side")
        for ref in heads:
            self.stream.append(b"reset %s\nfrom :%d\n\n" % (ref.encode(), side))
        for _ in range(on_top):
            side = self.commit("On top", {f"s{self.marks}": b"1\n"}, side, ref="refs/side")
        self.main = self.commit(message, {f"m{self.marks}": b"1\n"}, self.main, side)
        return self.main

    def single(self, message: str, *, forge: bool = True) -> int:
        self.main = self.commit(
            message, {f"f{self.marks}": b"1\n"}, self.main,
            committer=FORGE if forge else ("Ada Example", "ada@example.org"),
        )  # fmt: skip
        return self.main

    def head(self, ref: str) -> int:
        """A pull head that main never got as such."""
        return self.commit("Head", {f"h{self.marks}": b"1\n"}, self.main, ref=ref)


def _only(folder: Path, story: Teller) -> Candidate:
    found, (one,) = _find(folder, story)
    assert len(found.candidates) == 1
    return one


GH = "Merge pull request #1 from ada/x\n\nChange"


def test_merges_beside_their_pull_heads(tmp_path: Path) -> None:
    def reason(name: str, *heads: str, on_top: int = 0, elsewhere: bool = False) -> Reason:
        story = _Story()
        if elsewhere:
            story.head("refs/pull/1/head")
        story.merge(GH, *heads, on_top=on_top)
        return _only(tmp_path / name, story).reason

    assert reason("a", "refs/pull/1/head") is Reason.MERGE_HEAD_EQUALS_PULL_HEAD
    assert reason("b", "refs/pull/1/head", on_top=2) is Reason.PULL_HEAD_INSIDE_BRANCH
    assert reason("c", elsewhere=True) is Reason.MERGE_HEAD_DIFFERS_FROM_PULL_HEAD
    assert reason("d") is Reason.FORGE_MERGE_MESSAGE
    assert reason("e", "refs/pull/2/head") is Reason.FORGE_MERGE_MESSAGE
    # The other forge's numbers say nothing of this one's.
    assert reason("f", "refs/merge-requests/1/head") is Reason.FORGE_MERGE_MESSAGE


def test_a_number_without_a_ref_where_all_others_have_one(tmp_path: Path) -> None:
    story = _Story()
    for number in range(1, 21):
        story.merge(f"Merge pull request #{number} from a/b", f"refs/pull/{number}/head")
    story.merge("Merge pull request #21 from a/b")
    story.single("Fix an issue (#22)")
    story.head("refs/pull/23/head")
    story.single("Fix (#23)", forge=False)
    found, candidates = _find(tmp_path, story)
    by_number = {one.mark.number: one.reason for one in candidates}
    assert by_number[21] is Reason.NUMBER_HAS_NO_PULL
    assert by_number[23] is Reason.NUMBER_IS_A_PULL
    assert 22 not in by_number
    assert found.evidence == {"gh_merge": 21, "squash": 1, "unsure_squash": 1}


def test_an_unmarked_merge_of_a_pull_head(tmp_path: Path) -> None:
    story = _Story()
    story.merge("Merge branch 'topic' of git.example.org:ada/b", "refs/pull/5/head")
    one = _only(tmp_path / "a", story)
    assert (one.evidence, one.mark.number) == ("pull_ref", 5)
    assert one.reason is Reason.MERGE_HEAD_EQUALS_PULL_HEAD
    assert one.mark.branch == "topic"
    story = _Story()
    story.merge("Merge branch 'topic'", "refs/pull/5/head", "refs/pull/6/head")
    assert _only(tmp_path / "b", story).reason is Reason.SEVERAL_PULLS_SHARE_HEAD
    story = _Story()
    story.merge("Merge branch 'topic'", "refs/pull/5/head", on_top=1)
    assert _find(tmp_path / "c", story)[1] == []


def test_a_forks_main_is_a_pull_request_and_our_own_is_none(tmp_path: Path) -> None:
    story = _Story()
    story.merge("Merge branch 'main' of git.example.org:ada/fork", "refs/pull/5/head")
    assert _only(tmp_path / "a", story).mark.number == 5
    story = _Story()  # two pull requests came in: the work of others
    first = story.commit("One", {"one": b"1\n"}, story.main, ref="refs/pull/4/head")
    second = story.commit("Two", {"two": b"1\n"}, first, ref="refs/side")
    story.merge("Merge branch 'main' of git.example.org:a/b", "refs/pull/5/head", head=second)
    assert _find(tmp_path / "b", story)[1] == []
    _, every = _find(tmp_path / "c", story, Changes.FIRST_PARENT)
    assert [one.refused and one.refused[0] for one in every] == ["up_merge"]


@pytest.mark.parametrize(("second", "taken"), [("ada@example.org", 1), ("bo@example.org", 0)])
def test_an_older_line_with_the_work_of_several_is_no_pull_request(
    tmp_path: Path, second: str, taken: int
) -> None:
    story = _Story()
    first = story.commit("One", {"one": b"1\n"}, story.main, ref="refs/side")
    head = story.commit("Two", {"two": b"1\n"}, first, author=("B", second), ref="refs/side")
    story.merge("Merge branch '3.0.x'", "refs/pull/5/head", head=head)
    assert len(_find(tmp_path, story)[1]) == taken


def test_a_fast_forward_is_not_taken(tmp_path: Path) -> None:
    """Its head is on the line; nothing tells its base, or that it was not main's own."""
    story = _Story()
    story.single("A change")
    story.stream.append(b"reset refs/pull/1/head\nfrom :%d\n\n" % story.main)
    assert _find(tmp_path, story)[1] == []


def test_singles(tmp_path: Path) -> None:
    story = _Story()
    story.merge("Merge pull request #1 from a/b", "refs/pull/1/head")
    story.single("By the forge (#2)")
    story.single("By hand (#3)", forge=False)
    story.single("Part one (#4)")
    story.single("Part two (#4)")
    story.single("Copied (#5)\n\n(cherry picked from commit 0123456789)", forge=False)
    story.single("Copied by the forge (#6)\n\n(cherry picked from commit 0123456789)")
    story.single("Backport one (#7)", forge=False)
    story.single("Backport two (#7) (#8)", forge=False)
    story.single("A follow-up of the first (#1)")
    story.single("Trailed\n\nPR-URL: https://git.example.org/a/b/pull/9", forge=False)
    story.single("Merge pull request #10 from a/b\n\nRebased", forge=False)
    story.single("Reviewed\n\nReviewed-on: https://review.example.org/c/b/+/77", forge=False)
    _, candidates = _find(tmp_path, story)
    assert [(one.mark.number, one.reason) for one in reversed(candidates)] == [
        (1, Reason.MERGE_HEAD_EQUALS_PULL_HEAD),
        (2, Reason.FORGE_COMMITTER),
        (3, Reason.NUMBER_IN_TITLE),
        (4, Reason.NUMBER_REPEATED),
        (4, Reason.NUMBER_REPEATED),
        (5, Reason.MAY_NAME_ORIGINAL),
        (6, Reason.FORGE_COMMITTER),
        (7, Reason.MAY_NAME_ORIGINAL),
        (8, Reason.NUMBER_IN_TITLE),
        (1, Reason.PULL_LANDED_ELSEWHERE),
        (9, Reason.ADDRESS_IN_TRAILER),
        (10, Reason.MERGE_IN_ONE_COMMIT),
        (None, Reason.CHANGE_IN_TRAILER),
    ]


@pytest.mark.parametrize(
    ("witness", "taken"),
    [
        ("Merge pull request #1 from a/b", True),
        ("Merge branch 'x' into 'main'\n\nX\n\nSee merge request a/b!1", False),  # another tracker
        ("Merge branch 'x'", False),
    ],
)
def test_numbers_need_a_witness_of_the_same_tracker(
    tmp_path: Path, witness: str, taken: bool
) -> None:
    story = _Story()
    story.merge(witness)
    story.single("Fix (#7)", forge=False)
    _, candidates = _find(tmp_path / "a", story)
    assert (7 in {one.mark.number for one in candidates}) is taken
    _, every = _find(tmp_path / "b", story, Changes.FIRST_PARENT)
    assert len(every) == 2
    assert every[0].reason is (Reason.NUMBER_IN_TITLE if taken else Reason.NUMBER_MAY_BE_AN_ISSUE)
    assert every[0].mark.title == ("Fix" if taken else "Fix (#7)")
    assert every[0].commits == ()


def test_pull_requests_inside_a_pull_request_are_flagged(tmp_path: Path) -> None:
    story = _Story()
    root = story.main
    inner = story.commit("Inner", {"i": b"1\n"}, root, ref="refs/x")
    other = story.commit("Other", {"o": b"1\n"}, root, ref="refs/y")
    stacked = story.commit("Merge pull request #1 from a/b", {}, other, inner, ref="refs/y")
    story.merge("Merge pull request #2 from a/stable\n\nStable into main", head=stacked)
    story.merge("Merge pull request #3 from a/b")
    _, (plain, stack) = _find(tmp_path, story)
    assert (plain.flags, stack.flags) == ((), ("contains_pull_requests",))
    assert len(stack.commits) == 2
    assert stack.bases == 1


def test_candidates_can_be_walked_again(tmp_path: Path) -> None:
    story = _Story()
    story.merge(GH)
    found, first = _find(tmp_path, story)
    assert list(found.candidates) == first
    assert first[0].subject == "Merge pull request #1 from ada/x"
