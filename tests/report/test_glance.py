"""The numbers at the head of the page say what is on the board, and nothing where there is nothing."""

from __future__ import annotations

from pullsmith.report.glance import Fact, facts
from tests.report.made import board as empty
from tests.report.many import board, board_of_thirty, row


def test_the_best_the_models_the_pull_requests_and_the_verdicts() -> None:
    found = {fact.name: fact for fact in facts(board_of_thirty())}
    assert found["Best, better than openai:ref"].value == "60.0 %"
    assert found["Models"] == Fact("Models", "15", "before and after fine-tuning")
    assert found["Verdicts"] == Fact("Verdicts", "54,000", "of 3 judges")


def test_those_in_its_tier_are_counted_with_the_best() -> None:
    rows = (row("a", "after", 0.5, 1), row("b", "after", 0.45, 1), row("c", "after", 0.1, 2))
    assert facts(board(rows))[0].note == "[45.0 to 55.0] a (after); 1 more in its tier"
    assert facts(board(rows[:1]))[0].note == "[45.0 to 55.0] a (after)"


def test_a_board_of_nobody_has_none() -> None:
    assert facts(empty()) == ()
