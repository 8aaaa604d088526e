"""What a clone gives: bases, titles, flags, licences, limits and drops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from identify.vendor.licenses import LICENSES

from pullsmith.collect.source_git import Limits
from pullsmith.errors import SourceError
from pullsmith.records import HunkContext, PullRequest
from pullsmith.study.collect import Changes
from tests.collect.reading import Collected, collected
from tests.collect.repositories import FORGE, Teller, git, numbered

TEXTS = {spdx: text.encode() for spdx, text in LICENSES}
LIMITS = Limits(max_files=4, max_blob_bytes=2000)


def _read(folder: Path, teller: Teller, **settings: Any) -> Collected:
    teller.make(folder / "r.git")
    return collected(folder / "r.git", LIMITS, **settings)


def _by_number(found: Collected) -> dict[int | None, PullRequest]:
    return {one.number: one for one in found.pull_requests}


def test_a_merge_is_what_its_branch_did_not_what_main_did(tmp_path: Path) -> None:
    teller = Teller()
    root = teller.commit("Start", {"a.py": numbered(9), "b.py": numbered(9)})
    branch = teller.commit("First half", {"a.py": numbered(9, l2="two")}, root, ref="refs/x")
    main = teller.commit("Elsewhere", {"b.py": numbered(9, l8="main's")}, root)
    up = teller.commit(
        "Merge branch 'main' into x", {"b.py": numbered(9, l8="main's")}, branch, main, ref="refs/x"
    )
    head = teller.commit(
        "Second half", {"a.py": numbered(9, l2="two", l3="three")}, up, ref="refs/x"
    )
    merge = teller.commit(
        "Merge pull request #1 from ada/x\n\nChange a",
        {"a.py": numbered(9, l2="two", l3="three")},
        main,
        head,
    )
    ids = teller.make(tmp_path / "ids.git")
    one = _by_number(_read(tmp_path, teller))[1]
    assert [file.path for file in one.files] == ["a.py"]
    assert (
        one.files[0].patch
        == "@@ -1,6 +1,6 @@\n line 1\n-line 2\n-line 3\n+two\n+three\n line 4\n line 5\n line 6\n"
    )
    assert (one.base_sha, one.head_sha, one.merge_sha) == (ids[main], ids[head], ids[merge])
    assert one.commit_messages == ("First half", "Second half")
    assert (one.title, one.branch, one.evidence) == ("Change a", "ada/x", "gh_merge")
    assert one.id == f"local:{ids[root]}@{ids[merge]}"
    assert one.group == one.repository == f"local:{ids[root]}"
    assert one.merged_at == "2020-09-13T12:32:40Z"  # 1_600_000_000 + 6 * 60 seconds
    assert (one.author, one.defect, one.planted) == ("Ada Example", None, False)


def test_a_squash_is_parent_to_commit(tmp_path: Path) -> None:
    teller = Teller()
    root = teller.commit("Start", {"a.py": numbered(9)})
    squash = teller.commit(
        "Change a (#4)\n\nWhy.", {"a.py": numbered(9, l2="x")}, root, committer=FORGE
    )
    one = _by_number(_read(tmp_path, teller))[4]
    ids = git(tmp_path / "r.git", "rev-parse", "main~1", "main").decode().split()
    assert [one.base_sha, one.head_sha, one.merge_sha] == [ids[0], ids[1], ids[1]]
    assert (one.title, one.body, one.evidence) == ("Change a", "Why.", "squash")
    assert one.commit_messages == ()  # title and body say it all
    assert (one.confidence, one.confidence_reason) == (0.98, "forge_committer")
    assert squash == 2


def test_titles_where_the_merge_has_none(tmp_path: Path) -> None:
    teller = Teller()
    main = teller.commit("Start", {"a.py": numbered(9)})
    side = teller.commit("Only commit\n\nmore", {"a.py": numbered(9, l1="x")}, main, ref="refs/x")
    main = teller.commit(
        "Merge pull request #1 from a/x", {"a.py": numbered(9, l1="x")}, main, side
    )
    one = teller.commit("One", {"b.py": b"1\n"}, main, ref="refs/y")
    two = teller.commit("Two", {"b.py": b"2\n"}, one, ref="refs/y")
    teller.commit("Merge pull request #2 from a/y", {"b.py": b"2\n"}, main, two)
    found = _by_number(_read(tmp_path, teller))
    assert found[1].title == "Only commit"
    assert found[2].title == "Merge pull request #2 from a/y"


@pytest.mark.parametrize(
    ("title", "whole"),
    [
        ("Fix a lo\u2026", "Fix a long story"),
        ("Fix a lo...", "Fix a long story"),
        ("Fix another\u2026", "Fix another\u2026"),
        ("Fix a lo", "Fix a lo"),
    ],
)
def test_a_cut_title_is_whole_in_one_of_the_commits(tmp_path: Path, title: str, whole: str) -> None:
    teller = Teller()
    main = teller.commit("Start", {"a.py": b"1\n"})
    side = teller.commit("Other", {"a.py": b"2\n"}, main, ref="refs/x")
    side = teller.commit("Fix a long story\n\nmore", {"a.py": b"3\n"}, side, ref="refs/x")
    merge = f"Merge pull request #1 from a/x\n\n{title}"
    main = teller.commit(merge, {"a.py": b"3\n"}, main, side)
    squash = f"{title} (#2)\n\n* Other\n\n* Fix a long story\n\nmore"
    teller.commit(squash, {"a.py": b"4\n"}, main, committer=FORGE)
    found = _by_number(_read(tmp_path, teller))
    assert [found[1].title, found[2].title] == [whole, whole]


def test_a_hand_merge_is_titled_by_its_only_commit(tmp_path: Path) -> None:
    teller = Teller()
    main = teller.commit("Start", {"a.py": b"1\n"})
    side = teller.commit("Fix x\n\nmore", {"a.py": b"2\n"}, main, ref="refs/pull/1/head")
    main = teller.commit("Merge branch 'x' of git.example.org:a/x", {"a.py": b"2\n"}, main, side)
    side = teller.commit("One", {"a.py": b"3\n"}, main, ref="refs/pull/2/head")
    side = teller.commit("Two", {"a.py": b"4\n"}, side, ref="refs/pull/2/head")
    teller.commit("Merge branch 'y'", {"a.py": b"4\n"}, main, side)
    found = _by_number(_read(tmp_path, teller))
    assert (found[1].title, found[1].branch) == ("Fix x", "x")
    assert (found[2].title, found[2].branch) == ("Merge branch 'y'", "y")


def _squashes(count: int, committer: tuple[str, str], plain: int = 0) -> Teller:
    teller = Teller()
    main = teller.commit("Start", {"a.py": b"0\n"})
    for number in range(1, count + 1):
        main = teller.commit(
            f"Change (#{number})", {"a.py": b"%d\n" % number}, main, committer=committer
        )
    for number in range(plain):
        main = teller.commit(f"Plain {number}", {"b.py": b"%d\n" % number}, main)
    return teller


def test_numbers_without_a_forge_are_no_pull_requests(tmp_path: Path) -> None:
    """Some trackers write issue numbers so; then each commit is a change of its own."""
    found = _read(tmp_path, _squashes(12, ("Ada Example", "ada@example.org")))
    assert {one.evidence for one in found.pull_requests} == {"first_parent"}
    assert {one.number for one in found.pull_requests} == {None}
    assert found.pull_requests[0].title == "Change (#12)"
    with_forge = _read(tmp_path / "b", _squashes(12, FORGE))
    assert {one.evidence for one in with_forge.pull_requests} == {"squash"}


@pytest.mark.parametrize(
    ("marked", "plain", "expected"),
    [
        (9, 36, 9),  # 9 of 45 commits: exactly a fifth
        (9, 37, 46),  # less than a fifth, and fewer than ten
        (10, 60, 10),  # ten are enough in any company
        (0, 5, 5),
    ],
)
def test_auto_takes_marks_where_there_are_enough(
    tmp_path: Path, marked: int, plain: int, expected: int
) -> None:
    found = _read(tmp_path, _squashes(marked, FORGE, plain))
    assert len(found.pull_requests) == expected


def test_asked_for_changes(tmp_path: Path) -> None:
    teller = _squashes(12, FORGE, plain=3)
    every = _read(tmp_path, teller, changes=Changes.FIRST_PARENT)
    marked = _read(tmp_path, teller, changes=Changes.PULL_REQUESTS)
    assert (len(every.pull_requests), len(marked.pull_requests)) == (15, 12)
    assert [one.number for one in every.pull_requests[3:]] == list(range(12, 0, -1))
    with pytest.raises(SourceError, match="first-parent"):
        _read(tmp_path / "none", _squashes(0, FORGE, plain=3), changes=Changes.PULL_REQUESTS)


def test_limit_takes_the_newest(tmp_path: Path) -> None:
    found = _read(tmp_path, _squashes(12, FORGE), limit=3)
    assert [one.number for one in found.pull_requests] == [12, 11, 10]
    assert found.considered == 3


def test_context_is_read_with_the_patches_and_changes_nothing_else(tmp_path: Path) -> None:
    teller = Teller()
    root = teller.commit("Start", {"a.py": numbered(30)})
    teller.commit("Change a", {"a.py": numbered(30, l10="x", l14="y")}, root)
    plain = _read(tmp_path, teller).pull_requests
    asked = Limits(LIMITS.max_files, LIMITS.max_blob_bytes, context_lines=4)
    (wide,) = collected(tmp_path / "r.git", asked).pull_requests
    (file,) = wide.files
    assert file.context == (
        HunkContext(
            before=("line 3", "line 4", "line 5", "line 6"),
            after=("line 18", "line 19", "line 20", "line 21"),
        ),
    )
    without = file.model_copy(update={"context": None})
    assert (wide.model_copy(update={"files": (without,)}),) == plain


def test_what_is_dropped_and_why(tmp_path: Path) -> None:
    teller = Teller()
    main = teller.commit("Start", {"a.py": b"0\n"})
    main = teller.commit("Many (#1)", {f"f{n}.py": b"x\n" for n in range(5)}, main, committer=FORGE)
    main = teller.commit("Few (#2)", {f"g{n}.py": b"x\n" for n in range(4)}, main, committer=FORGE)
    main = teller.commit("Large (#3)", {"large.py": b"x" * 2001}, main, committer=FORGE)
    main = teller.commit("Small (#4)", {"small.py": b"x" * 2000}, main, committer=FORGE)
    main = teller.commit("Nothing (#5)", {}, main, committer=FORGE)
    other = teller.commit("Elsewhere", {"z.py": b"z\n"}, ref="refs/z")
    main = teller.commit("Merge pull request #6 from a/z", {}, main, other)
    sides = [teller.commit(f"Side {n}", {f"s{n}": b"s\n"}, main, ref=f"refs/s{n}") for n in (1, 2)]
    main = teller.commit("Merge pull request #7 from a/octopus", {}, main, *sides)
    teller.commit("Merge branch 'main' of git.example.org:a/b", {}, main, sides[0])
    found = _read(tmp_path, teller, changes=Changes.FIRST_PARENT)
    assert {one.number for one in found.pull_requests} == {2, 4}
    reasons = {one.record_id.partition("@")[2]: one.reason for one in found.drops}
    assert sorted(reasons.values()) == [
        "blob_too_large", "empty", "no_base", "octopus", "too_many_files", "up_merge"
    ]  # fmt: skip
    kept = next(one for one in found.drops if one.reason == "too_many_files")
    assert kept.detail == "5 files"
    assert '"number":1' in kept.record_json
    assert kept.id.startswith("collect!local:")


def test_licence_is_the_one_at_the_base(tmp_path: Path) -> None:
    teller = Teller()
    main = teller.commit("Start", {"a.py": b"0\n", "LICENSE": TEXTS["MIT"], "src/LICENSE": b"x"})
    main = teller.commit(
        "New licence (#1)", {"LICENSE": TEXTS["Apache-2.0"]}, main, committer=FORGE
    )
    main = teller.commit("After (#2)", {"a.py": b"1\n"}, main, committer=FORGE)
    main = teller.commit("Own (#3)", {"LICENSE": b"Ask me.\n"}, main, committer=FORGE)
    main = teller.commit("Gone (#4)", {"LICENSE": None, "a.py": b"2\n"}, main, committer=FORGE)
    main = teller.commit("None (#5)", {"LICENSES/MIT.txt": TEXTS["MIT"]}, main, committer=FORGE)
    main = teller.commit("Folder (#6)", {"LICENSES/b": TEXTS["ISC"]}, main, committer=FORGE)
    main = teller.commit("Two (#7)", {"LICENSES/c": b"Ask me.\n"}, main, committer=FORGE)
    teller.commit("Three (#8)", {"a.py": b"3\n"}, main, committer=FORGE)
    teller.make(tmp_path / "r.git")
    limits = Limits(max_files=4, max_blob_bytes=1 << 20)
    found = _by_number(collected(tmp_path / "r.git", limits))
    spdx = {number: one.licence.spdx if one.licence else "-" for number, one in found.items()}
    assert spdx == {
        1: "MIT", 2: "Apache-2.0", 3: "Apache-2.0", 4: None, 5: "-", 6: "MIT", 7: "ISC AND MIT", 8: None
    }  # fmt: skip
    first = found[1].licence
    assert first is not None
    assert (first.files[0].path, first.found_at) == ("LICENSE", found[1].base_sha)


def test_flags_and_authors(tmp_path: Path) -> None:
    teller = Teller()
    main = teller.commit("Start", {"a.py": b"0\n"})
    bot = ("updater[bot]", "1+updater[bot]@users.example.org")
    main = teller.commit("Bump (#1)", {"a.py": b"1\n"}, main, author=bot, committer=FORGE)
    main = teller.commit('Revert "Bump" (#2)', {"a.py": b"0\n"}, main, committer=FORGE)
    side = teller.commit("By a bot", {"a.py": b"3\n"}, main, author=bot, ref="refs/x")
    main = teller.commit("Merge pull request #3 from b/x", {"a.py": b"3\n"}, main, side)
    teller.commit(
        b"Caf\xe9 (#4)",
        {"a.py": b"4\n"},
        main,
        author=("Bo\u0308", "b@example.org"),
        committer=FORGE,
    )
    found = _by_number(_read(tmp_path, teller))
    assert [found[n].flags for n in (1, 2, 3, 4)] == [("bot",), ("revert",), ("bot",), ()]
    assert found[3].author == "updater[bot]"
    assert (found[4].title, found[4].author) == ("Caf\xe9", "Bo\u0308")


def test_name_comes_from_the_address(tmp_path: Path) -> None:
    teller = _squashes(2, FORGE)
    teller.make(tmp_path / "r.git")
    git(
        tmp_path / "r.git",
        "config",
        "remote.origin.url",
        "https://me:pw@git.example.org/ada/tool.git",
    )
    found = collected(tmp_path / "r.git", LIMITS)
    assert {one.repository for one in found.pull_requests} == {"git.example.org/ada/tool"}
    assert "pw" not in found.pull_requests[0].model_dump_json()
