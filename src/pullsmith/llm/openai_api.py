"""OpenAI, and every server that speaks its chat format: the official SDK over aiohttp.

Takes a request's messages, gives its completion, and says in the door's words what went wrong. The
SDK's own retries and time-outs are off: both are the door's. Knows no tool and reads no subject.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError

from pullsmith.errors import StudyError
from pullsmith.llm.protocol import AttemptError, Completion, Fault, Request
from pullsmith.models.names import ModelKind, ModelName
from pullsmith.records import Outcome

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
ENDPOINT_KEY = "PULLSMITH_API_KEY"
NO_KEY = "none"  # the SDK wants one; a local server does not look at it
_FOUND_CHARACTERS = 300
_FAULTS = {
    401: Fault.WRONG_KEY,
    403: Fault.WRONG_KEY,
    404: Fault.UNKNOWN_MODEL,
    408: Fault.TIMED_OUT,
    409: Fault.SERVER_ERROR,
    425: Fault.SERVER_ERROR,
    429: Fault.RATE_LIMITED,
}
_CODES = {
    "insufficient_quota": Fault.NO_CREDIT,
    "invalid_api_key": Fault.WRONG_KEY,
    "model_not_found": Fault.UNKNOWN_MODEL,
}
_ENDINGS = {"length": Outcome.CUT, "content_filter": Outcome.REFUSED}
_REFUSALS = {
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
            raw = await self._open().post(
                "/chat/completions", cast_to=httpx2.Response, body=self._body(request)
            )
        except openai.APITimeoutError as error:
            # The transport calls a connection that is cut a time-out; the door's clock is apart.
            raise self._error(Fault.DISCONNECTED, _cause(error)) from error
        except openai.APIConnectionError as error:
            raise self._error(_connection_fault(error), _cause(error)) from error
        except openai.APIStatusError as error:
            return self._refused(error)
        return self._completion(raw.content)

    async def close(self) -> None:
        """Close the connections; a model that was closed opens new ones when asked again."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _open(self) -> AsyncOpenAI:
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

    def _body(self, request: Request) -> dict[str, Any]:
        # OpenAI's newer models refuse max_tokens; most other servers know nothing else.
        limit = "max_tokens" if self._name.base_url else "max_completion_tokens"
        return {
            "model": self._name.target,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            "temperature": request.temperature,
            limit: request.max_tokens,
            **json.loads(request.options_json or "{}"),
        }

    def _completion(self, body: bytes) -> Completion:
        try:
            reply = _Reply.model_validate_json(body)
        except ValidationError as error:
            found = f"a 200 whose body is no chat completion ({error.errors()[0]['msg']})"
            raise self._error(Fault.BROKEN_BODY, found) from error
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

    def _refused(self, error: APIStatusError) -> Completion:
        """A 400 that is about this prompt alone is an outcome; anything else is raised."""
        code, status = error.code or error.type or "", error.status_code
        found = f"status {status}: {error.message}"[:_FOUND_CHARACTERS]
        if status == 400 and code in _REFUSALS:
            return Completion(outcome=_REFUSALS[code], text="", detail=found)
        default = Fault.SERVER_ERROR if status >= 500 else Fault.BAD_REQUEST
        fault = _CODES.get(code, _FAULTS.get(status, default))
        wait = _retry_after_seconds(error.response.headers)
        raise self._error(fault, found, wait) from error

    def _error(self, fault: Fault, found: str, wait: float | None = None) -> AttemptError:
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


def _connection_fault(error: Exception) -> Fault:
    """A certificate that is wrong stays wrong; a connection that fails may be there again."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):  # a wrong certificate among them
            return Fault.UNTRUSTED
        cause = cause.__cause__ or cause.__context__
    return Fault.DISCONNECTED


def _cause(error: Exception) -> str:
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return f"no answer: {str(cause) or type(cause).__name__}"[:_FOUND_CHARACTERS]


def _detail(outcome: Outcome, choice: _Choice) -> str:
    if outcome is Outcome.OK:
        return ""
    return choice.message.refusal or f"finish_reason {choice.finish_reason}"


def _retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds, or a date; None where the header is missing or says neither."""
    value = headers.get("retry-after", "")
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(value).timestamp() - time.time()
    except ValueError:
        return None
