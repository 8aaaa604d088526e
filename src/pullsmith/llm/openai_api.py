"""OpenAI, and every server that speaks its chat format: the official SDK over aiohttp.

Takes a request's messages, gives its completion, and says in the door's words what went wrong. The
SDK's own retries and time-outs are off: both are the door's. Knows no tool and reads no subject.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError

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
        self._key = _key(name, environ)
        self._client: AsyncOpenAI | None = None

    async def complete(self, request: Request) -> Completion:
        """One attempt; raises AttemptError."""
        import httpx2
        import openai  # slow to import, and only needed here

        try:
            # Not chat.completions.create: walking the messages by their types costs a third of a call.
            raw = await self.client().post(
                "/chat/completions", cast_to=httpx2.Response, body=self.body(request)
            )
        except openai.APIStatusError as error:
            if refusal := _refusal(error):
                return refusal
            raise self.failed(error) from error
        except openai.APIConnectionError as error:
            raise self.failed(error) from error
        return self.completion(raw.content)

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


def _refusal(error: APIStatusError) -> Completion | None:
    """A 400 that is about this prompt alone is an outcome; None for anything else."""
    code = error.code or error.type or ""
    if error.status_code != 400 or code not in REFUSALS:
        return None
    return Completion(outcome=REFUSALS[code], text="", detail=_found(error))


def _detail(outcome: Outcome, choice: _Choice) -> str:
    if outcome is Outcome.OK:
        return ""
    return choice.message.refusal or f"finish_reason {choice.finish_reason}"
