"""Each rule of clean: what it rejects, for which reason, and a twin it keeps."""

from __future__ import annotations

from typing import Any

import pytest

from pullsmith.clean.rules import (
    Subject,
    duplicate,
    low_score,
    no_op,
    not_ok,
    over_limit,
    over_word_limit,
    target_too_long,
    ungrounded,
)
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.grounding import Fault
from pullsmith.records import Message, Outcome
from pullsmith.study.clean import CleanSettings
from pullsmith.tokens import count_tokens
from tests.clean.made import answer, improve, review, subject

ON, OFF = CleanSettings(), CleanSettings(grounded=False, no_ops=False, duplicates=False)
RULE_OF = {
    **dict.fromkeys(Fault, ungrounded),
    **dict.fromkeys((Fault.NO_OP, Fault.ALREADY_APPLIED), no_op),
    **dict.fromkeys(
        (Fault.DUPLICATE_FILE, Fault.DUPLICATE_ISSUE, Fault.DUPLICATE_SUGGESTION), duplicate
    ),
}


def faulty(*faults: str) -> Subject:
    return subject(review(), faults=faults)


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.OK])
def test_every_outcome_but_ok_is_a_reason_of_its_own(outcome: Outcome) -> None:
    reason = not_ok(answer(None, outcome=outcome, fault="why"))
    assert reason is not None
    assert (reason.code, reason.detail) == (outcome.value, "why")
    assert not_ok(answer(None)) is None


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_is_dropped_by_one_rule_under_its_own_name(fault: Fault) -> None:
    found = faulty(f"{fault}: a.py", f"{fault}: b.py")
    rule = RULE_OF[fault]
    reason = rule(found, ON)
    assert reason is not None
    assert (reason.code, reason.detail) == (fault.value, f"{fault}: a.py; {fault}: b.py")
    for other in {ungrounded, no_op, duplicate} - {rule}:
        assert other(found, ON) is None
    assert rule(found, OFF) is None
    assert rule(faulty(), ON) is None


def test_a_text_that_wins_by_length_is_dropped() -> None:
    long, twin = (
        improve("b = 2", "b = 3", suggestion_content="word " * count) for count in (400, 200)
    )
    reason = over_limit(subject(long), ON)
    assert reason is not None
    assert (reason.code, reason.detail) == ("over_limit", "too_long: suggestion_content")
    assert over_limit(subject(twin), ON) is None
    assert over_limit(subject(long), CleanSettings(limits=False)) is None


@pytest.mark.parametrize("who", ["reflect", "judge"])
def test_a_score_below_the_threshold_is_dropped_and_none_is_kept(who: str) -> None:
    settings: dict[str, Any] = {f"min_{who}_score": 5}
    wanted = CleanSettings(**settings)

    def scored(score: float) -> Subject:
        changes: dict[str, Any] = {f"{who}_score": score}
        return subject(review(), **changes)

    reason = low_score(scored(4.5), wanted)
    assert reason is not None
    assert (reason.code, reason.detail) == (f"low_{who}_score", "4.5, at least 5 wanted")
    assert low_score(scored(5.0), wanted) is None
    assert low_score(subject(review()), wanted) is None
    assert low_score(scored(4.5), ON) is None


def test_a_target_may_be_as_long_as_the_limit() -> None:
    settings = CleanSettings(max_target_characters=3)
    assert target_too_long((), "abc", settings) is None
    reason = target_too_long((), "abcd", settings)
    assert reason is not None
    assert (reason.code, reason.detail) == ("target_too_long", "4 characters, at most 3 wanted")


def test_prompt_and_target_together_may_be_as_long_as_the_token_limit() -> None:
    messages = (Message(role="system", content="some words"), Message(role="user", content="more"))
    tokens = sum(count_tokens(text) for text in ("some words", "more", "a target"))
    assert target_too_long(messages, "a target", CleanSettings(max_example_tokens=tokens)) is None
    reason = target_too_long(messages, "a target", CleanSettings(max_example_tokens=tokens - 1))
    assert reason is not None
    assert reason.code == "example_too_long"


def test_more_words_than_the_contract_asks_for_are_dropped_where_that_is_wanted() -> None:
    """2026-04 asks for a summary of six words."""
    contract, strict = find_contract("pr-agent-2026-04"), CleanSettings(word_limits=True)

    def found(summary: str, name: str, settings: CleanSettings) -> str:
        made = subject(improve("b = 2", "b = 3", one_sentence_summary=summary))
        reason = over_word_limit(find_contract(name), made.task, made.value, settings)
        return f"{reason.code} {reason.detail}" if reason else ""

    assert found("a b c d e f g", contract.id, strict) == (
        "over_word_limit too_many_words: code_suggestions.0.one_sentence_summary: 7 of 6"
    )
    assert found("a b c d e f", contract.id, strict) == ""
    assert found("a b c d e f g", contract.id, ON) == ""
    assert found("a b c d e f g", "native-1", strict) == ""
