"""Anthropic's messages: what is sent, what is read, and which fault means what."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from pullsmith.errors import MissingExtraError, OutsideError, StudyError
from pullsmith.llm.anthropic_api import ANTHROPIC_BASE, ANTHROPIC_KEY, AnthropicModel
from pullsmith.llm.door import Door
from pullsmith.llm.journal import Journal
from pullsmith.llm.protocol import Completion
from pullsmith.models.names import parse_model_name
from pullsmith.records import Message, Outcome
from tests.llm.asked import Sleeps, request, role
from tests.llm.server import Behaviour, Call, How, Reply, Server

NAME = parse_model_name("anthropic:claude-small")


def said(text: str, stop: str = "end_turn") -> Reply:
    body = {
        "id": "msg", "type": "message", "role": "assistant", "model": "m", "stop_reason": stop,
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": text}],
        "usage": {"input_tokens": 7, "cache_read_input_tokens": 2, "output_tokens": 3},
    }  # fmt: skip
    return Reply(body=json.dumps(body).encode())


def failure(status: int, kind: str, message: str = "said so", *headers: str) -> Reply:
    body = {"type": "error", "error": {"type": kind, "message": message}}
    return Reply(status, json.dumps(body).encode(), headers)


def asked(
    path: Path, behaviour: Behaviour, **changes: Any
) -> tuple[Completion, Server, list[float]]:
    sleeps = Sleeps()

    async def run() -> tuple[Completion, Server]:
        async with Server(behaviour) as server:
            environ = {ANTHROPIC_KEY: "hush-7", ANTHROPIC_BASE: server.url.removesuffix("/v1")}
            model = AnthropicModel(NAME, environ=environ)
            call = request("one", NAME.text, **changes)
            door = Door(path / "j", sleep=sleeps)
            try:
                (answer,) = await door.complete_all(model, [call], role(NAME.text, tries=2))
            finally:
                await model.close()
            return answer, server

    answer, server = asyncio.run(run())
    return answer, server, sleeps.seconds


def test_an_answer_with_its_tokens_and_its_price(tmp_path: Path) -> None:
    messages = (
        Message(role="system", content="be brief"),
        Message(role="user", content="one"),
    )
    options = '{"output_config":{"effort":"low"}}'
    answer, server, _ = asked(
        tmp_path, lambda _: said("hello"), messages=messages, options_json=options
    )
    assert (answer.outcome, answer.text) == (Outcome.OK, "hello")
    assert (answer.input_tokens, answer.output_tokens) == (9, 3)
    assert answer.cost_usd is None  # no model of that name has a price
    assert server.calls[0].body == {
        "model": "claude-small", "max_tokens": 2048, "temperature": 0.0, "system": "be brief",
        "messages": [{"role": "user", "content": "one"}], "output_config": {"effort": "low"},
    }  # fmt: skip
    for file in tmp_path.iterdir():
        assert b"hush-7" not in file.read_bytes()


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (said("half of", "max_tokens"), Outcome.CUT),
        (said("", "refusal"), Outcome.REFUSED),
        (failure(400, "invalid_request_error", "prompt is too long: 9"), Outcome.OVER_BUDGET),
        (failure(400, "invalid_request_error"), Outcome.FAILED),
    ],
)
def test_outcomes(tmp_path: Path, reply: Reply, outcome: Outcome) -> None:
    def one(call: Call) -> Reply:
        return reply

    if outcome is Outcome.FAILED:
        with pytest.raises(OutsideError, match="status 400"):  # all calls failed
            asked(tmp_path, one)
        return
    answer, server, sleeps = asked(tmp_path, one)
    assert answer.outcome is outcome
    assert len(server.calls) == 1
    assert not sleeps


FAULTS = {
    "rate_limited": failure(429, "rate_limit_error", "slow", "Retry-After: 7"),
    "overloaded": failure(529, "overloaded_error"),
    "server_error": failure(500, "api_error"),
    "cut": Reply(body=said("x").body, how=How.CUT),
    "broken_body": Reply(body=b'{"type": "message"'),
    "empty": said(" "),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_asked_again(tmp_path: Path, name: str) -> None:
    answer, _, sleeps = asked(
        tmp_path, lambda call: FAULTS[name] if call.number == 0 else said("at last")
    )
    assert (answer.text, answer.tries) == ("at last", 2)
    assert sleeps == ([7.0] if name == "rate_limited" else [1.0])
    kind = {"cut": "disconnected", "overloaded": "rate_limited"}
    with Journal(tmp_path / "j") as journal:
        assert journal.faults() == {kind.get(name, name): 1}


@pytest.mark.parametrize(
    "reply",
    [
        failure(401, "authentication_error"),
        failure(404, "not_found_error"),
        failure(402, "billing_error"),
    ],
)
def test_what_no_retry_mends_ends_the_run_at_once(tmp_path: Path, reply: Reply) -> None:
    with pytest.raises(OutsideError, match=r"claude-small.*0 of 1 answers"):
        asked(tmp_path, lambda _: reply)


def test_without_a_key_or_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StudyError, match="ANTHROPIC_API_KEY is not set"):
        AnthropicModel(NAME, environ={})
    monkeypatch.setitem(__import__("sys").modules, "anthropic", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'pullsmith\[anthropic\]'"):
        AnthropicModel(NAME, environ={ANTHROPIC_KEY: "x"})
