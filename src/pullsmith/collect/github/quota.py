"""What a server allows: how long to wait before the next request, or that it is too long.

Takes answers' status, headers and bodies; gives waits. Clock and sleep are passed in. Counts by
resource, because GitHub counts GraphQL apart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pullsmith.errors import OutsideError

LONGEST_WAIT_SECONDS = 900.0  # a limit that ends later ends the run; it goes on when run again
SHORTEST_WAIT_SECONDS = 1.0
SECONDARY_WAIT_SECONDS = 60.0  # where the server says no time, as GitHub asks for
GARBLED_WAIT_SECONDS = 60.0
PACE_SECONDS = 0.07  # GitHub allows 900 points a minute, a request being one
CORE, GRAPHQL = "core", "graphql"
_TELLING = ("rate limit", "abuse detection")
Sleep = Callable[[float], Awaitable[object]]


def limited_for(
    status: int, headers: Mapping[str, str], body: bytes, *, now: float
) -> float | None:
    """Seconds to wait where an answer is a limit's, None where it is something else."""
    if status not in (403, 429):
        return None
    asked = _retry_after(headers.get("retry-after"), _server_time(headers, now))
    if asked is not None:
        return max(asked, SHORTEST_WAIT_SECONDS)
    if headers.get("x-ratelimit-remaining") == "0":
        until = _until_reset(headers, now)
        return until if until is not None and until > 0 else SECONDARY_WAIT_SECONDS
    told = body[:2000].decode("latin-1").lower()
    if status == 429 or any(words in told for words in _TELLING):
        return SECONDARY_WAIT_SECONDS
    return None


def _server_time(headers: Mapping[str, str], now: float) -> float:
    """The server's clock, which the times in its headers are by; ours where it says none."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return now


def _retry_after(value: str | None, server_now: float) -> float | None:
    """Seconds, from seconds or a date; None where there is no such header or it is garbled."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return parsedate_to_datetime(value).timestamp() - server_now
    except (ValueError, OverflowError):
        return None


def _until_reset(headers: Mapping[str, str], now: float) -> float | None:
    reset = headers.get("x-ratelimit-reset", "")
    if not reset.isdigit():
        return None
    return float(reset) - _server_time(headers, now) + SHORTEST_WAIT_SECONDS


class Quota:
    """When the next request may go out, by resource."""

    def __init__(
        self,
        base_url: str,
        *,
        anonymous: bool,
        clock: tuple[Sleep, Callable[[], float]],
        report: Callable[[str], None],
    ) -> None:
        """Nothing is held at first; ``clock`` is (sleep, now)."""
        self.base_url, self.anonymous = base_url, anonymous
        self._sleep, self._now = clock
        self._report = report
        self._until: dict[str, float] = {}
        self._total: dict[str, str] = {}
        self._next = self._told = 0.0
        self.waited_seconds = 0.0

    def saw(self, headers: Mapping[str, str], resource: str) -> None:
        """Note what an answer says is left; nothing left holds all that follows."""
        if headers.get("x-ratelimit-remaining") == "0":
            self._total[resource] = headers.get("x-ratelimit-limit", "")
            until = _until_reset(headers, self._now())
            if until is not None and until > 0:
                self.hold(until, resource)

    def hold(self, seconds: float, resource: str) -> None:
        """No request of the resource for so long."""
        self._until[resource] = max(self._until.get(resource, 0.0), self._now() + seconds)

    async def clear(self, resource: str) -> None:
        """Wait for the limit, then for the pace; raises OutsideError where it would be too long."""
        while (wait := self._until.get(resource, 0.0) - self._now()) > 0:
            if wait > LONGEST_WAIT_SECONDS:
                raise OutsideError(self._used_up(resource))
            if self._told != self._until[resource]:
                self._told = self._until[resource]
                self._report(f"{self.base_url}: limit reached, waiting {wait:.0f} seconds")
            await self._wait(wait)
        start = max(self._next, self._now())
        self._next = start + PACE_SECONDS
        if start > self._now():
            await self._wait(start - self._now())

    async def _wait(self, seconds: float) -> None:
        self.waited_seconds += seconds
        await self._sleep(seconds)

    def _used_up(self, resource: str) -> str:
        when = datetime.fromtimestamp(self._until[resource], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        total = self._total.get(resource)
        what = f"the limit of {total} requests an hour" if total else "the request limit"
        kind = " of GraphQL" if resource == GRAPHQL else ""
        hint = (
            " without a token 60 an hour are allowed, with one 5,000: set GITHUB_TOKEN, or"
            if self.anonymous
            else ""
        )
        return (
            f"{self.base_url}: {what}{kind} is used up; it resets at {when};{hint} run the same "
            "command again then to go on: what was fetched is kept"
        )
