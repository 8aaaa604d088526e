"""Hour files as GH Archive would write them, made here: events of both eras, with nobody's real data."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

_ids = count(40_000_000_000)
Event = dict[str, Any]


def event(
    kind: str, payload: Event, *, who: str = "ann", repo: str = "forge/anvil", **changes: Any
) -> Event:
    """Any event; ``repo`` also decides the repository's id unless that is given."""
    return {
        "id": str(next(_ids)),
        "type": kind,
        "actor": {"id": 1, "login": who, "display_login": who},
        "repo": {"id": sum(map(ord, repo.lower())), "name": repo, "url": "https://forge.test"},
        "payload": payload,
        "public": True,
        "created_at": "2025-01-01T00:10:00Z",
    } | changes


def full(
    number: int, action: str = "closed", *, merged: bool = True, by: str = "ann", **changes: Any
) -> Event:
    """A PullRequestEvent from before 7 October 2025: the whole pull request is in it."""
    user_type = changes.pop("user_type", "User")
    pull = {
        "number": number,
        "user": {"login": by, "type": user_type},
        "merged": merged and action == "closed",
        "merged_at": "2025-01-01T00:09:59Z" if merged and action == "closed" else None,
        "title": "A title",
        "body": 'Says "PullRequestEvent" and "merged": true, and means nothing by it.',
        "head": {"ref": "topic", "sha": "0" * 40},
    }
    payload = {"action": action, "number": number, "pull_request": pull}
    return event("PullRequestEvent", payload, **changes)


def cut(number: int, action: str = "merged", *, branch: str = "topic", **changes: Any) -> Event:
    """A PullRequestEvent since then: whose it is and whether it was merged is not in it."""
    pull = {"id": 7, "number": number, "head": {"ref": branch, "sha": "0" * 40}}
    payload = {"action": action, "number": number, "pull_request": pull}
    return event("PullRequestEvent", payload, **changes)


def comment(number: int, who: str, **changes: Any) -> Event:
    """A review comment; the payload of either era, as far as it is read."""
    payload = {"action": "created", "pull_request": {"number": number}, "comment": {"id": 3}}
    return event("PullRequestReviewCommentEvent", payload, who=who, **changes)


def review(number: int, who: str, **changes: Any) -> Event:
    """A review without comments."""
    payload = {"action": "created", "pull_request": {"number": number}, "review": {"id": 3}}
    return event("PullRequestReviewEvent", payload, who=who, **changes)


def before_2015(number: int) -> Event:
    """An event of the schema before 2015: no id, the actor a name, another place for the repository."""
    return {
        "type": "PullRequestEvent",
        "actor": "ann",
        "repository": {"name": "anvil", "owner": "forge"},
        "payload": {"action": "closed", "number": number, "pull_request": {"merged": True}},
        "created_at": "2013-01-01T00:10:00-08:00",
    }


def lines(events: Iterable[Event]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in events)


def hour(folder: Path, name: str, *events: Event) -> Path:
    """An hour file with these events; ``name`` is the hour, such as 2025-01-01-5."""
    path = folder / f"{name}.json.gz"
    path.write_bytes(gzip.compress(lines(events)))
    return path
