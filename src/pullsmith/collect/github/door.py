"""One request to the API: out of what is kept, or asked, again where that helps, within the limits.

Takes addresses and a reader of bytes, gives what the reader makes of a whole answer. Only an answer
that was read is kept. Knows nothing of pull requests.

    limit reached                       waited for, or the run ends with the time it resets (OutsideError)
    token refused (401)                 the run ends at once (OutsideError)
    5xx, time-out, dropped connection   tried again, then Broken
    an answer that is not what it says  tried again past the cache, then Damaged
    404, 403, 406, 422 and others       Refused, not tried again
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from pullsmith.collect.github.client import (
    BadToken,
    Broken,
    Client,
    Limited,
    Outside,
    Refused,
    Unanswered,
)
from pullsmith.collect.github.kept import Kept, Response
from pullsmith.collect.github.quota import CORE, GRAPHQL, Quota
from pullsmith.collect.github.wire import Damaged
from pullsmith.errors import OutsideError
from pullsmith.records import digest

if TYPE_CHECKING:
    import httpx

JSON, DIFF = "application/vnd.github+json", "application/vnd.github.diff"
API_VERSION = "2022-11-28"
PER_PAGE = 100
MOST_PAGES = 5000
TRIES = 5  # of a request that the server or the line fails
DAMAGED_TRIES = 3
LIMIT_TRIES = 6
T = TypeVar("T")


@dataclass(frozen=True)
class Ask:
    """A GET. ``lasting``: one answer is enough, as it never changes or is part of one item."""

    path: str
    params: tuple[tuple[str, str], ...] = ()
    form: str = JSON
    lasting: bool = False

    @property
    def key(self) -> str:
        """What the answer is kept under."""
        return " ".join([self.form, self.path, *(f"{name}={value}" for name, value in self.params)])

    def page(self, number: int) -> Ask:
        """The same, of one page."""
        page = (("per_page", str(PER_PAGE)), ("page", str(number)))
        return Ask(self.path, (*self.params, *page), self.form, self.lasting)


class Door:
    """The API of one server; an async context manager.

    ``requests`` counts what was sent, ``unchanged`` what cost no quota, ``faults`` what came back
    amiss, by reason.
    """

    def __init__(
        self, base_url: str, kept: Kept, *, outside: Outside, report: Callable[[str], None]
    ) -> None:
        """Open nothing yet; raises MissingExtraError without githubkit, SourceError on a bad token."""
        self.base_url, self.kept = base_url, kept
        self.requests = self.unchanged = 0
        self.faults: Counter[str] = Counter()
        self._client = Client(base_url, outside, self._saw)
        self.anonymous = self._client.anonymous
        self._sleep = outside.sleep
        clock = (outside.sleep, outside.now)
        self._quota = Quota(base_url, anonymous=self.anonymous, clock=clock, report=report)
        self._ended: OutsideError | None = None
        self._asked: dict[str, asyncio.Lock] = {}

    async def __aenter__(self) -> Self:
        await self._client.github.__aenter__()  # type: ignore[no-untyped-call]  # theirs is bare
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.github.__aexit__(kind, error, trace)

    async def get(self, ask: Ask, read: Callable[[bytes], T], *, fresh: bool = False) -> T:
        """What ``read`` makes of the answer; ``fresh`` passes by what is kept."""
        return (await self._get(ask, read, fresh))[0]

    async def page(
        self, ask: Ask, number: int, read: Callable[[bytes], list[T]], *, fresh: bool = False
    ) -> tuple[list[T], bool]:
        """(one page, whether another may follow). A full page that says nothing may have one."""
        rows, response = await self._get(ask.page(number), read, fresh)
        if not rows and response.more:
            self.faults["page_empty"] += 1
            rows, response = await self._get(ask.page(number), read, True)
        if not rows and response.more:
            raise Damaged("page_empty", f"{ask.path}: page {number} is empty and not the last")
        more = len(rows) >= PER_PAGE if response.more is None else response.more
        return rows, more

    async def all_pages(
        self,
        ask: Ask,
        read: Callable[[bytes], list[T]],
        identity: Callable[[T], object],
        *,
        fresh: bool = False,
    ) -> list[T]:
        """The rows of all pages, read once more where one comes twice, then Damaged."""
        try:
            return await self._pages(ask, read, identity, fresh=fresh)
        except Damaged as fault:
            if fault.reason != "page_repeated":
                raise
            self.faults[fault.reason] += 1
            return await self._pages(ask, read, identity, fresh=True)

    async def _pages(
        self,
        ask: Ask,
        read: Callable[[bytes], list[T]],
        identity: Callable[[T], object],
        *,
        fresh: bool,
    ) -> list[T]:
        rows: dict[object, T] = {}
        for number in range(1, MOST_PAGES):
            page, more = await self.page(ask, number, read, fresh=fresh)
            before = len(rows)
            rows |= {identity(row): row for row in page}
            if len(rows) != before + len(page):
                raise Damaged("page_repeated", f"{ask.path}: a row of page {number} comes twice")
            if not more:
                break
        return list(rows.values())

    async def graphql(
        self, query: str, variables: Mapping[str, object], read: Callable[[object], T]
    ) -> T:
        """What ``read`` makes of the data, asked for once; Unanswered where asking again is no use."""
        key = f"graphql {digest([query, variables])}"
        kept = self.kept.response(key)
        if kept is not None:
            with suppress(Damaged):
                return read(json.loads(kept.body))

        async def attempt(_: bool) -> T:
            self.requests += 1
            data, said = await self._client.ask(query, variables)
            try:
                value = read(data)
            except Damaged as fault:
                raise (Unanswered(said) if said else fault) from None
            self.kept.keep_response(key, Response(json.dumps(data).encode(), "", None))
            return value

        return await self._persist(attempt, GRAPHQL, fresh=False)

    async def gone(self, fault: Broken) -> OutsideError | None:
        """The error that ends the run where the server answers nothing any more, else None."""
        if self._ended is None and await self.alive():
            return None
        return self._ended or self._end(f"does not answer ({fault})")

    async def alive(self) -> bool:
        """Whether the server answers at all, by a question that costs nothing."""
        self.requests += 1
        try:
            await self._client.send("/rate_limit", (), {})
        except Broken:
            return False
        except (Refused, Limited, BadToken):
            return True
        return True

    async def _get(self, ask: Ask, read: Callable[[bytes], T], fresh: bool) -> tuple[T, Response]:
        """Several that want the same at once wait for the first of them."""
        async with self._asked.setdefault(ask.key, asyncio.Lock()):
            try:
                return await self._get_alone(ask, read, fresh)
            finally:
                self._asked.pop(ask.key, None)

    async def _get_alone(
        self, ask: Ask, read: Callable[[bytes], T], fresh: bool
    ) -> tuple[T, Response]:
        kept = None if fresh else self.kept.response(ask.key)
        if kept is not None and ask.lasting:
            with suppress(Damaged):  # kept by a version that wanted less of it
                return read(kept.body), kept
            kept = None

        async def attempt(again: bool) -> tuple[T, Response]:
            response = await self._ask(ask, None if again else kept)
            value = read(response.body)
            if response is not kept:
                self.kept.keep_response(ask.key, response)
            return value, response

        return await self._persist(attempt, CORE, fresh=fresh)

    async def _persist(
        self, attempt: Callable[[bool], Awaitable[T]], resource: str, *, fresh: bool
    ) -> T:
        """``attempt`` until it succeeds; it is told whether to pass by what is kept."""
        counts: Counter[type[Exception]] = Counter()
        while True:
            await self._may_go(resource)
            try:
                return await attempt(fresh or counts[Damaged] > 0)
            except (Limited, Damaged, Broken, BadToken) as fault:
                counts[type(fault)] += 1
                await self._again(fault, counts, resource)

    async def _again(
        self, fault: Exception, counts: Counter[type[Exception]], resource: str
    ) -> None:
        """Return when the attempt may be made again; raise where it may not."""
        tries = counts[type(fault)]
        if isinstance(fault, BadToken):
            raise self._end(self._refused_token()) from None
        if isinstance(fault, Limited):
            self.faults["limited"] += 1
            self._quota.hold(fault.seconds, resource)
            if tries == LIMIT_TRIES:
                raise self._end(f"still says wait after {tries} waits") from None
            return  # the quota waits
        assert isinstance(fault, Damaged | Broken)
        self.faults[fault.reason] += 1
        if tries == (DAMAGED_TRIES if isinstance(fault, Damaged) else TRIES):
            raise fault
        await self._sleep(2.0 ** (tries - 1))

    def _refused_token(self) -> str:
        if self.anonymous:
            return "wants a token (401): set GITHUB_TOKEN"
        return "refuses GITHUB_TOKEN (401): it may be revoked or expired; set a valid one"

    async def _may_go(self, resource: str) -> None:
        if self._ended is None:
            await self._quota.clear(resource)
        if self._ended is not None:  # maybe found out by another request while this one waited
            raise self._ended

    def _end(self, found: str) -> OutsideError:
        """The error that ends this and every later request."""
        self._ended = OutsideError(
            f"{self.base_url} {found}; what was fetched is kept: run the same command again to go on"
        )
        return self._ended

    async def _ask(self, ask: Ask, kept: Response | None) -> Response:
        headers = {"Accept": ask.form, "X-GitHub-Api-Version": API_VERSION}
        if kept is not None and kept.etag:
            headers["If-None-Match"] = kept.etag
        self.requests += 1
        answer = await self._client.send(ask.path, ask.params, headers)
        if answer.status == 304 and kept is not None:
            self.unchanged += 1
            return kept
        if answer.status != 200:
            raise Damaged("unexpected_status", f"{ask.path}: {answer.status}")
        link = answer.headers.get("link")
        more = None if link is None else 'rel="next"' in link
        return Response(answer.body, answer.headers.get("etag", ""), more)

    async def _saw(self, response: httpx.Response) -> None:
        resource = GRAPHQL if response.request.url.path.endswith("/graphql") else CORE
        self._quota.saw(response.headers, resource)
