"""Anthropic's messages API: the official SDK over aiohttp, an extra.

Takes a request's messages, gives its completion, and says in the door's words what went wrong. The
SDK's own retries and time-outs are off: both are the door's. Knows no tool and reads no subject.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from pullsmith.errors import MissingExtraError, StudyError
from pullsmith.llm.protocol import AttemptError, Completion, Fault, Request
from pullsmith.llm.talk import (
    FOUND_CHARACTERS,
    connection_fault,
    first_cause,
    retry_after_seconds,
    status_fault,
)
from pullsmith.models.names import ModelName
from pullsmith.records import Outcome

if TYPE_CHECKING:
    from anthropic import APIError, APIStatusError, AsyncAnthropic

ANTHROPIC_URL = "https://api.anthropic.com"
ANTHROPIC_KEY = "ANTHROPIC_API_KEY"
ANTHROPIC_BASE = "ANTHROPIC_BASE_URL"  # the SDK's own variable: a gateway in front of the API
ENDINGS = {
    "max_tokens": Outcome.CUT,
    "model_context_window_exceeded": Outcome.CUT,
    "refusal": Outcome.REFUSED,
}
_TOO_LONG = ("prompt is too long", "request_too_large")


class _Block(BaseModel):
    type: str
    text: str = ""


class _Usage(BaseModel):
    input_tokens: int = 0
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int = 0


class _Reply(BaseModel):
    """The part of a message that is read. Without content it is none."""

    content: list[_Block]
    stop_reason: str | None = None
    usage: _Usage = _Usage()


class AnthropicModel:
    """A model of Anthropic's. Raises StudyError without a key, MissingExtraError without the SDK."""

    def __init__(self, name: ModelName, *, environ: Mapping[str, str] = os.environ) -> None:
        """Nothing is sent before the first request."""
        self.name = name
        self._key = environ.get(ANTHROPIC_KEY, "")
        self._url = environ.get(ANTHROPIC_BASE) or ANTHROPIC_URL
        self._client: AsyncAnthropic | None = None
        if not self._key:
            raise StudyError(
                f"model {name.text!r} needs a key and {ANTHROPIC_KEY} is not set; "
                f"export {ANTHROPIC_KEY}=… and run the same command again"
            )
        try:
            import anthropic  # noqa: F401  # is it there?
        except ImportError as error:
            raise MissingExtraError(
                f"model {name.text!r} needs anthropic: pip install 'pullsmith[anthropic]'"
            ) from error

    async def complete(self, request: Request) -> Completion:
        """One attempt; raises AttemptError."""
        import anthropic
        import httpx2

        try:
            raw = await self.client().post(
                "/v1/messages", cast_to=httpx2.Response, body=self.body(request)
            )
        except anthropic.APIStatusError as error:
            if refusal := refused(error.status_code, str(error.message)):
                return refusal
            raise self.failed(error) from error
        except anthropic.APIConnectionError as error:
            raise self.failed(error) from error
        return self.completion(raw.content)

    async def close(self) -> None:
        """Close the connections; a model that was closed opens new ones when asked again."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def client(self) -> AsyncAnthropic:
        """The SDK's client; connections are made when they are needed."""
        if self._client is None:
            from anthropic import AsyncAnthropic, DefaultAioHttpClient

            self._client = AsyncAnthropic(
                api_key=self._key,
                auth_token=None,
                base_url=self._url,
                max_retries=0,
                timeout=None,
                http_client=DefaultAioHttpClient(timeout=None),
            )
        return self._client

    def body(self, request: Request) -> dict[str, Any]:
        """What is sent, as JSON values; the system's words stand apart from the talk."""
        system = "\n\n".join(m.content for m in request.messages if m.role == "system")
        talk = [m for m in request.messages if m.role != "system"]
        return {
            "model": self.name.target,
            "max_tokens": request.max_tokens,
            "temperature": min(request.temperature, 1.0),
            **({"system": system} if system else {}),
            "messages": [{"role": m.role, "content": m.content} for m in talk],
            **json.loads(request.options_json or "{}"),
        }

    def completion(self, body: bytes) -> Completion:
        """What a 200 says; raises AttemptError for a body that is no message."""
        try:
            reply = _Reply.model_validate_json(body)
        except ValidationError as error:
            found = f"a 200 whose body is no message ({error.errors()[0]['msg']})"
            raise self.error(Fault.BROKEN_BODY, found) from error
        text = "".join(block.text for block in reply.content if block.type == "text")
        outcome = ENDINGS.get(reply.stop_reason or "", Outcome.OK)
        if outcome is Outcome.OK and not text.strip():
            outcome = Outcome.EMPTY
        usage = reply.usage
        cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
        return Completion(
            outcome=outcome,
            text=text,
            input_tokens=usage.input_tokens + cached,
            output_tokens=usage.output_tokens,
            detail="" if outcome is Outcome.OK else f"stop_reason {reply.stop_reason}",
        )

    def failed(self, error: APIError) -> AttemptError:
        """What an error of the SDK says, in the door's words."""
        import anthropic

        if isinstance(error, anthropic.APIStatusError):
            wait = retry_after_seconds(error.response.headers)
            return self.error(status_fault(error.status_code), _found(error), wait)
        return self.error(connection_fault(error), first_cause(error))

    def error(self, fault: Fault, found: str, wait: float | None = None) -> AttemptError:
        """A fault of this endpoint."""
        where = f"{self._url} (model {self.name.target})"
        return AttemptError(fault, where=where, found=found, retry_after_seconds=wait)


def _found(error: APIStatusError) -> str:
    return f"status {error.status_code}: {error.message}"[:FOUND_CHARACTERS]


def refused(status: int, message: str) -> Completion | None:
    """An error that is about the length of this prompt alone is an outcome; None for others."""
    if status not in (400, 413) or not any(words in message for words in _TOO_LONG):
        return None
    return Completion(outcome=Outcome.OVER_BUDGET, text="", detail=message[:FOUND_CHARACTERS])
