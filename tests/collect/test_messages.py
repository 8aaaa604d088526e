"""Which messages mark a pull request, which only look like it, and what they say of themselves."""

from __future__ import annotations

import time

import pytest

from pullsmith.collect.confidence import Reason
from pullsmith.collect.messages import is_bot, message_flags, read_mark, split_squash
from pullsmith.collect.styles import Tracker

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
    ("Merge pull request #9 in PROJ/b from ada/x to main\n\nFix x", "bitbucket_merge", 9, "Fix x"),
    ("Pull request #9: Fix x\n\nMerge in PROJ/b from ada/x to main", "bitbucket_merge", 9, "Fix x"),
    ("Merge #55\n\n55: Fix x r=bo a=ada\n\nBody", "bors_merge", 55, "Fix x"),
    ("Merge #55 #56\n\n55: Fix x r=bo a=ada", "bors_batch", 55, "Fix x"),
    ("Merge remote-tracking branch 'origin/pr/954'", "merge_pr_branch", 954, ""),
    ("Merge commit 'refs/pull/54/head' of git.example.org:a/b", "merge_pr_branch", 54, ""),
    ("Merge PR #12: Fix x", "merge_pr_named", 12, "Fix x"),
    ("Fix x\n\nReviewed-on: https://git.example.org/a/b/pulls/3", "trailer", 3, ""),
    ('Merge "Fix x" into main', "gerrit_merge", None, "Fix x"),
]  # fmt: skip
SINGLES = [
    ("Fix x (#12)\n\n* one\n* two", "squash", 12, "Fix x"),
    ("Fix x (#11408) (#11409)", "squash", 11409, "Fix x (#11408)"),
    ("Merge pull request #12 from ada/fix-x\n\nFix x", "gh_merge_rebased", 12, "Fix x"),
    ("Fix x\n\nSee merge request group/sub/b!8", "gitlab_squash", 8, "Fix x"),
    ("Merged PR 41: Fix x", "azure_squash", 41, "Fix x"),
    ("Fix x\n\nPR-URL: https://git.example.org/a/b/pull/19", "trailer", 19, ""),
    ("Fix x\n\nReviewed-on: https://git.example.org/a/b/pulls/20", "trailer", 20, ""),
    ("Fix x (GH-12)", "squash", 12, "Fix x"),
    ("Fix x (!12)", "gitlab_squash", 12, "Fix x"),
    ("Fix x (#3)\n\nReviewed-on: https://git.example.org/a/b/pulls/3", "squash", 3, "Fix x"),
    ("Fix x\n\nPull Request resolved: https://git.example.org/a/b/pull/21", "trailer", 21, "Fix x"),
    ("Fix x\n\nPart-of: <https://git.example.org/a/b/-/merge_requests/22>", "trailer", 22, "Fix x"),
    ("Fix x\n\nPR-URL: https://git.example.org/a/b/pull/1\nBackport-PR-URL: https://git.example.org/a/b/pull/2", "trailer", 2, "Fix x"),
    ("Fix x\n\nCloses #23 from ada/x.", "trailer", 23, "Fix x"),
    ("Pull request #9: Fix x", "bitbucket_squash", 9, "Fix x"),
    ("Merged in ada/x (pull request #9)\n\nFix x", "bitbucket_squash", 9, "Fix x"),
    ("Merge pull request 'Fix x' (#3) from ada/x into main", "gitea_merge_rebased", 3, "Fix x"),
    ("Fix x\n\nReviewed-on: https://review.example.org/c/b/+/77", "gerrit_change", None, "Fix x"),
    ("Fix x\n\nDifferential Revision: https://review.example.org/D77", "phabricator_revision", None, "Fix x"),
]  # fmt: skip
NONE = [
    ("Fix x, see #12", 1),
    ("Fix #12", 1),
    ("(#12)", 1),  # a number with no title
    ("Merge branch 'fix-12'", 2),
    ("Merge pull request from ada", 2),
    ("Auto merge of #55 - ada:fix", 1),  # bors makes merges, so this is quoted text
    ("", 1),
    ('Revert "Fix x (#12)"', 1),  # the reverted one's number
    ("Fix x\n\nCloses #12", 1),  # an issue
    ("Fix x (#0)", 1),
    ("Fix x (#1234567890)", 1),
    ("Fix x (#\u0661\u0662)", 1),
    ("Fix x\n\nsee See merge request a/b!12 for more", 1),
    ("Merge #12 and more", 2),
    ('Merge "Fix x" by hand', 2),
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
    assert mark.title in (message.partition("\n")[0], "")


def test_gits_own_words_are_no_title() -> None:
    assert read_mark("Merge branch 'topic' of git.example.org:a/b", 2).title == ""
    assert read_mark("Merge remote branch 'ada/topic'", 2).title == ""
    assert read_mark("Merge topic by hand", 2).title == "Merge topic by hand"
    assert read_mark("Merge branch 'topic'", 1).title == "Merge branch 'topic'"


def test_body_is_what_follows_the_title() -> None:
    assert read_mark(MERGES[0][0], 2).body == "Long story."
    assert read_mark(MERGES[4][0], 2).body == "Body"
    assert read_mark(SINGLES[0][0], 1).body == "* one\n* two"


@pytest.mark.parametrize("files", ["Conflicts:\n\ta/b.py\n\tc", "# Conflicts:\n#\ta/b.py"])
def test_gits_list_of_conflicts_is_no_body(files: str) -> None:
    assert read_mark(f"Merge branch 'x'\n\n{files}", 2).body == ""
    assert read_mark(f"Merge branch 'x'\n\nWhy.\n\n{files}\n\nMore.", 2).body == "Why.\n\nMore."
    prose = "Conflicts:\n- with the other module"
    assert read_mark(f"Merge branch 'x'\n\n{prose}", 2).body == prose


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
        ("Merge branch '2.0.x'", True),
        ("Merge branch '1.0-maintenance'", True),
        ("Merge branch 'release/1.2' into main", True),
        ("Merging master", True),
        ("Merge main into topic", True),
        ("Merge branch 2.3.x", True),
        ("Merge branch 2.3.x of the parser", False),
        ("Merge main loop fixes", False),
        ("Merge branch '2fa'", False),
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


def test_a_squash_is_no_revert_because_one_of_its_commits_is() -> None:
    steps = '* One\n\n* Revert "One"\n\nThis reverts commit abc.\n\n* Two'
    assert read_mark(f"Fix x (#3)\n\n{steps}", 1).flags == ()
    assert read_mark(f'Revert "Fix x" (#3)\n\n{steps}', 1).flags == ("revert",)
    assert read_mark("Fix x (#3)\n\nThis reverts commit abc.", 1).flags == ("revert",)


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


LISTED = "* One\n\nwhy\n\n* Two\n\n---------\n\nCo-authored-by: Bo Example <bo@example.org>"


def test_a_squash_lists_its_commits() -> None:
    mark = read_mark(f"Fix x (#12)\n\n{LISTED}", 1)
    assert (mark.title, mark.body) == ("Fix x", "")
    assert mark.commit_messages == ("One\n\nwhy", "Two")
    assert read_mark(f"Merge pull request #1 from a/b\n\nX\n\n{LISTED}", 2).commit_messages == ()


@pytest.mark.parametrize(
    "body",
    [
        "* one\n* two",  # somebody's points
        "* one",
        "Does this:\n\n* one\n\n* two",
        "",
    ],
)
def test_points_are_no_commits(body: str) -> None:
    assert split_squash(body) == (body, ())


def test_nothing_is_said_twice() -> None:
    assert read_mark("Fix x (#1)\n\n* Fix x", 1).body == ""
    assert read_mark("Fix x (#1)\n\nFix x\n\nCo-authored-by: Bo <bo@example.org>", 1).body == ""
    assert read_mark("Fix x (#1)\n\nFix x as well", 1).body == "Fix x as well"
    gitlab = "Merge branch 'x' into 'main'\n\nFix x\n\nWhy.\n\nSee merge request a/b!8"
    assert read_mark(gitlab, 2).body == "Why."
    assert read_mark(gitlab, 2).branch == "x"


def test_titles_that_were_cut_are_whole_again() -> None:
    assert read_mark("Fix a long\u2026 (#1)\n\n\u2026 story\n\nWhy.", 1).title == "Fix a long story"
    assert read_mark("Fix a long\u2026 (#1)\n\n\u2026 story\n\nWhy.", 1).body == "Why."


@pytest.mark.parametrize(
    ("message", "parents", "reason", "tracker"),
    [
        (MERGES[0][0], 2, Reason.FORGE_MERGE_MESSAGE, Tracker.PULL),
        (MERGES[3][0], 2, Reason.FORGE_MERGE_MESSAGE, Tracker.PULL_REQUEST),
        (MERGES[4][0], 2, Reason.FORGE_MERGE_MESSAGE, Tracker.MERGE_REQUEST),
        (MERGES[6][0], 2, Reason.FORGE_MERGE_MESSAGE, Tracker.AZURE),
        ("Merge #1 #2", 2, Reason.SEVERAL_PULLS_IN_ONE, Tracker.PULL),
        ("Merge branch 'pr/954'", 2, Reason.NUMBER_IN_BRANCH_NAME, Tracker.PULL),
        ("Merged PR 41: Fix x", 1, Reason.FORGE_SQUASH_MESSAGE, Tracker.AZURE),
        ("Fix x (#12)", 1, Reason.NUMBER_IN_TITLE, Tracker.PULL),
        ("Backport fix x (#12)", 1, Reason.MAY_NAME_ORIGINAL, Tracker.PULL),
        ("Backport fix x (#11) (#12)", 1, Reason.NUMBER_IN_TITLE, Tracker.PULL),
        ("Backport fix x (#11)", 2, Reason.NUMBER_IN_TITLE, Tracker.PULL),
        ("Merge pull request #1 from a/b", 1, Reason.MERGE_IN_ONE_COMMIT, Tracker.PULL),
        ("Fix\n\nDifferential Revision: D7", 1, Reason.CHANGE_IN_TRAILER, Tracker.REVIEW),
        ("Fix x", 1, Reason.NO_MARK, Tracker.PULL),
    ],
)
def test_reasons(message: str, parents: int, reason: Reason, tracker: Tracker) -> None:
    mark = read_mark(message, parents)
    assert (mark.reason, mark.tracker) == (reason, tracker)


@pytest.mark.parametrize(
    "message",
    [
        "x" + " " * 200_000 + "y (#1",
        "\n" * 300_000 + "See merge",
        "Fix (#" + "1" * 300_000 + ")",
        "Fix\n\nSee merge request " + "a!" * 100_000,
        "Fix\n\nPR-URL: " + "/pull/" * 50_000 + "x",
        "Fix\n\nReviewed-on: https://" + "/1" * 100_000 + "x",
        "Fix\n\nDifferential Revision: " + "D1" * 100_000 + "x",
        "Fix (#1)\n\n" + "Co-authored-by: a\n" * 50_000 + "x",
        "Merge branch '" + "a/" * 100_000 + "pr/",
        "Merge pull request '" + "' (#1)" * 50_000,
        "Merge branch 'v" + "1.1" * 100_000 + "'",
        "Merge branch 'x'\n\n" + "Conflicts:\n" * 50_000 + "\ta\n" * 50_000,
    ],
)
def test_hostile_messages_are_read_in_linear_time(message: str) -> None:
    started = time.process_time()
    marks = [read_mark(message, parents) for parents in (1, 2)]
    assert time.process_time() - started < 2  # a quadratic reading takes minutes
    assert all((mark.number or 1) < 10**9 for mark in marks)
