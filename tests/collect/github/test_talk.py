"""Reviews, threads, suggestions and closed issues, as records."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.collect.github.talk import suggestions_in
from pullsmith.records import LinkedIssue, Review
from tests.collect.github.asking import Asker
from tests.collect.github.forge import Forge, changing
from tests.collect.github.told import MERGE, SQUASH, Told, comment, issue


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("```suggestion\nx\n```", ("x",)),
        ("say\n\n```suggestion\n  x\n\ny\n```\nand\n~~~suggestion\nz\n~~~", ("  x\n\ny", "z")),
        ("```suggestion\n```", ("",)),
        ("```suggestion\n\n```", ("",)),
        ("````suggestion\n```\ncode\n```\n````", ("```\ncode\n```",)),
        ("   ```Suggestion \nx\n   ```", ("x",)),
        ("```suggestion\nnever closed", ("never closed",)),
        ("```python\nx\n```", ()),
        ("```\n```suggestion\nx\n```", ()),
        ("```suggestions\nx\n```", ()),
        ("    ```suggestion\nx\n```", ()),
        ("`suggestion`", ()),
        ("", ()),
    ],
)
def test_suggestion_blocks(body: str, expected: tuple[str, ...]) -> None:
    assert suggestions_in(body) == expected


@given(st.text(st.sampled_from("`~ \nsuggestion"), max_size=60))
def test_suggestions_are_whole_lines_of_the_body(body: str) -> None:
    for suggestion in suggestions_in(body):
        assert suggestion in body


def test_reviews_without_drafts_and_empty_ones(forge: Forge, work: Path) -> None:
    assert Asker(forge, work).records()[MERGE].reviews == (
        Review(author="cleo", state="approved", body="Fine.", written_at="2026-01-01T10:00:00Z"),
        Review(author="ghost", state="dismissed", body="", written_at="2026-01-01T10:00:00Z"),
    )


def test_threads_with_their_lines_state_and_suggestions(
    forge: Forge, told: Told, work: Path
) -> None:
    first, second, of_file = Asker(forge, work).records()[MERGE].threads
    head = told.at["one"]
    assert (first.path, first.start_line, first.end_line, first.side) == ("a.py", 5, 5, "new")
    assert (first.commit_sha, first.resolved, first.outdated) == (head, True, False)
    assert [(one.author, one.suggestions) for one in first.comments] == [
        ("cleo", ("four",)),
        ("ghost", ()),
    ]
    assert first.comments[0].body.startswith("Shorter:\n\n```suggestion\nfour\n```")
    assert (second.start_line, second.end_line, second.side) == (3, 5, "old")
    assert (second.commit_sha, second.resolved, second.outdated) == ("1" * 40, False, True)
    assert (of_file.start_line, of_file.end_line, of_file.outdated) == (None, None, False)


def test_without_a_token_the_lines_say_what_is_outdated(forge: Forge, work: Path) -> None:
    record = Asker(forge, work, {}).records()[MERGE]
    assert [(one.resolved, one.outdated) for one in record.threads] == [
        (None, False),
        (None, True),
        (None, False),
    ]
    assert record.closes == ()


def test_closed_issues(forge: Forge, work: Path) -> None:
    records = Asker(forge, work).records()
    assert records[MERGE].closes == (
        LinkedIssue(repository="127.0.0.1/ada/tool", number=9, title="One is wrong", body="Very."),
    )
    assert records[SQUASH].closes == ()


def test_more_threads_and_comments_than_a_page(forge: Forge, told: Told, work: Path) -> None:
    pull = forge.pulls[MERGE]
    pull.comments = [comment(n, told.at["one"]) for n in range(1, 152)]
    pull.threads = [
        {"isResolved": n == 151, "isOutdated": False,
         "comments": {"nodes": [{"url": f"https://x.example/#discussion_r{n}"}]}}
        for n in range(1, 152)
    ]  # fmt: skip
    for row in pull.comments:
        row["created_at"] = "2026-01-01T11:00:00Z"
    threads = Asker(forge, work).records()[MERGE].threads
    assert len(threads) == 151
    assert [one.resolved for one in threads[-2:]] == [False, True]


def test_a_comment_whose_first_is_gone_begins_a_thread(
    forge: Forge, told: Told, work: Path
) -> None:
    head = told.at["one"]
    forge.pulls[MERGE].comments = [
        comment(21, head, in_reply_to_id=20, body="a"),
        comment(22, head, in_reply_to_id=21, body="b"),
        comment(23, head, in_reply_to_id=23, body="names itself"),
    ]
    threads = Asker(forge, work).records()[MERGE].threads
    assert [[one.body for one in thread.comments] for thread in threads] == [
        ["a", "b"],
        ["names itself"],
    ]


def test_fewer_comments_than_counted_are_asked_for_again_then_flagged(
    forge: Forge, work: Path, tmp_path: Path
) -> None:
    forge.tricks = [changing("/1/comments$", lambda rows: rows[:2], times=1)]
    record = Asker(forge, work).records()[MERGE]
    assert (len(record.threads), record.flags) == (3, ())
    forge.tricks = [changing("/1/comments$", lambda rows: rows[:2])]
    other = tmp_path / "other"
    other.mkdir()
    record = Asker(forge, other).records()[MERGE]
    assert (len(record.threads), record.flags) == (2, ("talk_cut",))


def test_issues_have_words_only(forge: Forge, work: Path) -> None:
    forge.pulls[MERGE].closes = [{**issue(1), "title": " x "}]
    assert Asker(forge, work).records()[MERGE].closes[0].title == "x"
