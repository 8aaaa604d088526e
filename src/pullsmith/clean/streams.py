"""What was asked and answered about one pull request after the other, out of three finished stages.

Takes a run folder, gives groups; only one is in memory at a time. All three are sorted by id, and an
id of a prompt or an answer begins with its pull request's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from pullsmith.records import Answer, Prompt, PullRequest, Record
from pullsmith.store import RunFolder

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Asked:
    """The answers about one pull request, and what they are about; nothing where it is not there."""

    answers: list[Answer]
    pull_requests: dict[str, PullRequest]
    prompts: dict[str, Prompt]


def by_pull_request(run: RunFolder) -> Iterator[Asked]:
    """Every pull request that has answers, by id."""
    prompts = _Groups(run.read("render", Prompt), lambda prompt: prompt.pull_request_id)
    pull_requests = _Groups(run.read("split", PullRequest), lambda record: record.id)
    answers = run.read("generate", Answer)
    for name, some in groupby(answers, key=lambda answer: answer.pull_request_id):
        yield Asked(
            list(some),
            {record.id: record for record in pull_requests.take(name)},
            {prompt.id: prompt for prompt in prompts.take(name)},
        )


class _Groups(Generic[R]):
    """Sorted records in groups that are asked for in the same order."""

    def __init__(self, records: Iterator[R], name_of: Callable[[R], str]) -> None:
        self._groups = groupby(records, key=name_of)
        self._next = self._read()

    def take(self, name: str) -> list[R]:
        """The group of that name; empty where there is none. Smaller names are passed over."""
        # As they stand in ids: a name that another one begins with comes after it, not before.
        while self._next is not None and f"{self._next[0]}#" < f"{name}#":
            self._next = self._read()
        if self._next is None or self._next[0] != name:
            return []
        taken = self._next[1]
        self._next = self._read()
        return taken

    def _read(self) -> tuple[str, list[R]] | None:
        found = next(self._groups, None)
        return None if found is None else (found[0], list(found[1]))
