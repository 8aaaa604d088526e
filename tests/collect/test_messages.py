"""Which messages mark a pull request, which only look like it, and what they say of themselves."""

from __future__ import annotations

import pytest

from pullsmith.collect.messages import is_bot, message_flags, read_mark

MERGES = [
    ("Merge pull request #12 from ada/fix-x\n\nFix x\n\nLong story.", "gh_merge", 12, "Fix x"),
    ("Merge pull request #12 from ada/fix-x", "gh_merge", 12, ""),
    ("Merge pull request 'Fix x' (#3) from ada/fix into main", "gitea_merge", 3, "Fix x"),
    ("Merged in fix-x (pull request #9)\n\nFix x", "bitbucket_merge", 9, "Fix x"),
    ("Merge branch 'fix' into 'main'\n\nFix x\n\nBody\n\nSee merge request a/b!77", "gitlab_merge", 77, "Fix x"),
    ("Merge branch 'fix' into 'main'\n\nSee merge request a/b!77", "gitlab_merge", 77, ""),
    ("Merged PR 41: Fix x", "azure_merge", 41, "Fix x"),
    ("Auto merge of #55 - ada:fix, r=bo\n\nFix x", "bors_merge", 55, "Fix x"),
    ("Merge branch 'pr/954'", "merge_pr_branch", 954, ""),
    ("Fix x (#7)\n\nBody", "merge_titled", 7, "Fix x"),
]  # fmt: skip
SINGLES = [
    ("Fix x (#12)\n\n* one\n* two", "squash", 12, "Fix x"),
    ("Fix x (#11408) (#11409)", "squash", 11409, "Fix x (#11408)"),
    ("Merge pull request #12 from ada/fix-x\n\nFix x", "gh_merge_rebased", 12, "Fix x"),
    ("Fix x\n\nSee merge request group/sub/b!8", "gitlab_squash", 8, "Fix x"),
    ("Merged PR 41: Fix x", "azure_squash", 41, "Fix x"),
    ("Fix x\n\nPR-URL: https://git.example.org/a/b/pull/19", "trailer", 19, ""),
    ("Fix x\n\nReviewed-on: https://git.example.org/a/b/pulls/20", "trailer", 20, ""),
]
NONE = [
    ("Fix x, see #12", 1),
    ("Fix #12", 1),
    ("(#12)", 1),  # a number with no title
    ("Merge branch 'fix-12'", 2),
    ("Merge pull request from ada", 2),
    ("Auto merge of #55 - ada:fix", 1),  # bors makes merges, so this is quoted text
    ("", 1),
]


@pytest.mark.parametrize(("message", "evidence", "number", "title"), MERGES)
def test_marked_merges(message: str, evidence: str, number: int, title: str) -> None:
    mark = read_mark(message, 2)
    assert (mark.evidence, mark.number, mark.title) == (evidence, number, title)


@pytest.mark.parametrize(("message", "evidence", "number", "title"), SINGLES)
def test_marked_single_commits(message: str, evidence: str, number: int, title: str) -> None:
    mark = read_mark(message, 1)
    assert (mark.evidence, mark.number, mark.title or title) == (
        evidence,
        number,
        title or mark.title,
    )


@pytest.mark.parametrize(("message", "parents"), NONE)
def test_unmarked(message: str, parents: int) -> None:
    mark = read_mark(message, parents)
    assert (mark.evidence, mark.number, mark.marked) == ("none", None, False)
    assert mark.title == message.partition("\n")[0]


def test_body_is_what_follows_the_title() -> None:
    assert read_mark(MERGES[0][0], 2).body == "Long story."
    assert read_mark(MERGES[4][0], 2).body == "Body"
    assert read_mark(SINGLES[0][0], 1).body == "* one\n* two"


def test_branch_is_kept() -> None:
    assert read_mark(MERGES[0][0], 2).branch == "ada/fix-x"
    assert read_mark("Merge branch 'topic/y' into main", 2).branch == "topic/y"


def test_only_bare_numbers_need_a_witness() -> None:
    assert read_mark("Fix x (#12)", 1).needs_witness
    assert read_mark("Fix x (!12)", 1).needs_witness
    assert not read_mark("Merge pull request #12 from a/b", 2).needs_witness
    assert not read_mark(
        "Fix x (#12)\n\nPR-URL: https://git.example.org/a/b/pull/12", 1
    ).needs_witness
    assert read_mark("Fix x (#12)\n\nPR-URL: https://git.example.org/a/b/pull/11", 1).needs_witness


@pytest.mark.parametrize(
    ("message", "up_merge"),
    [
        ("Merge branch 'main'", True),
        ("Merge branch 'master' of git.example.org:a/b", True),
        ("Merge branch 'main' into topic", True),
        ("Merge remote-tracking branch 'origin/main' into topic", True),
        ("Merge branch 'maintenance'", False),
        ("Merge remote-tracking branch 'ada/master'", False),  # somebody's fork: their work
        ("Merge branch 'topic' into main", False),
    ],
)
def test_up_merges(message: str, up_merge: bool) -> None:
    assert read_mark(message, 2).up_merge is up_merge
    assert not read_mark(message, 1).up_merge


def test_flags() -> None:
    assert message_flags('Revert "Fix x" (#3)\n\nThis reverts commit abc.') == ("revert",)
    assert message_flags("Fix\n\n(cherry picked from commit 0123456789)") == ("cherry_pick",)
    assert message_flags("[Backport 1.2] Fix") == ("backport",)
    assert message_flags("Reverse the list; no reverting") == ()
    assert message_flags("Fix\n\nmay need a backport") == ()  # a wish in the body is none


@pytest.mark.parametrize(
    ("name", "email", "bot"),
    [
        ("updater[bot]", "1+updater[bot]@users.example.org", True),
        ("dependabot", "x@example.org", True),
        ("Renovate Bot", "x@example.org", True),
        ("Ada", "1+x[bot]@users.example.org", True),
        ("Abbott", "abbott@example.org", False),
        ("Bot Lover", "bot@example.org", False),
    ],
)
def test_bots(name: str, email: str, bot: bool) -> None:
    assert is_bot(name, email) is bot
