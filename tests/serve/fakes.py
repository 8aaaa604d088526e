"""Endpoints that misbehave as real servers do, on loopback; a token is a word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from pullsmith.ports import LOOPBACK, take_port
from pullsmith.serve.running import serving, url_of


@dataclass(frozen=True)
class Fake:
    """How it behaves: ``cuts_to`` drops the beginning of a longer prompt, in silence."""

    cuts_to: int | None = None
    refuses_over: int | None = None
    counts: bool = True
    streams: str = "same"  # "same", "other", "broken"
    recalls: bool = True  # repeats the marker where it still sees it
    name: str = "m"


def fake_app(fake: Fake) -> FastAPI:
    """Such a server."""
    app = FastAPI()

    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [{"id": fake.name, "object": "model"}]}

    async def complete(request: Request) -> Response:
        body = await request.json()
        words = " ".join(message["content"] for message in body["messages"]).split()
        if fake.refuses_over and len(words) > fake.refuses_over:
            return JSONResponse({"error": {"message": "the context is too long"}}, 400)
        seen = words[-fake.cuts_to :] if fake.cuts_to else words
        marker = next((word for word in seen if word.startswith("QUINCE")), "")
        text = marker if fake.recalls and marker else "hm"
        if body.get("stream"):
            return StreamingResponse(_events(fake, text), media_type="text/event-stream")
        usage = {"prompt_tokens": len(seen), "completion_tokens": 1, "total_tokens": len(seen) + 1}
        return JSONResponse(_whole(text, usage if fake.counts else None))

    complete.__annotations__ = {"request": Request}
    app.add_api_route("/v1/models", models)
    app.add_api_route("/v1/chat/completions", complete, methods=["POST"], response_model=None)
    return app


def _whole(text: str, usage: dict[str, int] | None) -> dict[str, Any]:
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": text},
    }
    return {
        "id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice],
        "usage": usage,
    }  # fmt: skip


async def _events(fake: Fake, text: str) -> Any:
    said = "something else" if fake.streams == "other" else text
    ends: list[str | None] = [None] if fake.streams == "broken" else [None, "stop"]
    for ended in ends:
        delta = {"content": said} if ended is None else {}
        chunk = {
            "id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": ended}],
        }  # fmt: skip
        yield f"data: {json.dumps(chunk)}\n\n"


@contextmanager
def faking(fake: Fake) -> Iterator[str]:
    """Its address, inside the block."""
    with take_port(LOOPBACK, 0) as bound, serving(fake_app(fake), bound):
        yield url_of(bound)
