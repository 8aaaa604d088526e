"""Shown diffs: numbers, look-ups, and text that stays behind its sign."""

from __future__ import annotations

import pytest
from hypothesis import given

from pullsmith.diff.shown import ShownDiff, printable, unified, whole
from pullsmith.errors import PatchError
from pullsmith.records import ChangeStatus, Coverage, Cut, OmittedFile, ShownFile
from tests.contracts.builders import change, free_texts, pull_request

TWO_HUNKS = "@@ -4,3 +4,3 @@ def f\n x\n-y\n+z\n w\n@@ -20,0 +21,2 @@ class C\n+p\n+q\n"


def shown(coverage: Coverage | None = None) -> ShownDiff:
    subject = pull_request(
        change("a.py", TWO_HUNKS), change("b.py", "@@ -1 +0,0 @@\n-gone\n", status="D")
    )
    return ShownDiff.of(subject, coverage or whole(subject))


def covering(*files: tuple[str, tuple[int, ...]]) -> Coverage:
    return Coverage(shown=tuple(ShownFile(path=path, hunks=hunks) for path, hunks in files))


def test_lines_are_numbered_over_all_files_with_both_sides() -> None:
    rows = [(n.number, n.sign, n.text, n.path, n.old_line, n.new_line) for n in shown().lines]
    assert rows == [
        (1, " ", "x", "a.py", 4, 4),
        (2, "-", "y", "a.py", 5, None),
        (3, "+", "z", "a.py", None, 5),
        (4, " ", "w", "a.py", 6, 6),
        (5, "+", "p", "a.py", None, 21),
        (6, "+", "q", "a.py", None, 22),
        (7, "-", "gone", "b.py", 1, None),
    ]


def test_look_ups() -> None:
    diff = shown()
    assert diff.line(3) == diff.lines[2]
    assert diff.line(0) is None
    assert diff.line(8) is None
    assert [line.text for line in diff.new_lines("a.py", 5, 21)] == ["z", "w", "p"]
    assert diff.new_lines("b.py", 1, 9) == ()
    assert diff.new_lines("c.py", 1, 9) == ()
    assert [line.text for line in diff.new_side] == ["x", "z", "w", "p", "q"]
    found = diff.file("b.py")
    assert found is not None
    assert found.status is ChangeStatus.DELETED
    assert diff.file("c.py") is None


def test_a_coverage_shows_its_hunks_only_and_numbers_them_anew() -> None:
    diff = shown(covering(("b.py", (0,)), ("a.py", (1,))))
    assert [(line.number, line.text) for line in diff.lines] == [(1, "gone"), (2, "p"), (3, "q")]
    assert diff.files[1].hunks[0].section == "class C"


def test_files_that_are_not_shown_at_all_are_named_once() -> None:
    coverage = Coverage(
        shown=(ShownFile(path="a.py", hunks=(0,)),),
        omitted=(
            OmittedFile(path="a.py", reason="over_budget", hunks=(1,)),
            OmittedFile(path="b.py", reason="deleted_file", hunks=(0,)),
            OmittedFile(path="b.py", reason="over_budget"),
        ),
    )
    assert shown(coverage).omitted == ("b.py",)


@pytest.mark.parametrize(
    ("coverage", "message"),
    [
        (covering(("zzz.py", ())), "the coverage shows 'zzz.py', which is not in its files"),
        (covering(("a.py", (2,))), "hunk 2 of 'a.py', which has 2"),
    ],
)
def test_a_coverage_of_something_else_is_refused(coverage: Coverage, message: str) -> None:
    with pytest.raises(PatchError, match=message):
        shown(coverage)


def test_line_ends_marks_and_encodings() -> None:
    patch = "@@ -1,2 +1,2 @@\n-a\r\n+ä\r\n\n\\ No newline at end of file\n"
    subject = pull_request(change("a.py", patch, encoding="latin-1"))
    lines = ShownDiff.of(subject, whole(subject)).lines
    assert [(line.sign, line.text) for line in lines] == [("-", "a"), ("+", "ä"), (" ", "")]


def test_unified() -> None:
    assert unified(shown()) == (
        "## File: 'a.py'\n@@ -4,3 +4,3 @@ def f\n x\n-y\n+z\n w\n@@ -20,0 +21,2 @@ class C\n+p\n+q\n"
        "## File: 'b.py' (deleted)\n@@ -1,1 +0,0 @@\n-gone"
    )
    assert unified(ShownDiff(())) == ""


def test_unified_with_numbers_of_the_new_file_and_blanks_for_what_is_not_in_it() -> None:
    assert unified(shown(), numbers=True) == (
        "## File: 'a.py'\n@@ -4,3 +4,3 @@ def f\n 4  x\n   -y\n 5 +z\n 6  w\n"
        "@@ -20,0 +21,2 @@ class C\n21 +p\n22 +q\n"
        "## File: 'b.py' (deleted)\n@@ -1,1 +0,0 @@\n  -gone"
    )


def test_unified_says_what_happened_to_files_without_text() -> None:
    subject = pull_request(
        change("new.py", status="R", old_path="o\nld.py"),
        change("x", status="A", binary=True),
        change("l", status="T"),
    )
    assert unified(ShownDiff.of(subject, whole(subject))).split("\n") == [
        "## File: 'new.py' (renamed from 'o ld.py') (no text)",
        "## File: 'x' (added) (no text)",
        "## File: 'l' (type changed) (no text)",
    ]


@given(free_texts)
def test_printable_text_is_one_line_without_controls(text: str) -> None:
    out = printable(text)
    assert len(out.splitlines()) <= 1
    assert not any(ord(c) < 32 and c != "\t" for c in out)
    assert printable(out) == out


def test_printable_keeps_what_is_harmless() -> None:
    assert printable("a\tb é 😀 日本") == "a\tb é 😀 日本"
    assert printable("a\x1b[31mb\r\nc\x85d\x00") == "a\ufffd[31mb c d\ufffd"


def test_a_cut_hunk_shows_its_first_lines_and_counts_them() -> None:
    subject = pull_request(change("a.py", "@@ -1,3 +1,4 @@\n a\n-b\n+c\n+d\n e\n"))
    covered = ShownFile(path="a.py", hunks=(0,), cut=Cut(characters=40, lines=3))
    shown = ShownDiff.of(subject, Coverage(shown=(covered,)))
    assert [line.text for line in shown.lines] == ["a", "b", "c"]
    assert shown.files[0].hunks[0].header == "@@ -1,2 +1,2 @@"
