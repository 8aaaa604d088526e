"""PR-Agent's ways with a patch, each with the text it gives; the parity test has the real ones."""

from __future__ import annotations

import pytest

from pullsmith.contracts.pr_agent.hunks import decoupled, read_header, without_trailing_deletions
from pullsmith.contracts.pr_agent.versions import Sections

MIXED = "@@ -1,2 +1,2 @@ def f\n a\n-b\n+c\n@@ -9,2 +9 @@\n-x\n y\n"


def text(patch: str, sections: Sections) -> str:
    return "".join(decoupled(patch, sections)).rstrip()


def test_a_count_that_git_leaves_out_is_read_as_none() -> None:
    header = read_header("@@ -7 +8,0 @@ x")
    assert header is not None
    assert (header.old_count, header.old_empty, header.new_count, header.new_empty) == (
        0,
        False,
        0,
        True,
    )
    assert read_header("@@@ -1 +1 @@") is None


@pytest.mark.parametrize(
    ("sections", "second"),
    [
        (Sections.BOTH, "__new hunk__\n9  y\n__old hunk__\n-x\n y"),
        (Sections.CHANGED, "__old hunk__\n-x\n y"),
        (Sections.NEW_ALWAYS, "__new hunk__\n9  y\n__old hunk__\n-x\n y"),
    ],
)
def test_the_halves_of_a_hunk(sections: Sections, second: str) -> None:
    first = "\n@@ -1,2 +1,2 @@ def f\n__new hunk__\n1  a\n2 +c\n__old hunk__\n a\n-b\n"
    assert text(MIXED, sections) == f"{first}\n@@ -9,2 +9 @@\n{second}"


def test_a_blank_last_new_line_loses_its_space_before_the_old_half() -> None:
    assert text("@@ -1,2 +1,2 @@\n-a\n+b\n \n", Sections.CHANGED).split("\n") == [
        "", "@@ -1,2 +1,2 @@", "__new hunk__", "1 +b", "2", "__old hunk__", "-a",
    ]  # fmt: skip


def test_lines_about_a_missing_newline_go_wherever_they_stand() -> None:
    patch = "@@ -1,2 +1,2 @@\n-a\n\\ No newline at end of file\n+b\n # no NEWLINE at end of file\n"
    assert text(patch, Sections.CHANGED) == (
        "\n@@ -1,2 +1,2 @@\n__new hunk__\n1 +b\n__old hunk__\n-a"
    )


def test_other_line_breaks_make_lines_and_shift_the_numbers() -> None:
    patch = "@@ -1,2 +1,3 @@\n a\x0cb\n+c\u2028d\n e\n"
    assert text(patch, Sections.CHANGED).split("\n")[3:] == ["1  a", "2 b", "3 +c", "4 d", "5  e"]


def test_only_deletions_behind_the_last_addition_are_left_out() -> None:
    deletes = "@@ -1 +0,0 @@\n-a\n"
    adds = "@@ -5 +4,2 @@\n b\n+c\n"
    assert without_trailing_deletions(deletes + adds + deletes) == (deletes + adds).rstrip("\n")
    assert without_trailing_deletions(deletes) == ""


def test_what_only_begins_like_a_header_is_left_out() -> None:
    patch = "@@ -1 +1,2 @@\n a\x0c@@ no header\n+b\n"
    assert text(patch, Sections.CHANGED) == "\n@@ -1 +1,2 @@\n__new hunk__\n1  a\n2 +b"
