"""All that reading a repository gives, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pullsmith.collect.source_git import Limits, read_repository
from pullsmith.records import Drop, PullRequest
from pullsmith.study.collect import GitSource

LIMITS = Limits(max_files=50, max_blob_bytes=1 << 20)


@dataclass(frozen=True)
class Collected:
    pull_requests: tuple[PullRequest, ...]
    drops: tuple[Drop, ...]

    @property
    def considered(self) -> int:
        return len(self.pull_requests) + len(self.drops)


def collected(
    path: Path,
    limits: Limits = LIMITS,
    report: Callable[[str], None] = lambda _: None,
    **settings: Any,
) -> Collected:
    source = GitSource.model_validate({"git": path, **settings})
    outcomes = list(read_repository(path, source, limits, report=report))
    return Collected(
        tuple(one for one in outcomes if isinstance(one, PullRequest)),
        tuple(one for one in outcomes if isinstance(one, Drop)),
    )
