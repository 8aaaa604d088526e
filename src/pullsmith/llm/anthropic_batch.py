"""Anthropic's message batches.

A batch has no name of ours at the provider, only the custom ids of its calls, which begin with our
token and can be read when it has ended. So a batch whose sending was cut off is looked for by when it
was made and how many calls it has, and by its custom ids as soon as they can be seen.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Collection, Sequence
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from pullsmith.llm.anthropic_api import AnthropicModel, refused
from pullsmith.llm.batch_api import BatchState, Limits, Sent, key_of
from pullsmith.llm.protocol import AttemptError, Completion, Fault, Request
from pullsmith.llm.talk import FOUND_CHARACTERS

if TYPE_CHECKING:
    from anthropic.types.messages import MessageBatch

T = TypeVar("T")
# A batch may have 256 MB; less than half of that is what memory holds at a time.
LIMITS = Limits(requests=100_000, bytes=100_000_000)
_CLOCKS_DIFFER_SECONDS = 600
_FAULTS = {
    "invalid_request_error": Fault.BAD_REQUEST,
    "authentication_error": Fault.WRONG_KEY,
    "permission_error": Fault.WRONG_KEY,
    "billing_error": Fault.NO_CREDIT,
    "not_found_error": Fault.UNKNOWN_MODEL,
    "rate_limit_error": Fault.RATE_LIMITED,
    "overloaded_error": Fault.RATE_LIMITED,
}


class _Error(BaseModel):
    type: str = ""
    message: str = ""


class _ErrorReply(BaseModel):
    error: _Error = _Error()


class _Result(BaseModel):
    type: str
    message: JsonValue = None
    error: _ErrorReply = _ErrorReply()


class _Line(BaseModel):
    custom_id: str
    result: _Result


class AnthropicBatches:
    """The batch side of an AnthropicModel."""

    def __init__(self, model: AnthropicModel, limits: Limits = LIMITS) -> None:
        """``model`` is whose client is used; it is closed by its owner."""
        self._model = model
        self.limits = limits

    def line(self, custom_id: str, request: Request) -> bytes:
        """One call of the batch."""
        call = {"custom_id": custom_id, "params": self._model.body(request)}
        return json.dumps(call, ensure_ascii=False).encode()

    async def send(self, token: str, lines: Sequence[bytes]) -> str:  # noqa: ARG002  # in every line
        """Make the batch."""
        from anthropic.types.messages import MessageBatch

        made = await self._told(
            self._model.client().post(
                "/v1/messages/batches",
                cast_to=MessageBatch,
                content=b'{"requests":[' + b",".join(lines) + b"]}",
                options={"headers": {"content-type": "application/json"}},
            )
        )
        return made.id

    async def find(self, sent: Sent, others: Collection[str]) -> str | None:
        """The newest batch that can be it: as many calls, not older, and our ids where they show."""
        page = await self._told(self._model.client().messages.batches.list(limit=100))
        while True:
            for batch in page.data:
                if batch.created_at.timestamp() < sent.made_at - _CLOCKS_DIFFER_SECONDS:
                    return None
                if batch.id not in others and await self._may_be(batch, sent):
                    return batch.id
            if not page.has_next_page():
                return None
            page = await self._told(page.get_next_page())

    async def _may_be(self, batch: MessageBatch, sent: Sent) -> bool:
        counts = batch.request_counts
        total = (
            counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
        )
        if total != sent.calls:
            return False
        if batch.processing_status != "ended":
            return True  # its ids are looked at when it has ended
        async for name in self.names(batch.id):
            return key_of(name, sent.token) is not None
        return False

    async def state(self, batch_id: str) -> BatchState:
        """Where it stands."""
        batch = await self._told(self._model.client().messages.batches.retrieve(batch_id))
        counts = batch.request_counts
        done = counts.succeeded + counts.errored + counts.canceled + counts.expired
        return BatchState(
            ended=batch.processing_status == "ended",
            done=done,
            total=done + counts.processing,
            cancelled=counts.canceled > 0,
        )

    async def names(self, batch_id: str) -> AsyncIterator[str]:
        """The custom ids of a batch that has ended."""
        for line in await self._lines(batch_id):
            yield line.custom_id

    async def results(self, batch_id: str) -> AsyncIterator[tuple[str, Completion | AttemptError]]:
        """What stands in the file of results."""
        for line in await self._lines(batch_id):
            if line.result.type in ("succeeded", "errored"):
                yield line.custom_id, self._said(line.result)

    async def _lines(self, batch_id: str) -> list[_Line]:
        import httpx2

        raw = await self._told(
            self._model.client().get(
                f"/v1/messages/batches/{batch_id}/results", cast_to=httpx2.Response
            )
        )
        try:
            return [
                _Line.model_validate_json(text) for text in raw.content.splitlines() if text.strip()
            ]
        except ValidationError as error:
            found = f"a line of a batch's results is none ({error.errors()[0]['msg']})"
            raise self._model.error(Fault.BROKEN_BODY, found) from error

    def _said(self, result: _Result) -> Completion | AttemptError:
        if result.type == "succeeded":
            try:
                return self._model.completion(json.dumps(result.message).encode())
            except AttemptError as error:
                return error
        said = result.error.error
        if over := refused(400, said.message):
            return over
        found = f"{said.type}: {said.message}"[:FOUND_CHARACTERS]
        return self._model.error(_FAULTS.get(said.type, Fault.SERVER_ERROR), found)

    async def _told(self, call: Awaitable[T]) -> T:
        """What the call gives; its errors in the door's words."""
        import anthropic

        try:
            return await call
        except anthropic.APIError as error:
            raise self._model.failed(error) from error
        except ValueError as error:  # a 200 that is no JSON
            raise self._model.error(
                Fault.BROKEN_BODY, f"a reply that is no JSON: {error}"
            ) from error
