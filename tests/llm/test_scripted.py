"""The test double does what it is told, and remembers."""

from __future__ import annotations

import asyncio

import pytest

from pullsmith.llm.protocol import AttemptError, Fault
from pullsmith.llm.scripted import ScriptedModel, Turn, saying
from pullsmith.records import Outcome
from tests.llm.asked import request


def test_a_list_is_gone_through_and_its_last_turn_repeated() -> None:
    model = ScriptedModel([Turn("a"), Turn("b c", Outcome.CUT)])
    said = [asyncio.run(model.complete(request(text))) for text in ("x", "y z", "w")]
    assert [each.text for each in said] == ["a", "b c", "b c"]
    assert [each.outcome for each in said] == [Outcome.OK, Outcome.CUT, Outcome.CUT]
    assert (said[1].input_tokens, said[1].output_tokens) == (2, 2)
    assert [each.messages[0].content for each in model.asked] == ["x", "y z", "w"]


def test_a_function_sees_the_request() -> None:
    model = ScriptedModel(lambda asked: Turn(asked.messages[0].content.upper()))
    assert asyncio.run(model.complete(request("loud"))).text == "LOUD"


def test_a_fault_is_raised_and_remembered() -> None:
    model = ScriptedModel([Turn(fault=Fault.RATE_LIMITED, retry_after_seconds=3)])
    with pytest.raises(AttemptError, match="scripted rate_limited") as caught:
        asyncio.run(model.complete(request("x")))
    assert caught.value.retry_after_seconds == 3
    assert len(model.asked) == 1


def test_an_empty_script_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one turn"):
        ScriptedModel([])


@pytest.mark.parametrize(("text", "outcome"), [("hello", Outcome.OK), (" ", Outcome.EMPTY)])
def test_saying_one_thing(text: str, outcome: Outcome) -> None:
    completion = asyncio.run(saying(text).complete(request("x")))
    assert (completion.text, completion.outcome) == (text, outcome)
