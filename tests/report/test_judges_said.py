"""What the board says against a judge: from where on, and what it leaves unsaid."""

from __future__ import annotations

import pytest

from pullsmith.report.board import Difference, Told
from pullsmith.report.words import shows
from tests.judged import study
from tests.report.made import board


def said(name: str, low: float, high: float) -> str:
    told = Told(
        name=name, judge="j", other="", entrant="", reference="", value=(low + high) / 2,
        low=low, high=high, count=100, pull_requests=50, degenerate=False,
    )  # fmt: skip
    lines = shows(board().model_copy(update={"statistics": (told,)}), study())
    return "\n".join(line for line in lines if line.startswith(("j ", "Two people")))


@pytest.mark.parametrize(
    ("name", "low", "high", "words"),
    [
        ("self_agreement", 0.6, 0.89, "j is noisy"),
        ("first_rate", 0.52, 0.6, "j favours what it is shown first"),
        ("people_agreement", 0.6, 0.8, "Two people who judged one pair said the same in "),
        ("first_rate", 0.4, 0.48, "j favours what it is shown second"),
        ("longer_rate", 0.52, 0.6, "j takes the longer answer more often"),
        ("own_family_preference", 0.02, 0.1, "j prefers its own family () more"),
    ],
)
def test_a_bias_is_said_where_its_interval_leaves_out_what_is_fair(
    name: str, low: float, high: float, words: str
) -> None:
    assert said(name, low, high).startswith(words)


def test_a_board_whose_judging_was_stopped_says_what_its_rates_are_worth() -> None:
    early, whole = (shows(board(), study(judging={"stop_early": on})) for on in (True, False))
    [line] = set(early) - set(whole)
    assert "not how far" in line


@pytest.mark.parametrize(
    ("detectable", "words"),
    [
        (0.126, "sees four times in five is about 12.6 points; 1 pair is compared."),
        (1.394, "too small to see any difference between two models four times in five"),
    ],
)
def test_what_a_study_can_see_is_said_as_points_or_as_nothing(
    detectable: float, words: str
) -> None:
    one = Difference(
        name="better_rate", entrant="a", other="b", reference="r", judge="all", tool="all",
        slice="all", difference=0.0, low=-0.1, high=0.1, prompts=3, pull_requests=1, p_value=1.0,
        adjusted_p=1.0, detectable=detectable, degenerate=False, resolved=False,
    )  # fmt: skip
    lines = shows(board().model_copy(update={"differences": (one,)}), study())
    assert any(words in line for line in lines)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("self_agreement", 0.7, 0.91),
        ("first_rate", 0.45, 0.55),
        ("longer_rate", 0.51, 0.7),  # outside of 95 %, inside of 99 %
        ("own_family_preference", 0.005, 0.1),
    ],
)
def test_what_may_be_chance_is_not_said(name: str, low: float, high: float) -> None:
    assert said(name, low, high) == ""
