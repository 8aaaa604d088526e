"""Servers started, found taken, ended in the middle of an answer."""

from __future__ import annotations

import sys
import threading
import time

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from pullsmith.errors import OutsideError
from pullsmith.ports import LOOPBACK, take_port
from pullsmith.serve.checks import Asker
from pullsmith.serve.running import program, serving, url_of
from tests.serve.fakes import Fake, faking


def test_two_servers_on_one_port_the_second_is_refused() -> None:
    with faking(Fake()) as url:
        port = int(url.split(":")[2].split("/")[0])
        with pytest.raises(OutsideError, match=f"{port} cannot be listened on: Address already"):
            take_port(LOOPBACK, port)
    take_port(LOOPBACK, port).close()  # free again at once


def test_a_server_that_ends_in_the_middle_of_an_answer_is_one_error() -> None:
    app, asked = FastAPI(), threading.Event()

    async def endless() -> StreamingResponse:
        async def events() -> object:
            import asyncio

            yield 'data: {"choices": []}\n\n'
            asked.set()
            await asyncio.sleep(60)

        return StreamingResponse(events(), media_type="text/event-stream")

    app.add_api_route("/v1/chat/completions", endless, methods=["POST"], response_model=None)
    said: list[str] = []

    def ask(url: str) -> None:
        with Asker(url, "m", seconds=30) as asker:
            try:
                asker.streamed((), max_tokens=4)
            except OutsideError as error:
                said.append(str(error))

    with take_port(LOOPBACK, 0) as bound:
        with serving(app, bound):
            waiting = threading.Thread(target=ask, args=(url_of(bound),))
            waiting.start()
            assert asked.wait(20)
        waiting.join(20)
    assert not waiting.is_alive()
    assert len(said) == 1
    assert "(model m)" in said[0]


def test_a_program_that_ends_by_itself_or_never_answers_is_told() -> None:
    ends = [sys.executable, "-c", "raise SystemExit(3)"]
    with (
        pytest.raises(OutsideError, match="ended with status 3 before it answered"),
        program(ends, "http://127.0.0.1:9/v1", patience_seconds=20),
    ):
        pass
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    before = time.monotonic()
    with (
        pytest.raises(OutsideError, match="no answer within 0 s"),
        program(sleeps, "http://127.0.0.1:9/v1", patience_seconds=0.3),
    ):
        pass
    assert time.monotonic() - before < 20


def test_a_program_that_answers_is_ended_after_its_block() -> None:
    code = (
        "import sys\nfrom http.server import *\n"
        "class H(BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b'{}')\n"
        "    def log_message(self, *a): pass\n"
        "HTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()"
    )
    with take_port(LOOPBACK, 0) as free:
        url, port = url_of(free), free.getsockname()[1]
    with (
        program([sys.executable, "-c", code, str(port)], url, patience_seconds=30),
        pytest.raises(OutsideError),
    ):
        take_port(LOOPBACK, port)
    take_port(LOOPBACK, port).close()
