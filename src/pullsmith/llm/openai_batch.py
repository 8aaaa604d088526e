"""OpenAI's batch API, and that of servers that speak its format.

A file of calls is uploaded and a batch made of it, with our token in its metadata. Takes lines,
gives answers by custom id. Knows no journal and tries nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Collection, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from pullsmith.llm.batch_api import BatchState, Limits, Sent
from pullsmith.llm.openai_api import CODES, REFUSALS, OpenAIModel
from pullsmith.llm.protocol import AttemptError, Completion, Fault, Request
from pullsmith.llm.talk import FOUND_CHARACTERS, status_fault

T = TypeVar("T")
ENDPOINT: Final = "/v1/chat/completions"
TOKEN = "pullsmith"  # the name of our token in a batch's metadata
# A file may have 200 MB; half of that is enough and is what memory holds at a time.
LIMITS = Limits(requests=50_000, bytes=100_000_000)
_WORKING = ("validating", "in_progress", "finalizing", "cancelling")
_QUEUE_FULL = ("token_limit_exceeded", "request_limit_exceeded")
_CLOCKS_DIFFER_SECONDS = 3600


class _Response(BaseModel):
    status_code: int
    body: JsonValue = None


class _Error(BaseModel):
    code: str | None = None
    message: str | None = None


class _Line(BaseModel):
    custom_id: str
    response: _Response | None = None
    error: _Error | None = None


class OpenAIBatches:
    """The batch side of an OpenAIModel."""

    def __init__(self, model: OpenAIModel, limits: Limits = LIMITS) -> None:
        """``model`` is whose client is used; it is closed by its owner."""
        self._model = model
        self.limits = limits

    def line(self, custom_id: str, request: Request) -> bytes:
        """One call of the file."""
        body = self._model.body(request)
        call = {"custom_id": custom_id, "method": "POST", "url": ENDPOINT, "body": body}
        return json.dumps(call, ensure_ascii=False).encode()

    async def send(self, token: str, lines: Sequence[bytes]) -> str:
        """Upload the file, make the batch."""
        client = self._model.client()
        content = b"\n".join(lines) + b"\n"
        file = await self._told(
            client.files.create(file=(f"pullsmith-{token}.jsonl", content), purpose="batch")
        )
        batch = await self._told(
            client.batches.create(
                input_file_id=file.id,
                endpoint=ENDPOINT,
                completion_window="24h",
                metadata={TOKEN: token},
            )
        )
        return batch.id

    async def find(self, sent: Sent, others: Collection[str]) -> str | None:
        """The batch with our token, among those that are not older than it."""
        page = await self._told(self._model.client().batches.list(limit=100))
        while True:
            for batch in page.data:
                if batch.id not in others and (batch.metadata or {}).get(TOKEN) == sent.token:
                    return batch.id
            oldest = min((batch.created_at for batch in page.data), default=0)
            if oldest < sent.made_at - _CLOCKS_DIFFER_SECONDS or not page.has_next_page():
                return None
            page = await self._told(page.get_next_page())

    async def state(self, batch_id: str) -> BatchState:
        """Where it stands; a batch that failed was refused whole."""
        batch = await self._told(self._model.client().batches.retrieve(batch_id))
        counts = batch.request_counts
        done = (counts.completed + counts.failed) if counts else 0
        problem = ""
        if batch.status == "failed":
            first = batch.errors.data[0] if batch.errors and batch.errors.data else None
            problem = f"{first.code}: {first.message}" if first else "no reason given"
            if first and first.code in _QUEUE_FULL:
                raise self._model.error(Fault.QUEUE_FULL, problem[:FOUND_CHARACTERS])
        return BatchState(
            ended=batch.status not in _WORKING,
            done=done,
            total=counts.total if counts else 0,
            problem=problem,
            cancelled=batch.status == "cancelled",
        )

    async def results(self, batch_id: str) -> AsyncIterator[tuple[str, Completion | AttemptError]]:
        """What stands in the output and the error file."""
        batch = await self._told(self._model.client().batches.retrieve(batch_id))
        for file_id in (batch.output_file_id, batch.error_file_id):
            if file_id:
                content = await self._told(self._model.client().files.content(file_id))
                for text in content.content.splitlines():
                    if text.strip() and (ended := self._ended(text)):
                        yield ended

    def _ended(self, text: bytes) -> tuple[str, Completion | AttemptError] | None:
        try:
            line = _Line.model_validate_json(text)
        except ValidationError as error:
            found = f"a line of a batch's results is none ({error.errors()[0]['msg']})"
            raise self._model.error(Fault.BROKEN_BODY, found) from error
        if line.response is None:
            return None  # expired or cancelled before it was asked: nothing was paid
        return line.custom_id, self._said(line.response)

    def _said(self, response: _Response) -> Completion | AttemptError:
        if response.status_code != 200:
            return self._refused(response)
        try:
            return self._model.completion(json.dumps(response.body).encode())
        except AttemptError as error:
            return error

    def _refused(self, response: _Response) -> Completion | AttemptError:
        body: Any = response.body
        error = body.get("error", body) if isinstance(body, dict) else {}
        code, message = str(error.get("code")), str(error.get("message"))
        found = f"status {response.status_code}: {message}"[:FOUND_CHARACTERS]
        if response.status_code == 400 and code in REFUSALS:
            return Completion(outcome=REFUSALS[code], text="", detail=found)
        return self._model.error(CODES.get(code, status_fault(response.status_code)), found)

    async def _told(self, call: Awaitable[T]) -> T:
        """What the call gives; its errors in the door's words."""
        import openai

        try:
            return await call
        except openai.APIError as error:
            raise self._model.failed(error) from error
        except ValueError as error:  # a 200 that is no JSON
            raise self._model.error(
                Fault.BROKEN_BODY, f"a reply that is no JSON: {error}"
            ) from error
