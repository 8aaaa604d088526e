"""What is missing on a board is said, and nothing is said where nothing is missing."""

from __future__ import annotations

from pullsmith.report.gaps import gaps
from pullsmith.report.published import with_published
from tests.report.rows import judge, of, rate, row

AFTER = row("coder", better=rate(0.4))
BEFORE = row("coder", "before", better=rate(0.1))
TWO = (judge("one"), judge("two"))


def test_a_whole_board_has_no_gap() -> None:
    assert list(gaps(of(AFTER, BEFORE, row("rules", "none"), judges=TWO))) == []
    assert list(gaps(of())) == []


def test_one_judge_alone() -> None:
    (line,) = gaps(of(AFTER, BEFORE))
    assert line.startswith("rubric judged alone")


def test_a_phase_that_is_not_there() -> None:
    (line,) = gaps(of(AFTER, judges=TWO))
    assert line.startswith("coder has no answers from before its fine-tuning")
    (line,) = gaps(of(BEFORE, judges=TWO))
    assert line.startswith("coder has no answers from after its fine-tuning")


def test_a_reference_only() -> None:
    (line,) = gaps(of(row("rules", "none")))
    assert line.startswith("Nobody was compared")


def test_nothing_readable() -> None:
    blank = row("coder", better=rate(None, unreadable=7))
    (line,) = gaps(of(blank, BEFORE, judges=TWO))
    assert line == "No verdict on coder@after could be read, so it has no rate and no tier."


def test_a_set_the_model_may_know() -> None:
    made = row("coder", better=rate(0.4), cutoff="2023-03", before_cutoff_rate=0.25)
    (line,) = gaps(of(made, BEFORE, judges=TWO))
    assert line.startswith("25.0 % of the real pull requests are not newer than what coder learnt")
    newer = made.model_copy(update={"before_cutoff_rate": 0.0})
    assert list(gaps(of(newer, BEFORE, judges=TWO))) == []


def test_published_rows_are_pointed_out() -> None:
    (line,) = gaps(with_published(of(AFTER, BEFORE, judges=TWO)))
    assert "published 2024, not rerun" in line
