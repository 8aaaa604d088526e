"""The page of a desk, answering on a free port of loopback inside a block."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from pullsmith.curate.desk import Desk
from pullsmith.curate.web.app import make_app
from pullsmith.curate.web.guard import Door
from pullsmith.curate.web.serving import settings
from pullsmith.ports import LOOPBACK, take_port


@dataclass(frozen=True)
class Served:
    """A page that answers: its address, its port, and the tokens of the links that were printed."""

    url: str
    port: int
    tokens: list[str]


@contextmanager
def served(desk: Desk, *, host: str = LOOPBACK, guarded: bool = False) -> Iterator[Served]:
    """The page of ``desk``; ``guarded`` as if others than this machine could reach it."""
    with take_port(LOOPBACK, 0) as bound:
        port, tokens = bound.getsockname()[1], list[str]()
        door = Door(guarded, tokens.append)
        if guarded:
            door.announce()
        server = uvicorn.Server(settings(make_app(desk, host=host, port=port, door=door)))
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield Served(f"http://{LOOPBACK}:{port}", port, tokens)
        finally:
            server.should_exit = server.force_exit = True
            thread.join(timeout=10)
