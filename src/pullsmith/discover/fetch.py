"""Addresses a person gave, streamed into files.

Nothing else is ever asked for: a redirect is named, not followed. Tries a little, then says why not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.errors import OutsideError

if TYPE_CHECKING:
    import httpx

TRIES = 3
LONGEST_WAIT_SECONDS = 30.0
_TIMEOUT_SECONDS = 60.0
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})


def http_client() -> httpx.Client:
    """A client that keeps connections, follows no redirect and may be shared by threads."""
    import httpx

    return httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False)


def fetch(
    client: httpx.Client, url: str, into: Path, *, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Write what is at ``url`` to ``into``; raises OutsideError, with what the server said, if it cannot be had."""
    import httpx

    for tried in range(1, TRIES + 1):
        try:
            why, wait = _once(client, url, into)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why, wait = str(error) or type(error).__name__, float(2 ** (tried - 1))
        if not why:
            return
        if wait is None or tried == TRIES:
            raise OutsideError(f"{why} ({tried} tr{'y' if tried == 1 else 'ies'})")
        sleep(min(wait, LONGEST_WAIT_SECONDS))


def _once(client: httpx.Client, url: str, into: Path) -> tuple[str, float | None]:
    """One try: ("", None) when it is there, else why not, and in how many seconds to try again."""
    with client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response:
        status = response.status_code
        if status == HTTPStatus.OK:
            with into.open("wb") as handle:
                for piece in response.iter_raw():
                    handle.write(piece)
            return "", None
        if response.has_redirect_location:
            return f"it redirects to {response.headers['location']}; give that address", None
        why = f"the server said {status} {response.reason_phrase}".rstrip()
        if status not in _WORTH_ANOTHER_TRY:
            return why, None
        after = response.headers.get("retry-after", "")
        return why, float(after) if after.isdigit() else 1.0
