"""A loopback server that speaks the chat format, and misbehaves on command as real ones do."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self


class How(StrEnum):
    """What becomes of the connection while a reply is sent."""

    WHOLE = "whole"
    CUT = "cut"  # the promised length is not reached
    DROP = "drop"  # closed without a byte
    HANG = "hang"  # nothing, for ever


@dataclass(frozen=True)
class Reply:
    """One reply; ``delay_seconds`` pass before its first byte."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[str, ...] = ()
    how: How = How.WHOLE
    delay_seconds: float = 0.0


@dataclass(frozen=True)
class Call:
    """One request as it came: the prompt's text, and how often that prompt came before."""

    text: str
    number: int
    body: dict[str, Any]
    headers: dict[str, str]


Behaviour = Callable[[Call], Reply]


def completion(text: str | None, *, finish: str = "stop", refusal: str | None = None) -> Reply:
    """A chat completion that says ``text``."""
    message = {"role": "assistant", "content": text, "refusal": refusal}
    body = {
        "id": "x", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }  # fmt: skip
    return Reply(body=json.dumps(body).encode())


def echo(call: Call) -> Reply:
    """The healthy server: says what it was asked."""
    return completion(f"answer to {call.text}")


def failure(status: int, code: str, *, headers: tuple[str, ...] = ()) -> Reply:
    """An error in the format's own form."""
    body = {"error": {"message": f"said {code}", "code": code, "type": None, "param": None}}
    return Reply(status, json.dumps(body).encode(), headers)


class Server:
    """An async context manager; ``calls`` and ``answered`` (by prompt) count what it did."""

    def __init__(self, behaviour: Behaviour = echo) -> None:
        self.behaviour = behaviour
        self.calls: list[Call] = []
        self.answered: Counter[str] = Counter()
        self.in_flight = 0
        self.most_in_flight = 0
        self._seen: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """The base_url of the endpoint."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def model(self) -> str:
        """A model at the endpoint, named as a study names it."""
        return f"{self.url}#small"

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (call := await self._read(reader)) is not None:
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    if not await self._reply(call, writer):
                        break
                finally:
                    self.in_flight -= 1
        except (ConnectionError, ValueError, asyncio.IncompleteReadError):
            pass  # the client went away, which is its right
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Call | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.IncompleteReadError:
            return None
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:])
        }
        body = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))))
        text = body["messages"][-1]["content"]
        call = Call(text, self._seen[text], body, headers)
        self._seen[text] += 1
        self.calls.append(call)
        return call

    async def _reply(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays open."""
        reply = self.behaviour(call)
        await asyncio.sleep(3600 if reply.how is How.HANG else reply.delay_seconds)
        if reply.how is How.DROP:
            return False
        if reply.status == 200 and reply.how is How.WHOLE:
            self.answered[call.text] += 1
        lines = (
            f"HTTP/1.1 {reply.status} X",
            "Content-Type: application/json",
            f"Content-Length: {len(reply.body)}",
            *reply.headers,
        )
        body = reply.body[: len(reply.body) // 2] if reply.how is How.CUT else reply.body
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        return reply.how is How.WHOLE


@contextmanager
def serving(behaviour: Behaviour = echo) -> Iterator[Server]:
    """The server in a thread of its own, for code that runs its own event loop."""
    server, ready = Server(behaviour), Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with server:
            ready.set()
            await stop.wait()

    thread = Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(5)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)
        loop.close()
