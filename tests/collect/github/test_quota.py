"""How long answers say to wait, and what is no limit."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from pullsmith.collect.github.quota import limited_for

NOW = 1_800_000_000.0
LATER = str(int(NOW) + 500)


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (403, {"retry-after": "7"}, b"", 7),
        (403, {"retry-after": "0"}, b"", 1),
        (429, {"retry-after": formatdate(NOW + 30, usegmt=True)}, b"", 30),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": LATER}, b"", 501),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, b"", 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, b"", 60),
        (403, {}, b"You have exceeded a SECONDARY rate limit", 60),
        (403, {}, b"abuse detection", 60),
        (429, {}, b"", 60),
        (403, {}, b"Resource not accessible by token", None),
        (403, {"x-ratelimit-remaining": "17"}, b"no", None),
        (404, {"retry-after": "7"}, b"rate limit", None),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": LATER}, b"", None),
    ],
)
def test_waits(status: int, headers: dict[str, str], body: bytes, expected: float | None) -> None:
    assert limited_for(status, headers, body, now=NOW) == expected


def test_times_are_by_the_servers_clock() -> None:
    """Ours may be an hour off."""
    headers = {
        "x-ratelimit-remaining": "0", "x-ratelimit-reset": LATER,
        "date": formatdate(NOW, usegmt=True),
    }  # fmt: skip
    assert limited_for(403, headers, b"", now=NOW - 3600) == 501
