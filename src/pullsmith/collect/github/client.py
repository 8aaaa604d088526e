"""The edge to githubkit: one request, sent once, and what became of it.

Takes an address and headers, gives status, headers and bytes, or one of exceptions that say
whether asking again helps. Neither caches nor retries: githubkit's cache would keep the token, and
its retries sleep by themselves.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pullsmith.collect.github.quota import GARBLED_WAIT_SECONDS, Sleep, limited_for
from pullsmith.collect.github.wire import Damaged
from pullsmith.errors import MissingExtraError, SourceError

if TYPE_CHECKING:
    import httpx
    from githubkit import GitHub, Response
    from githubkit.graphql import GraphQLResponse

LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")
_TOKEN = re.compile(r"[\x21-\x7e]+")


class Refused(Exception):  # noqa: N818 -- an answer, and the caller decides what it means
    """The server understood, and says no: ``status`` and its own words."""

    def __init__(self, status: int, words: str) -> None:
        """Keep the status apart."""
        super().__init__(f"{status}: {words}" if words else str(status))
        self.status = status


class Broken(Exception):  # noqa: N818 -- an outcome; an error only where all is down
    """The server or the line failed: a code and a detail."""

    def __init__(self, reason: str, detail: str) -> None:
        """Keep ``reason`` apart, for counting."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class Limited(Exception):  # noqa: N818 -- an answer
    """Not now; ``seconds`` is how long."""

    def __init__(self, seconds: float) -> None:
        """Keep the wait."""
        super().__init__(f"{seconds:.0f} seconds")
        self.seconds = seconds


class BadToken(Exception):  # noqa: N818 -- an answer; the door ends the run with it
    """The token, or its absence, is refused."""


class Unanswered(Exception):  # noqa: N818 -- an answer, and the caller goes on without
    """GraphQL will not answer such a question here, however often it is asked."""


class NoGraphQL(Unanswered):
    """Here, or with this token, GraphQL answers nothing at all."""


@dataclass(frozen=True)
class Outside:
    """What is not ours: the clock, the token, how long and how many at a time."""

    sleep: Sleep = asyncio.sleep
    now: Callable[[], float] = time.time
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    timeout_seconds: float = 30.0
    concurrency: int = 6

    @property
    def token(self) -> str:
        """GITHUB_TOKEN without blanks around it; empty where there is none.

        Raises SourceError, which does not show it, where it cannot be a token.
        """
        token = self.environment.get("GITHUB_TOKEN", "").strip()
        if token and not _TOKEN.fullmatch(token):
            raise SourceError("GITHUB_TOKEN holds blanks or letters that no token has; set it anew")
        return token


@dataclass(frozen=True)
class Answer:
    """A whole answer whose status is no error."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Sends; an async context manager is ``github``."""

    def __init__(
        self, base_url: str, outside: Outside, saw: Callable[[httpx.Response], Awaitable[None]]
    ) -> None:
        """``saw`` is told of every answer. Raises MissingExtraError where githubkit is absent."""
        self._now = outside.now
        self.anonymous = not outside.token
        self.github = _github(base_url, outside, saw)

    async def send(
        self, path: str, params: tuple[tuple[str, str], ...], headers: Mapping[str, str]
    ) -> Answer:
        """The answer; raises Refused, Broken, Limited or BadToken."""
        from githubkit.exception import RequestError, RequestFailed

        try:
            answer = await self.github.arequest("GET", path, params=params, headers=headers)
        except RequestFailed as error:
            raise self._failure(error.response) from None
        except RequestError as error:
            raise _broken(error.exc) from None
        except (ValueError, OverflowError):
            # githubkit reads a limit's times before we can, and does not expect garbled ones.
            raise Limited(GARBLED_WAIT_SECONDS) from None
        return Answer(answer.status_code, answer.headers, answer.content)

    async def ask(self, query: str, variables: Mapping[str, object]) -> tuple[object, str]:
        """(data, what GraphQL says is wrong beside it); also raises Unanswered and Damaged."""
        from githubkit.exception import (
            GraphQLFailed,
            RateLimitExceeded,
            RequestError,
            RequestFailed,
        )

        try:
            return await self.github.graphql.arequest(query, dict(variables)), ""
        except GraphQLFailed as error:
            return _partly(error.response)
        except RateLimitExceeded as error:
            # By our clock, and also where it says 200.
            told = error.response
            wait = limited_for(403, told.headers, told.content, now=self._now())
            raise Limited(wait or GARBLED_WAIT_SECONDS) from None
        except RequestFailed as error:
            raise self._no_graphql(error.response) from None
        except RequestError as error:
            raise _broken(error.exc) from None
        except ValidationError:
            raise Damaged("not_json", "GraphQL answered with something else") from None
        except (ValueError, OverflowError):
            raise Limited(GARBLED_WAIT_SECONDS) from None

    def _failure(self, answer: Response[Any, Any]) -> Exception:
        """The exception for an answer whose status is an error."""
        status, words = answer.status_code, _words(answer.content)
        wait = limited_for(status, answer.headers, answer.content, now=self._now())
        if wait is not None:
            return Limited(wait)
        if status == 401:
            return BadToken(words)
        if status >= 500 or status == 408:
            return Broken("server_error", f"{status} {words}".strip())
        return Refused(status, words)

    def _no_graphql(self, answer: Response[Any, Any]) -> Exception:
        """A token may be good for REST and not for GraphQL, so a 401 is no end here."""
        failure = self._failure(answer)
        if isinstance(failure, Refused | BadToken):
            return NoGraphQL(f"GraphQL answers {answer.status_code}")
        return failure


def _github(
    base_url: str, outside: Outside, saw: Callable[[httpx.Response], Awaitable[None]]
) -> GitHub[Any]:
    try:
        from githubkit import GitHub
        from githubkit.throttling import LocalThrottler
    except ImportError as error:
        raise MissingExtraError(
            "GitHub's API needs the extra 'github': pip install 'pullsmith[github]'"
        ) from error
    options: dict[str, Any] = {
        "base_url": base_url,
        "user_agent": "pullsmith",
        "http_cache": False,
        "auto_retry": False,
        "timeout": outside.timeout_seconds,
        "throttler": LocalThrottler(outside.concurrency),
        "async_event_hooks": {"response": [saw]},
        "trust_env": not base_url.startswith(LOOPBACK),  # no proxy on the way to this machine
    }
    return GitHub(outside.token, **options) if outside.token else GitHub(**options)


def _broken(error: BaseException) -> Exception:
    """What the line did; anything that is not the line's doing is passed on."""
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return Broken("timed_out", "no answer in time")
    if isinstance(error, httpx.HTTPError | OSError | EOFError):
        return Broken("connection", type(error).__name__)
    return error if isinstance(error, Exception) else RuntimeError(repr(error))


def _partly(response: GraphQLResponse) -> tuple[object, str]:
    """Data beside errors; without data, an error that may pass is Broken, a lasting one Unanswered."""
    first = (response.errors or [])[0]
    said = f"GraphQL says {first.message[:100]!r}"
    if response.data is not None:
        return response.data, said
    if first.type is None and not (first.extensions or {}).get("code"):
        raise Broken("server_error", said) from None
    raise Unanswered(said) from None


def _words(body: bytes) -> str:
    """The server's own words, where it has any."""
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    return str(found.get("message", ""))[:200] if isinstance(found, dict) else ""
