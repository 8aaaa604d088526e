"""Servers that are started and ended: one in this process, or a program beside it.

Takes an application and a bound socket, or a command and its address; gives the block in which it answers.
"""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from pullsmith.errors import OutsideError

if TYPE_CHECKING:
    from fastapi import FastAPI

_STEP_SECONDS = 0.02


def url_of(bound: socket.socket) -> str:
    """Where a server on that socket is asked."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"


@contextmanager
def serving(app: FastAPI, bound: socket.socket) -> Iterator[threading.Thread]:
    """The application on that socket, answering inside the block; the thread ends if it fails."""
    import uvicorn

    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise OutsideError("the server ended before it answered; see its messages above")
            time.sleep(_STEP_SECONDS)
        yield thread
    finally:
        server.should_exit = True
        server.force_exit = True  # a request in flight is cut, not waited for
        thread.join(timeout=10)
        bound.close()


@contextmanager
def program(command: Sequence[str], url: str, *, patience_seconds: float) -> Iterator[None]:
    """A server program, answering at ``url`` inside the block; ended after it.

    Raises OutsideError where it ends by itself, or does not answer in time.
    """
    process = subprocess.Popen(command)
    try:
        _wait(process, url, patience_seconds)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=30)
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, patience_seconds: float) -> None:
    opener = build_opener(ProxyHandler({}))
    end = time.monotonic() + patience_seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise OutsideError(
                f"the server ended with status {process.returncode} before it answered; "
                "its own messages are above"
            )
        with suppress(URLError, OSError), opener.open(f"{url}/models", timeout=5):
            return
        time.sleep(0.2)
    raise OutsideError(f"{url}: no answer within {patience_seconds:.0f} s")
