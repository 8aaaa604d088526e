"""Lines added around a hunk, with what a record keeps of the old file."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pullsmith.contracts.pr_agent.extend import Reach, extended, extended_nothing
from pullsmith.contracts.pr_agent.versions import Extension
from pullsmith.records import HunkContext

SIGNED = Reach(before=3, after=1, dynamic=0, style=Extension.SIGNED)
CHECKED = Reach(before=3, after=1, dynamic=8, style=Extension.CHECKED)
BARE = Reach(before=1, after=1, dynamic=0, style=Extension.BARE)
OLD = [f"line {number}" for number in range(1, 31)]


def around(*lines: tuple[int, int], old: Sequence[str] = OLD, keep: int = 10) -> list[HunkContext]:
    """For hunks from old line x to y, both shown."""
    return [
        HunkContext(before=tuple(old[max(0, x - 1 - keep) : x - 1]), after=tuple(old[y : y + keep]))
        for x, y in lines
    ]


def test_lines_are_added_above_and_below() -> None:
    patch = "@@ -10,3 +10,3 @@ def f\n line 10\n-line 11\n+new\n line 12\n"
    assert extended(patch, around((10, 12)), SIGNED) == (
        "\n@@ -7,7 +7,7 @@ def f\n line 7\n line 8\n line 9\n line 10\n-line 11\n+new\n line 12\n line 13"
    )


def test_a_section_that_is_among_them_is_taken_off_the_header() -> None:
    patch = "@@ -10,2 +10,1 @@ line 8\n line 10\n-line 11\n"
    text = extended(patch, around((10, 11)), SIGNED)
    assert text is not None
    assert text.startswith("\n@@ -7,6 +7,5 @@ \n line 7\n")


def test_nothing_is_added_beyond_the_ends_of_the_file() -> None:
    patch = "@@ -2,3 +2,2 @@\n b\n-c\n d\n"
    text = extended(patch, around((2, 4), old=["a", "b", "c", "d"]), SIGNED)
    assert text == "\n@@ -1,4 +1,3 @@ \n a\n b\n-c\n d"


def test_a_count_left_out_repeats_the_hunks_own_line() -> None:
    text = extended("@@ -10 +10 @@\n-line 10\n+new\n", around((10, 10)), SIGNED)
    assert text == ("\n@@ -7,4 +7,4 @@ \n line 7\n line 8\n line 9\n-line 10\n+new\n line 10")


def test_too_little_context_is_no_context() -> None:
    patch = "@@ -10,3 +10,2 @@\n line 10\n-line 11\n line 12\n"
    assert extended(patch, around((10, 12), keep=2), SIGNED) is None
    assert extended(patch, around((10, 12), keep=3), SIGNED) is not None
    assert extended(patch, [], SIGNED) is None


def test_other_line_breaks_above_shift_the_lines_up() -> None:
    patch = "@@ -10,3 +10,2 @@\n line 10\n-line 11\n line 12\n"
    context = [around((10, 12))[0].model_copy(update={"breaks_above": 2})]
    text = extended(patch, context, SIGNED)
    assert text is not None
    assert text.split("\n")[2:5] == [" line 5", " line 6", " line 7"]
    assert text.endswith(" line 12\n line 11")
    inside = [around((10, 12), old=[*OLD[:8], "a\x0cb", *OLD[9:]])[0]]
    shifted = extended(patch, inside, SIGNED)
    assert shifted is not None
    assert shifted.split("\n")[2:5] == [" line 7", " line 8", " a"]


@pytest.mark.parametrize(
    ("section", "first"), [("line 4", "@@ -4,10 +4,9 @@ "), ("far", "@@ -7,7 +7,6 @@ far"), ("", "@@ -2,12 +2,11 @@ ")]
)  # fmt: skip
def test_an_enclosing_function_is_looked_for(section: str, first: str) -> None:
    patch = f"@@ -10,3 +10,2 @@ {section}\n line 10\n-line 11\n line 12\n"
    text = extended(patch, around((10, 12)), CHECKED)
    assert text is not None
    assert text.split("\n")[1] == first


def test_nothing_is_added_where_the_new_file_differs_above() -> None:
    """The second hunk's lines above hold the first one's change, so old and new do not agree."""
    patch = "@@ -5,1 +5,2 @@\n line 5\n+new\n@@ -7,3 +8,2 @@ x\n line 7\n-line 8\n line 9\n"
    text = extended(patch, around((5, 5), (7, 9)), CHECKED)
    assert text is not None
    assert "\n\n@@ -7,3 +8,2 @@ x\n line 7\n-line 8" in text


def test_a_hunk_that_is_not_where_it_says_is_left_alone() -> None:
    patch = "@@ -10,3 +10,2 @@ x\n other\n-line 11\n line 12\n"
    context = [around((10, 12))[0].model_copy(update={"breaks_above": 1})]
    assert extended(patch, context, CHECKED) == (
        "\n@@ -10,3 +10,2 @@ x\n other\n-line 11\n line 12"
    )


def test_the_oldest_version_adds_lines_without_a_sign_and_counts_any() -> None:
    patch = "@@ -2,3 +2,2 @@\n b\n-c\n d\n"
    text = extended(patch, around((2, 4), old=["a", "b", "c", "d"]), BARE)
    assert text == "@@ -1,5 +1,4 @@ \na\n b\n-c\n d"
    assert extended_nothing("@@ -0,0 +1,2 @@\n+a\n+b\n", BARE) == "@@ -1,0 +1,3 @@ \n+a\n+b"
