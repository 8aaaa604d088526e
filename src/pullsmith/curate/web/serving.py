"""The curation page on an address: listened for, announced, ended with Ctrl-C.

Takes a desk and an address; gives a server that answers until it is stopped.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from pullsmith.curate.desk import Desk
from pullsmith.curate.web.app import make_app
from pullsmith.curate.web.guard import App, Door
from pullsmith.ports import is_loopback, take_port

_IDLE_SECONDS = 30  # that a connection nobody uses stays open


def serve_page(
    desk: Desk, *, host: str, port: int, queue: str, report: Callable[[str], None]
) -> None:
    """Answer until interrupted; ``report`` gets the address, and each one-time link."""
    with take_port(host, port) as bound:
        at = bound.getsockname()[1]
        address = f"http://{_written(host, bound)}:{at}/"
        reached = not is_loopback(host)
        door = Door(reached, lambda token: report(f"opens once: {address}?token={token}"))
        if reached:
            report(
                f"everyone who can reach {host} can reach this page; each link lets one person in"
            )
            door.announce()
        else:
            report(f"open {address}{queue}")
        app = make_app(desk, host=host, port=at, door=door)
        with suppress(KeyboardInterrupt):  # that is how it ends
            uvicorn.Server(settings(app)).run([bound])


def settings(app: App) -> uvicorn.Config:
    """How uvicorn answers: quiet, and believing nobody who says whom a request is from."""
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        ws="none",
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=2,
    )


def _written(host: str, bound: socket.socket) -> str:
    """The host as an address has it; one that means every address is told by the machine's name."""
    if host in ("0.0.0.0", "::"):  # noqa: S104, RUF100
        return socket.gethostname()
    return f"[{host}]" if bound.family == socket.AF_INET6 else host
