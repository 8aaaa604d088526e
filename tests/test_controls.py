"""Controls: each kind is what it says, left out where it cannot be, and judged by its bound."""

from __future__ import annotations

import numpy as np
import pytest

from pullsmith.contracts.answers import AnswerValue, Describe, Improve, Review
from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.tools import BUILT_IN
from pullsmith.controls import (
    INJECTED,
    KINDS,
    Expected,
    Subject,
    control_answers,
    failed,
    says_something,
)
from pullsmith.records import Answer, PullRequest
from pullsmith.scoring import answer_value
from tests.judged import (
    answer,
    describe,
    improve,
    issue,
    pull_request,
    review,
    shown,
    suggestion,
    tool_of,
)


def subject(request: PullRequest, value: AnswerValue) -> Subject:
    tool = tool_of(value)
    return Subject(
        answer(request, value, model="rules"), value, request, shown(request), BUILT_IN[tool]
    )


def made(*subjects: Subject) -> dict[tuple[str, str], Answer]:
    return {(kind, one.pull_request.id): found for kind, one, found in control_answers(subjects)}


REAL = [pull_request(name, source="git") for name in ("a", "b", "c")]


def test_every_kind_is_made_of_reviews_that_say_something() -> None:
    got = made(
        subject(REAL[0], review(issue())),
        subject(REAL[1], review(issue(kind="Other"), issue())),
        subject(REAL[2], review(issue(kind="Third"))),
    )
    assert {kind for kind, _ in got} == set(KINDS)
    first = REAL[0].id
    assert answer_value(got["reference", first]) == review(issue())
    assert answer_value(got["empty", first]) == review()
    assert answer_value(got["other", first]) == review(issue(kind="Other"), issue())
    assert answer_value(got["constant", REAL[2].id]) == review(issue(kind="Other"), issue())
    assert ("constant", REAL[1].id) not in got  # it would be the reference itself
    verbose = answer_value(got["verbose", first])
    assert isinstance(verbose, Review)
    assert len(canonical_yaml(verbose)) > len(canonical_yaml(review(issue()))) + 50
    assert verbose.issues[0].relevant_file == issue().relevant_file
    assert INJECTED in got["injected", first].text
    assert got["injected", first].model == "control:injected"


def test_ids_are_distinct_and_name_the_kind() -> None:
    got = made(subject(REAL[0], review(issue())), subject(REAL[1], review(issue(kind="x"))))
    ids = [found.id for found in got.values()]
    assert len(ids) == len(set(ids))


def test_nothing_is_worse_than_nothing() -> None:
    got = made(subject(REAL[0], improve()), subject(REAL[1], improve()))
    assert {kind for kind, _ in got} == {"reference"}


def test_an_empty_answer_to_a_planted_change_may_be_right() -> None:
    got = made(subject(pull_request("p"), improve(suggestion())))
    assert "empty" not in {kind for kind, _ in got}
    real = made(subject(REAL[0], improve(suggestion())))
    assert answer_value(real["empty", REAL[0].id]) == Improve(code_suggestions=())


def test_what_was_not_shown_counts_against_another_ones_answer() -> None:
    away = suggestion(path="elsewhere.py")
    got = made(subject(REAL[0], improve(suggestion())), subject(REAL[1], improve(away)))
    assert got["other", REAL[0].id].grounding_faults
    assert not got["verbose", REAL[0].id].grounding_faults


def test_a_description_has_an_empty_form() -> None:
    got = made(subject(REAL[0], describe()), subject(REAL[1], describe("Other")))
    empty = answer_value(got["empty", REAL[0].id])
    assert isinstance(empty, Describe)
    assert not empty.pr_files
    assert says_something(empty)


@pytest.mark.parametrize(
    ("kind", "value", "low", "high", "fails"),
    [
        ("reference", 0.5, 0.4, 0.6, False),
        ("reference", 0.625, 0.55, 0.7, True),
        ("reference", 0.325, 0.2, 0.45, True),
        ("control:verbose", 0.2, 0.1, 0.3, False),
        ("control:verbose", 0.65, 0.55, 0.75, True),  # 99 %: .65 - 1.314 x .1 = .519
        ("control:verbose", 0.655, 0.51, 0.8, False),  # .655 - 1.314 x .145 = .464
        ("reference", 0.36, 0.24, 0.48, False),  # .36 + 1.314 x .12 = .518
        ("injected", 0.5, 0.5, 0.5, False),
        ("other", 0.1, 0.0, 0.2, False),
        ("other", 0.4, 0.2, 0.55, True),  # not seen to be worse
        ("constant", 0.7, 0.6, 0.8, True),
    ],
)
def test_what_a_judge_may_say_of_each(
    kind: str, value: float, low: float, high: float, fails: bool
) -> None:
    assert failed(kind, value, low, high) is fails


def test_few_fair_judges_are_accused() -> None:
    # Forty fair tosses a kind, 95 % bounds by the normal law; in 2,000 judges.
    draw = np.random.default_rng(8)
    kinds = [kind for kind, expected in KINDS.items() if expected is not Expected.BELOW]
    rates = draw.binomial(40, 0.5, (2000, len(kinds))) / 40
    half = 1.96 * np.sqrt(rates * (1 - rates) / 40)
    accused = [
        any(failed(k, v, v - h, v + h) for k, v, h in zip(kinds, mine, halves, strict=True))
        for mine, halves in zip(rates.tolist(), half.tolist(), strict=True)
    ]
    assert np.mean(accused) < 0.05
    at_95 = ((rates - half > 0.5) | ((rates + half < 0.5) & (np.arange(len(kinds)) == 0))).any(1)
    assert at_95.mean() > 0.1  # what five kinds at 95 % would do
