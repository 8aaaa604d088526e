"""Requests to a page as any program could make them, each header as given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection

from tests.curate.pages import Served


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Message
    text: str

    @property
    def cookie(self) -> str:
        """The first cookie that was set, as it is sent back."""
        return (self.headers["set-cookie"] or "").partition(";")[0]


def ask(
    page: Served,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str | None] | None = None,
    body: bytes | Iterable[bytes] | None = None,
) -> Reply:
    """One request; a header of None is left out, also the ones a browser would send."""
    host = f"127.0.0.1:{page.port}"
    sent: dict[str, str | None] = {"Host": host}
    if method != "GET":
        sent |= {"Origin": f"http://{host}", "Content-Type": "application/json"}
    sent |= headers or {}
    connection = HTTPConnection("127.0.0.1", page.port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in sent.items():
        if value is not None:
            connection.putheader(name, value)
    if isinstance(body, bytes):
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
    elif body is not None:
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders(body, encode_chunked=True)
    else:
        connection.endheaders()
    answer = connection.getresponse()
    reply = Reply(answer.status, answer.headers, answer.read().decode())
    connection.close()
    return reply


def post(page: Served, path: str, said: object, **headers: str | None) -> Reply:
    """A write of our own page; further headers as given, ``_`` for ``-``."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(page, path, method="POST", headers=more, body=json.dumps(said).encode())


def entered(page: Served, who: str = "Anna") -> str:
    """The cookie of a person who said their name."""
    return post(page, "/door", {"who": who}).cookie
