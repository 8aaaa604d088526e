"""Reading from a forge, with a clock of our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pullsmith.collect.github.client import Outside
from pullsmith.collect.github.hydrate import hydrate
from pullsmith.collect.github.source import read_github_source
from pullsmith.records import Drop, PullRequest
from pullsmith.study.collect import GitHubSource
from tests.collect.github.forge import NOW, Forge

TOKEN = {"GITHUB_TOKEN": "t0ken"}


@dataclass
class Clock:
    """Time that only passes where somebody sleeps."""

    time: float = NOW
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@dataclass
class Asker:
    """Reads from a forge; what it said is in ``said``."""

    forge: Forge
    work: Path
    environment: Mapping[str, str] = field(default_factory=lambda: TOKEN)
    clock: Clock = field(default_factory=Clock)
    said: list[str] = field(default_factory=list)
    timeout_seconds: float = 30.0
    most_files: int | None = None

    @property
    def outside(self) -> Outside:
        return Outside(
            self.clock.sleep, self.clock.now, self.environment, self.timeout_seconds, concurrency=6
        )

    def outcomes(self, **settings: object) -> list[PullRequest | Drop]:
        given = {"github": "ada/tool", "base_url": self.forge.url, **settings}
        source = GitHubSource.model_validate(given)
        return list(
            read_github_source(
                source, work=self.work, report=self.said.append,
                most_files=self.most_files, outside=self.outside,
            )
        )  # fmt: skip

    def records(self, **settings: object) -> dict[int, PullRequest]:
        return {
            one.number or 0: one
            for one in self.outcomes(**settings)
            if isinstance(one, PullRequest)
        }

    def drops(self, **settings: object) -> dict[str, str]:
        """Reason by what was dropped."""
        return {
            one.record_id.rpartition("/")[2]: one.reason
            for one in self.outcomes(**settings)
            if isinstance(one, Drop)
        }

    def hydrated(self, records: list[PullRequest]) -> list[PullRequest]:
        return hydrate(
            records, github="ada/tool", base_url=self.forge.url, work=self.work,
            report=self.said.append, outside=self.outside,
        )  # fmt: skip
