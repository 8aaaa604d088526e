"""An endpoint asked in this process: no port, no thread of a server."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from pullsmith.llm.open_model import Weights
from pullsmith.records import Message
from pullsmith.serve.endpoint import Endpoint, make_endpoint
from tests.train.builders import examples

ROW = examples(1, 0)[0]
SAID = [message.model_dump() for message in ROW.messages]


def body(**more: Any) -> dict[str, Any]:
    """A request that the endpoint answers."""
    return {"model": "pupil", "messages": SAID, "max_tokens": 12, **more}


def plain(*said: str) -> list[dict[str, str]]:
    """Messages of a user."""
    return [Message(role="user", content=text).model_dump() for text in said]


@dataclass
class Client:
    """Questions to one endpoint, one after the other."""

    endpoint: Endpoint
    host: str = "127.0.0.1"
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> httpx.Response:
        """A GET."""
        return self._ask("GET", path, None)

    def post(self, asked: Any) -> httpx.Response:
        """A chat completion; a text is sent as it is."""
        content = asked if isinstance(asked, str) else json.dumps(asked)
        return self._ask("POST", "/v1/chat/completions", content)

    def _ask(self, method: str, path: str, content: str | None) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.endpoint.app)
            async with httpx.AsyncClient(
                transport=transport, base_url=f"http://{self.host}"
            ) as client:
                return await client.request(method, path, content=content, headers=self.headers)

        return asyncio.run(asked())


def client_of(folder: Path, base: str = "") -> Client:
    """The endpoint of a folder, called ``pupil``."""
    return Client(make_endpoint("pupil", Weights(folder, base)))


def streamed(reply: httpx.Response) -> str:
    """The text of a stream; its end is checked."""
    events = [line[6:] for line in reply.text.splitlines() if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    choices = [json.loads(event)["choices"][0] for event in events[:-1]]
    assert choices[-1]["finish_reason"] in ("stop", "length")
    return "".join(choice["delta"].get("content") or "" for choice in choices)
