"""The share of answers that say nothing: counted by tool and contract, drawn by id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.clean.shares import Made, drawn, empty_shares, says_nothing, too_many_empty
from pullsmith.contracts.answers import (
    AnswerValue,
    ChangeType,
    Describe,
    Improve,
    Spot,
)
from tests.clean.made import improve, review

EMPTY = review().model_copy(update={"key_issues_to_review": ()})


def made(name: str, value: AnswerValue, contract: str = "compact-1") -> Made:
    tool = "improve" if isinstance(value, Improve) else "review"
    return Made(name, tool, contract, says_nothing(value))


def group(empty: int, others: int) -> list[Made]:
    return [made(f"e{n}", EMPTY) for n in range(empty)] + [
        made(f"o{n}", review()) for n in range(others)
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (EMPTY, True),
        (review(), False),
        (Improve(code_suggestions=()), True),
        (improve("a", "b"), False),
        (Spot(issues=()), True),
        (Describe(type=(ChangeType.OTHER,), description="x", title="x", pr_files=()), None),
    ],
)
def test_what_says_nothing(value: AnswerValue, expected: bool | None) -> None:
    assert says_nothing(value) is expected


@given(st.integers(0, 30), st.integers(0, 30), st.sampled_from([0, 0.1, 0.25, 0.5, 0.9, 1]))
def test_the_share_is_reached_and_not_passed(empty: int, others: int, most: float) -> None:
    gone = too_many_empty(group(empty, others), most, seed=0)
    left = empty - len(gone)
    assert all(name.startswith("e") for name in gone)
    if most == 1:
        assert not gone
    elif others:
        assert left <= most * (left + others) + 1e-9
        assert left == empty or (left + 1) > most * (left + 1 + others) - 1e-9
    else:
        assert left == 0


def test_those_who_are_to_stay_stay_and_are_counted() -> None:
    gone = too_many_empty(group(6, 4), 0.5, seed=0, stay={"e0", "e1", "e2"})
    assert len(gone) == 2
    assert not gone.keys() & {"e0", "e1", "e2"}
    assert set(gone.values()) == {"6 of 10 say nothing, at most 0.5 wanted"}


def test_tools_and_contracts_are_counted_apart() -> None:
    some = [made("a", EMPTY), made("b", EMPTY, "native-1"), made("c", review())]
    some.append(made("d", improve("a", "b")))
    assert empty_shares(some) == {
        "empty share improve/compact-1": 0.0,
        "empty share review/compact-1": 0.5,
        "empty share review/native-1": 1.0,
    }
    assert set(too_many_empty(some, 0.5, seed=0)) == {"b"}


def test_a_draw_keeps_what_it_drew_when_more_is_there() -> None:
    few, many = ([f"n{n}" for n in range(count)] for count in (20, 40))
    assert drawn(few, 5, 0, "x") == drawn(few[::-1], 5, 0, "x") != drawn(few, 5, 1, "x")
    assert drawn(many, 10, 0, "x") & set(few) >= drawn(many, 5, 0, "x") & set(few)
