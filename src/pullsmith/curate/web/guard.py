"""Who may ask the curation page, and what a browser may do with what it gets.

An ASGI application around another. A request must name this server (a web page whose name was made
to mean this machine names itself), a write must come from our own page and be JSON of bounded size,
and where others can reach the address a cookie shows that a one-time link was opened. Every response
allows scripts and styles by a nonce only, and is neither framed, guessed at nor kept. Refusals are
plain text that says what to do.
"""

from __future__ import annotations

import base64
import ipaddress
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pullsmith.ports import is_loopback

MOST_BODY_BYTES = 1 << 20  # an answer has some kB
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
_SAFE = ("GET", "HEAD")
_TOKEN_BYTES = 24

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Report = Callable[[str], None]


class RefusedError(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(self, status: HTTPStatus, said: str) -> None:
        """Keep the status apart from what people read."""
        super().__init__(said)
        self.status = status


@dataclass
class Door:
    """One-time links for an address that others can reach; none are needed on loopback.

    ``link`` prints a token's address. Every link opens once and the next one is printed then, so each
    person has a link of their own. Keys live as long as the server.
    """

    needed: bool
    link: Callable[[str], None] = lambda _: None
    _token: str = ""
    _keys: set[str] = field(default_factory=set)

    def announce(self) -> None:
        """Make a token and print its link."""
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        self.link(self._token)

    def exchange(self, token: str) -> str | None:
        """A key for the token, which is then used up; None for another one."""
        if not self._token or not secrets.compare_digest(token.encode(), self._token.encode()):
            return None
        key = secrets.token_urlsafe(_TOKEN_BYTES)
        self._keys.add(key)
        self.announce()
        return key

    def knows(self, key: str) -> bool:
        """Whether the key was given for a token."""
        return any(secrets.compare_digest(key.encode(), known.encode()) for known in self._keys)


@dataclass(frozen=True)
class Guard:
    """The guarded application: what ``app`` answers to requests that may be answered at all.

    The scope it is given has ``pullsmith.nonce``. ``host`` and ``port`` are what is listened on.
    """

    app: App
    host: str
    port: int
    door: Door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        nonce = base64.b64encode(secrets.token_bytes(16)).decode()
        guarded = _with_headers(send, nonce)
        headers = _headers(scope)
        try:
            self._check(scope, headers)
            if self.door.needed and not self.door.knows(self._key(headers)):
                await self._enter(scope, guarded)
                return
            body = await _body(headers, receive) if scope["method"] == "POST" else b""
        except RefusedError as refused:
            await _say(guarded, refused.status, str(refused))
            return
        await self.app({**scope, "pullsmith.nonce": nonce}, _given(body), guarded)

    @property
    def cookie(self) -> str:
        """The name of the key's cookie; cookies of all ports of a host lie in one jar."""
        return f"pullsmith-key-{self.port}"

    def _key(self, headers: Mapping[str, str]) -> str:
        return cookies(headers.get("cookie", "")).get(self.cookie, "")

    def _check(self, scope: Scope, headers: Mapping[str, str]) -> None:
        named = headers.get("host", "")
        if not names_us(named, self.host, self.port):
            raise RefusedError(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"This server is not called {named[:100]!r}: open the address that pullsmith curate printed.",
            )
        if scope["method"] in _SAFE:
            return
        if scope["method"] != "POST":
            raise RefusedError(
                HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and POST are answered here."
            )
        site = headers.get("sec-fetch-site", "same-origin")
        if headers.get("origin") != f"http://{named}" or site != "same-origin":
            raise RefusedError(
                HTTPStatus.FORBIDDEN, "Only this server's own page may decide something here."
            )
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise RefusedError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Decisions are sent as application/json."
            )

    async def _enter(self, scope: Scope, send: Send) -> None:
        """Exchange a link's token for the cookie, or say that a link is needed."""
        tokens = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])
        key = self.door.exchange(tokens[0]) if scope["method"] == "GET" and tokens else None
        if key is None:
            said = (
                "This link was opened before, or is another server's: each opens once."
                if tokens
                else "This page is opened with the link that pullsmith curate printed."
            )
            await _say(send, HTTPStatus.FORBIDDEN, f"{said} The newest one stands in its terminal.")
            return
        kept = f"{self.cookie}={key}; HttpOnly; SameSite=Strict; Path=/"
        # Not a redirect: after one, a browser that came from elsewhere would not send a strict cookie.
        page = '<!doctype html><html lang="en"><meta http-equiv="refresh" content="0; url=/"><title>Opening</title><a href="/">Open the curation page</a></html>'
        await _say(send, HTTPStatus.OK, page, kind="text/html", more=[("set-cookie", kept)])


def names_us(named: str, host: str, port: int) -> bool:
    """Whether a Host header names the server that listens on ``host`` and ``port``.

    On loopback only loopback's names. Elsewhere the name that was given, this machine's own, or any
    address: an address cannot be made to mean another machine, as a name can.
    """
    try:
        parts = urlsplit(f"//{named}")
        name, at = parts.hostname or "", parts.port or 80
    except ValueError:
        return False
    if parts.netloc != named or "@" in named or at != port:
        return False
    if name in (*LOOPBACK_NAMES, host.lower()):
        return True
    return not is_loopback(host) and (_is_address(name) or name == socket.gethostname().lower())


def cookies(header: str) -> dict[str, str]:
    """The cookies of a header; none of one that is no cookie header."""
    jar = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: one.value for name, one in jar.items()}


def policy(nonce: str) -> str:
    """The content security policy: our own script and style by nonce, and nothing from anywhere else."""
    return "; ".join((
        "default-src 'none'", f"script-src 'nonce-{nonce}'", f"style-src 'nonce-{nonce}'", "connect-src 'self'", "img-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types pullsmith",
    ))  # fmt: skip


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _headers(scope: Scope) -> dict[str, str]:
    """The headers in lower case; one that is sent twice is joined, and then fits nothing."""
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}; {text}" if name in found else text
    return found


def _with_headers(send: Send, nonce: str) -> Send:
    added = [
        (name.encode(), value.encode())
        for name, value in (
            ("content-security-policy", policy(nonce)),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        )
    ]

    async def guarded(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *added]}
        await send(message)

    return guarded


async def _body(headers: Mapping[str, str], receive: Receive) -> bytes:
    """The whole body; raises RefusedError once it is longer than is taken, before it is all read."""
    told = headers.get("content-length", "0")
    parts: list[bytes] = []
    length = int(told) if told.isascii() and told.isdigit() else 0
    while length <= MOST_BODY_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError(HTTPStatus.BAD_REQUEST, "The request broke off.")
        parts.append(message.get("body", b""))
        length = sum(map(len, parts))
        if not message.get("more_body") and length <= MOST_BODY_BYTES:
            return b"".join(parts)
    raise RefusedError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The body is longer than {MOST_BODY_BYTES:,} bytes, which no answer is.",
    )


def _given(body: bytes) -> Receive:
    left = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(left, {"type": "http.disconnect"})

    return receive


async def _say(
    send: Send,
    status: HTTPStatus,
    text: str,
    *,
    kind: str = "text/plain",
    more: Iterable[tuple[str, str]] = (),
) -> None:
    body = text.encode()
    headers = (
        ("content-type", f"{kind}; charset=utf-8"),
        ("content-length", str(len(body))),
        *more,
    )
    encoded = [(name.encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": int(status), "headers": encoded})
    await send({"type": "http.response.body", "body": body})
