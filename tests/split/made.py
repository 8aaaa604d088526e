"""Light records for the tests of split."""

from __future__ import annotations

from collections.abc import Iterable

from pullsmith.records import PullRequest
from pullsmith.split.light import Light


def lights(records: Iterable[PullRequest]) -> list[Light]:
    """What split knows of the records."""
    return [Light.of(record) for record in records]
