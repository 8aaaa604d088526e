"""The official SDK against a server that behaves and misbehaves; every fault asked again once."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from pullsmith.errors import OutsideError, StudyError
from pullsmith.llm.door import Door
from pullsmith.llm.journal import Journal
from pullsmith.llm.open_model import open_model
from pullsmith.llm.openai_api import OpenAIModel
from pullsmith.llm.protocol import Completion
from pullsmith.models.names import parse_model_name
from pullsmith.records import Outcome
from tests.llm.asked import Sleeps, ask_server, request, role
from tests.llm.server import Behaviour, Call, How, Reply, Server, completion, echo, failure


def asked(
    path: Path, behaviour: Behaviour, texts: tuple[str, ...] = ("one",), **settings: Any
) -> tuple[list[Completion], Server, list[float]]:
    """What came, from which server, and the sleeps between."""
    sleeps = Sleeps()

    async def run() -> tuple[list[Completion], Server]:
        async with Server(behaviour) as server:
            answers = await ask_server(path / "j.sqlite", server, texts, sleeps=sleeps, **settings)
            return answers, server

    answers, server = asyncio.run(run())
    return answers, server, sleeps.seconds


def test_an_answer_with_its_tokens(tmp_path: Path) -> None:
    (answer,), server, _ = asked(tmp_path, echo)
    assert (answer.outcome, answer.text) == (Outcome.OK, "answer to one")
    assert (answer.input_tokens, answer.output_tokens, answer.tries) == (7, 3, 1)
    assert server.calls[0].body == {
        "model": "small",
        "messages": [{"role": "user", "content": "one"}],
        "temperature": 0.0,
        "max_tokens": 2048,
    }


FAULTS = {
    "rate_limited": failure(429, "rate_limit", headers=("Retry-After: 7",)),
    "server_error": failure(500, "oops"),
    "disconnected": Reply(how=How.DROP),
    "cut": Reply(body=echo(Call("one", 0, {}, {})).body, how=How.CUT),
    "broken_body": Reply(body=b'{"object":"chat.completion","choices":[{"message":{"con'),
    "no_choice": Reply(body=b'{"object":"chat.completion","choices":[]}'),
    "not_json": Reply(body=b"<html>upstream is tired</html>"),
    "empty": completion("  \n"),
    "timed_out": Reply(how=How.HANG),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_asked_again_and_seen(tmp_path: Path, name: str) -> None:
    def once(call: Call) -> Reply:
        return FAULTS[name] if call.number == 0 else echo(call)

    # Only the hang waits for its time-out; a short one elsewhere would time a busy machine.
    patience = 0.3 if name == "timed_out" else 30
    answers, server, sleeps = asked(tmp_path, once, ("one", "two"), timeout_seconds=patience)
    assert [a.text for a in answers] == ["answer to one", "answer to two"]
    assert [a.tries for a in answers] == [2, 2]
    assert sleeps == ([7.0, 7.0] if name == "rate_limited" else [1.0, 1.0])
    kind = {"cut": "disconnected", "no_choice": "broken_body", "not_json": "broken_body"}
    with Journal(tmp_path / "j.sqlite") as journal:
        assert journal.faults() == {kind.get(name, name): 2}
    assert max(server.answered.values()) <= 2


def test_retry_after_may_be_a_date(tmp_path: Path) -> None:
    def once(call: Call) -> Reply:
        at = formatdate(time.time() + 40, usegmt=True)
        reply = failure(429, "rate_limit", headers=(f"Retry-After: {at}",))
        return reply if call.number == 0 else echo(call)

    _, _, (slept,) = asked(tmp_path, once)
    assert 37 < slept <= 40


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (completion("half of", finish="length"), Outcome.CUT),
        (completion(None, finish="content_filter"), Outcome.REFUSED),
        (completion(None, refusal="I would rather not"), Outcome.REFUSED),
        (failure(400, "content_filter"), Outcome.REFUSED),
        (failure(400, "context_length_exceeded"), Outcome.OVER_BUDGET),
    ],
)
def test_an_outcome_of_its_own_is_not_asked_again(
    tmp_path: Path, reply: Reply, outcome: Outcome
) -> None:
    (answer,), server, sleeps = asked(tmp_path, lambda _: reply)
    assert answer.outcome is outcome
    assert answer.detail
    assert len(server.calls) == 1
    assert not sleeps
    again, _, _ = asked(tmp_path, echo)  # another server is another endpoint: asked anew
    assert again[0].outcome is Outcome.OK


def test_only_empty_answers_are_empty(tmp_path: Path) -> None:
    (answer,), server, sleeps = asked(tmp_path, lambda _: completion(""), tries=3)
    assert answer.outcome is Outcome.EMPTY
    assert len(server.calls) == 3
    assert sleeps == [1.0, 2.0]


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (failure(401, "invalid_api_key"), "status 401"),
        (failure(403, "forbidden"), "status 403"),
        (failure(404, "model_not_found"), "said model_not_found"),
        (failure(429, "insufficient_quota"), "said insufficient_quota"),
        (failure(429, "rate_limit", headers=("Retry-After: 5000",)), "asks to wait 5000 seconds"),
    ],
)
def test_what_no_retry_mends_ends_the_run_at_once(tmp_path: Path, reply: Reply, found: str) -> None:
    calls: list[Call] = []

    def refuse(call: Call) -> Reply:
        calls.append(call)
        return reply

    with pytest.raises(OutsideError) as caught:
        asked(tmp_path, refuse, tuple("abcdefgh"), concurrency=1)
    message = str(caught.value)
    assert found in message
    assert "/v1 (model small)" in message
    assert "0 of 8 answers" in message
    assert "run the same command again" in message
    assert caught.value.exit_code == 3
    assert len(calls) == 1


def test_an_endpoint_that_is_down(tmp_path: Path) -> None:
    async def run() -> None:
        async with Server() as server:
            pass
        await ask_server(tmp_path / "j.sqlite", server, ("one", "two"), tries=2)

    with pytest.raises(OutsideError, match=r"http://127.0.0.1:\d+/v1 .*no answer.*0 of 2 answers"):
        asyncio.run(run())


def test_a_call_that_fails_for_itself_alone(tmp_path: Path) -> None:
    def poisoned(call: Call) -> Reply:
        return failure(400, "bad") if call.text == "bad" else echo(call)

    answers, server, _ = asked(tmp_path, poisoned, ("one", "bad", "two"))
    assert [a.outcome for a in answers] == [Outcome.OK, Outcome.FAILED, Outcome.OK]
    assert "said bad" in answers[1].detail
    assert len(server.calls) == 3
    base = sqlite3.connect(tmp_path / "j.sqlite")
    kept = base.execute("SELECT COUNT(*) FROM completions").fetchone()
    base.close()
    assert kept == (2,)  # a failure is no answer: the next run asks again


def test_concurrency_is_bounded_and_used(tmp_path: Path) -> None:
    def slow(call: Call) -> Reply:
        reply = echo(call)
        return Reply(body=reply.body, delay_seconds=0.05)

    _, server, _ = asked(tmp_path, slow, tuple("abcdefghijkl"), concurrency=4)
    assert server.most_in_flight == 4


def test_keys_come_from_the_environment_and_stay_out_of_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another-house")

    async def run() -> Server:
        async with Server() as server:
            model = OpenAIModel(
                parse_model_name(server.model), environ={"PULLSMITH_API_KEY": "hush-42"}
            )
            await model.complete(request("one", server.model))
            await model.close()
            await model.close()
            return server

    server = asyncio.run(run())
    assert server.calls[0].headers["authorization"] == "Bearer hush-42"
    assert "org-of-another-house" not in str(server.calls[0].headers)
    (_, other, _) = asked(tmp_path, echo)
    assert "hush-42" not in str(other.calls[0].headers)
    for path in tmp_path.iterdir():
        assert b"hush-42" not in path.read_bytes()


def test_a_missing_key_names_the_variable() -> None:
    with pytest.raises(StudyError, match="OPENAI_API_KEY is not set"):
        open_model("openai:gpt-5", environ={})
    open_model("openai:gpt-5", environ={"OPENAI_API_KEY": "x"})


def test_openai_itself_is_asked_for_completion_tokens() -> None:
    model = OpenAIModel(parse_model_name("openai:gpt-5"), environ={"OPENAI_API_KEY": "x"})
    body = model.body(request("one"))
    assert "max_completion_tokens" in body
    assert "max_tokens" not in body


def test_a_server_that_speaks_no_tls_ends_the_run_at_once(tmp_path: Path) -> None:
    def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        name = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1#small"
        model = open_model(name, environ={})
        try:
            door = Door(tmp_path / "j", sleep=Sleeps())
            await door.complete_all(model, [request("one", name)], role(name))
        finally:
            await model.close()  # type: ignore[union-attr]  # an endpoint has one
            server.close()

    with pytest.raises(OutsideError, match=r"https://127.0.0.1:\d+/v1 .*(?i:ssl|tls)"):
        asyncio.run(run())
    with Journal(tmp_path / "j") as journal:
        assert journal.faults() == {"untrusted": 1}


def test_what_the_role_adds_goes_with_every_call_and_into_the_key(tmp_path: Path) -> None:
    def told(call: Call) -> Reply:
        return completion(str(call.body["response_format"]["type"]))

    plain = request("one")
    added = plain.model_copy(update={"options_json": '{"response_format":{"type":"json_object"}}'})
    assert plain.key != added.key

    async def run() -> Completion:
        async with Server(told) as server:
            model = OpenAIModel(parse_model_name(server.model), environ={})
            answer = await model.complete(added)
            await model.close()
            return answer

    assert asyncio.run(run()).text == "json_object"
