"""Requests and roles for the tests of the door, and sleeping that takes no time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pullsmith.llm.door import Door
from pullsmith.llm.open_model import open_model
from pullsmith.llm.protocol import Completion, Model, Request
from pullsmith.records import Message, SecretScan
from pullsmith.study.roles import Role
from tests.llm.server import Server

SCAN = SecretScan(rules_version="test-1")


class Sleeps:
    """Sleeping for tests: remembers how long, and only lets others run."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


def request(text: str, model: str = "scripted:x", **changes: Any) -> Request:
    """A request with one message."""
    messages = (Message(role="user", content=text),)
    return Request(model=model, messages=messages, scan=SCAN).model_copy(update=changes)


def role(model: str = "scripted:x", **settings: Any) -> Role:
    """A role with short limits."""
    return Role(model=model, **{"timeout_seconds": 5.0, "tries": 4, **settings})


def ask(
    journal: Path,
    model: Model,
    requests: Sequence[Request],
    *,
    sleeps: Sleeps | None = None,
    **settings: Any,
) -> list[Completion]:
    """Through the door, without waiting."""
    return Door(journal, sleep=sleeps or Sleeps()).ask(model, requests, role(**settings))


async def ask_server(
    journal: Path,
    server: Server,
    texts: Sequence[str],
    *,
    sleeps: Sleeps | None = None,
    **settings: Any,
) -> list[Completion]:
    """Each text put to the server's model, through the door."""
    model = open_model(server.model, environ={})
    requests = [request(text, server.model) for text in texts]
    door = Door(journal, sleep=sleeps or Sleeps())
    try:
        return await door.complete_all(model, requests, role(server.model, **settings))
    finally:
        await model.close()  # type: ignore[union-attr]  # an endpoint has one
