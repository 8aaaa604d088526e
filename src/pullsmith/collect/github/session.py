"""One repository's API, open: its door, its name as it is now, and what runs the questions.

Takes a name, an address and a folder, gives ``Api``, whose ``each`` answers several questions
beside each other and in order. It is where the world that cannot wait meets the one that can.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pullsmith.collect.github.client import Broken, Outside, Refused
from pullsmith.collect.github.door import Ask, Door
from pullsmith.collect.github.kept import Kept
from pullsmith.collect.github.wire import Damaged, Repository, reader
from pullsmith.errors import OutsideError, SourceError

TOGETHER = 24  # pull requests read beside each other; the door bounds requests
_read_repository = reader(Repository)
_NAME = "full_name"
T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Api:
    """A repository's API. ``full_name`` is its owner/name now, which a redirect may have changed."""

    door: Door
    full_name: str
    host: str
    runner: asyncio.Runner

    @property
    def path(self) -> str:
        """Where its addresses begin."""
        return f"/repos/{self.full_name}"

    @property
    def repository(self) -> str:
        """What ids and splits call it: host/owner/name."""
        return f"{self.host}/{self.full_name}"

    def run(self, question: Coroutine[object, object, T]) -> T:
        """The answer to one question."""
        return self.runner.run(question)

    def each(self, ask: Callable[[U], Awaitable[T]], those: Sequence[U]) -> list[T]:
        """The answers in the order of ``those``, asked for beside each other.

        Every one is waited for before the first error is raised, so that what was fetched is kept.
        """

        async def together() -> list[T | BaseException]:
            return await asyncio.gather(*map(ask, those), return_exceptions=True)

        answers = self.run(together())
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return [answer for answer in answers if not isinstance(answer, BaseException)]

    def summary(self) -> str:
        """What was asked, for people."""
        door = self.door
        faults = ", ".join(f"{reason} {count}" for reason, count in sorted(door.faults.items()))
        said = f"{door.requests} requests, {door.unchanged} unchanged"
        return f"{said}; faults: {faults}" if faults else said


@contextmanager
def open_api(
    github: str, base_url: str, *, work: Path, outside: Outside, report: Callable[[str], None]
) -> Iterator[Api]:
    """The API of one repository, closed at the end.

    Raises SourceError where there is no such repository, OutsideError where the server does not
    answer as GitHub does, MissingExtraError without githubkit.
    """
    with Kept(work / "github.sqlite") as kept, asyncio.Runner() as runner:
        door = Door(base_url, kept, outside=outside, report=report)
        runner.run(door.__aenter__())
        try:
            name = runner.run(_full_name(door, github))
            yield Api(door, name, host_of(base_url), runner)
        finally:
            runner.run(door.__aexit__(None, None, None))


def host_of(base_url: str) -> str:
    """The host that people's addresses have: the API of github.com lives on another."""
    host = urlsplit(base_url).hostname or ""
    return host.removeprefix("api.") if host.endswith((".github.com", ".ghe.com")) else host


async def _full_name(door: Door, github: str) -> str:
    known = door.kept.fact(_NAME)
    if known is not None:
        return known
    where = f"{door.base_url}: "
    try:
        found = await door.get(Ask(f"/repos/{github}"), _read_repository)
    except Refused as refused:
        raise _refused(where, github, door, refused) from None
    except Damaged as fault:
        raise OutsideError(
            f"{where}{github}: this is not what GitHub answers: {fault}; is base_url right? "
            "Of a GitHub Enterprise server it is https://HOST/api/v3"
        ) from None
    except Broken as fault:
        raise OutsideError(
            f"{where}does not answer ({fault}); run the same command again to go on"
        ) from None
    door.kept.learn(_NAME, found.full_name)
    return found.full_name


def _refused(where: str, github: str, door: Door, refused: Refused) -> Exception:
    if refused.status == 404:
        hint = (
            "a private one needs a token that may read it: set GITHUB_TOKEN"
            if door.anonymous
            else "or GITHUB_TOKEN may not read it"
        )
        return SourceError(f"{where}no repository {github} (404); {hint}")
    return SourceError(f"{where}{github} is refused: {refused}")
