"""OpenAI, and every server that speaks its chat format.

Takes a request's messages, gives its completion, and says in the door's words what went wrong. The
calls of a chat are posted through aiohttp itself: the SDK's own work on each is two thirds of what a
call costs, and what kept hundreds from being in flight. Batches and files go through the SDK, whose
retries and time-outs are off: both are the door's. Knows no tool and reads no subject.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

import aiohttp
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import to_json

from pullsmith.errors import StudyError
from pullsmith.llm.protocol import AttemptError, Completion, Fault, Request
from pullsmith.llm.talk import (
    FOUND_CHARACTERS,
    connection_fault,
    first_cause,
    retry_after_seconds,
    status_fault,
)
from pullsmith.models.names import ModelKind, ModelName
from pullsmith.records import Outcome

if TYPE_CHECKING:
    from openai import APIError, APIStatusError, AsyncOpenAI

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
ENDPOINT_KEY = "PULLSMITH_API_KEY"
_HOUSE = {"OPENAI_ORG_ID": "OpenAI-Organization", "OPENAI_PROJECT_ID": "OpenAI-Project"}
NO_KEY = "none"  # the SDK wants one; a local server does not look at it
CODES = {
    "insufficient_quota": Fault.NO_CREDIT,
    "invalid_api_key": Fault.WRONG_KEY,
    "model_not_found": Fault.UNKNOWN_MODEL,
}
_ENDINGS = {"length": Outcome.CUT, "content_filter": Outcome.REFUSED}
REFUSALS = {
    "content_filter": Outcome.REFUSED,
    "content_policy_violation": Outcome.REFUSED,
    "context_length_exceeded": Outcome.OVER_BUDGET,
}


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Reply(BaseModel):
    """The part of a chat completion that is read. Without a choice it is none."""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class OpenAIModel:
    """A chat model at an endpoint. Raises StudyError where a key is needed and there is none."""

    def __init__(self, name: ModelName, *, environ: Mapping[str, str] = os.environ) -> None:
        """Nothing is sent before the first request."""
        self._name = name
        self._url = name.base_url or OPENAI_URL
        self._chat = f"{self._url.rstrip('/')}/chat/completions"
        self._key = _key(name, environ)
        self._headers = {"Authorization": f"Bearer {self._key}", **_house(name, environ)}
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncOpenAI | None = None

    async def complete(self, request: Request) -> Completion:
        """One attempt; raises AttemptError."""
        sent = to_json(self.body(request))
        try:
            async with self._posting().post(self._chat, data=sent, allow_redirects=False) as reply:
                status, headers, body = reply.status, reply.headers, await reply.read()
        except aiohttp.ClientError as error:
            raise self.error(connection_fault(error), first_cause(error)) from error
        if status == 200:
            return self.completion(body)
        said = _said(body)
        found = f"status {status}: {said.message}"[:FOUND_CHARACTERS]
        if status == 400 and said.kind in REFUSALS:
            return Completion(outcome=REFUSALS[said.kind], text="", detail=found)
        fault = CODES.get(said.kind, status_fault(status))
        raise self.error(fault, found, retry_after_seconds(headers))

    def _posting(self) -> aiohttp.ClientSession:
        """The connections; made inside the event loop that uses them."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),  # how many is the door's to say
                cookie_jar=aiohttp.DummyCookieJar(),  # nobody logs in here
                headers={"Content-Type": "application/json", **self._headers},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                # Looking for proxies costs a thread's round trip a call, so only where there are any.
                trust_env=bool(getproxies()),
            )
        return self._session

    def failed(self, error: APIError) -> AttemptError:
        """What an error of the SDK says, in the door's words."""
        import openai

        if isinstance(error, openai.APIStatusError):
            fault = CODES.get(error.code or error.type or "", status_fault(error.status_code))
            return self.error(fault, _found(error), retry_after_seconds(error.response.headers))
        # The transport calls a connection that is cut a time-out; the door's clock is apart.
        return self.error(connection_fault(error), first_cause(error))

    async def close(self) -> None:
        """Close the connections; a model that was closed opens new ones when asked again."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._client is not None:
            await self._client.close()
            self._client = None

    def client(self) -> AsyncOpenAI:
        """The SDK's client; connections are made when they are needed."""
        if self._client is None:
            from openai import AsyncOpenAI, DefaultAioHttpClient

            self._client = AsyncOpenAI(
                api_key=self._key,
                base_url=self._url,
                max_retries=0,
                timeout=None,
                http_client=DefaultAioHttpClient(timeout=None),
            )
            if self._name.base_url:
                # The SDK takes OpenAI's organisation from the environment; others must not see it.
                self._client.organization = self._client.project = None
        return self._client

    def body(self, request: Request) -> dict[str, Any]:
        """What is sent, as JSON values."""
        # OpenAI's newer models refuse max_tokens; most other servers know nothing else.
        limit = "max_tokens" if self._name.base_url else "max_completion_tokens"
        return {
            "model": self._name.target,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            "temperature": request.temperature,
            limit: request.max_tokens,
            **json.loads(request.options_json or "{}"),
        }

    def completion(self, body: bytes) -> Completion:
        """What a 200 says; raises AttemptError for a body that is no chat completion."""
        try:
            reply = _Reply.model_validate_json(body)
        except ValidationError as error:
            found = f"a 200 whose body is no chat completion ({error.errors()[0]['msg']})"
            raise self.error(Fault.BROKEN_BODY, found) from error
        choice, usage = reply.choices[0], reply.usage or _Usage()
        text = choice.message.content or ""
        outcome = _ENDINGS.get(choice.finish_reason or "", Outcome.OK)
        if choice.message.refusal:
            outcome = Outcome.REFUSED
        elif outcome is Outcome.OK and not text.strip():
            outcome = Outcome.EMPTY
        return Completion(
            outcome=outcome,
            text=text,
            input_tokens=usage.prompt_tokens,
            output_tokens=usage.completion_tokens,
            detail=_detail(outcome, choice),
        )

    def error(self, fault: Fault, found: str, wait: float | None = None) -> AttemptError:
        """A fault of this endpoint."""
        where = f"{self._url} (model {self._name.target})"
        return AttemptError(fault, where=where, found=found, retry_after_seconds=wait)


def _key(name: ModelName, environ: Mapping[str, str]) -> str:
    if name.kind is ModelKind.ENDPOINT:
        return environ.get(ENDPOINT_KEY) or NO_KEY
    key = environ.get(OPENAI_KEY)
    if not key:
        raise StudyError(
            f"model {name.text!r} needs a key and {OPENAI_KEY} is not set; "
            f"export {OPENAI_KEY}=… and run the same command again"
        )
    return key


def _found(error: APIStatusError) -> str:
    return f"status {error.status_code}: {error.message}"[:FOUND_CHARACTERS]


@dataclass(frozen=True)
class _Said:
    """What the body of an error says: its code, or else its type, and its words."""

    kind: str
    message: str


def _said(body: bytes) -> _Said:
    """For a body that is no error in the format, its beginning."""
    try:
        error = json.loads(body)["error"]
        return _Said(str(error.get("code") or error.get("type") or ""), str(error.get("message")))
    except (ValueError, TypeError, KeyError, AttributeError):
        return _Said("", body[:FOUND_CHARACTERS].decode("utf-8", "replace"))


def _house(name: ModelName, environ: Mapping[str, str]) -> dict[str, str]:
    """Organisation and project, for OpenAI itself; others must not see them."""
    if name.base_url:
        return {}
    return {header: environ[key] for key, header in _HOUSE.items() if environ.get(key)}


def _detail(outcome: Outcome, choice: _Choice) -> str:
    if outcome is Outcome.OK:
        return ""
    return choice.message.refusal or f"finish_reason {choice.finish_reason}"
