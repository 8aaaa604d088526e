"""Long texts: what is left out is counted, what fits stays as it is."""

from __future__ import annotations

from pullsmith.report.shortened import Cut, cut, shortened


def test_what_is_too_long_ends_with_the_number_of_what_is_not_shown() -> None:
    assert shortened("x" * 1_000_000, 10) == "x" * 10 + " … 999,990 more characters"
    assert shortened("x" * 10, 10) == "x" * 10


def test_lines_are_cut_and_counted_and_end_at_newlines_only() -> None:
    assert cut("a\nb\rc\u2028d\ne\n", 2) == Cut(("a", "b\rc\u2028d"), 1)
    assert cut("a" * 5 + "\nb", 2, line_characters=3) == Cut(("aaa … 2 more characters", "b"))


def test_no_text_has_no_line() -> None:
    assert cut("", 3) == cut("\n\n", 3) == Cut(())
