"""What was asked and answered about one pull request after the other, out of three finished stages.

Takes a run folder, gives groups; only one is in memory at a time. All three are sorted by id, and an
id of a prompt or an answer begins with its pull request's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Generic, TypeVar

from pullsmith.questions import Asked
from pullsmith.records import Answer, Prompt, PullRequest, Record
from pullsmith.store import JobKey, RunFolder

R = TypeVar("R", bound=Record)


def by_pull_request(run: RunFolder, answers: Iterable[Answer] | None = None) -> Iterator[Asked]:
    """Every pull request that has ``answers``, by id; all answers of generate where none are given."""
    some_answers = run.read("generate", Answer) if answers is None else answers
    groups = groupby(some_answers, key=lambda answer: answer.pull_request_id)
    sources: _Sources | None = None
    for name, some in groups:
        sources = sources or _Sources(run, name)
        yield Asked(
            list(some),
            {record.id: record for record in sources.pull_requests.take(name)},
            {prompt.id: prompt for prompt in sources.prompts.take(name)},
        )


class _Sources:
    """Prompts and pull requests, read from that of ``first`` on."""

    def __init__(self, run: RunFolder, first: str) -> None:
        render, split = run.job(JobKey("render")), run.job(JobKey("split"))
        self.prompts = _Groups(
            render.read_from(Prompt, f"{first}#"), lambda prompt: prompt.pull_request_id
        )
        self.pull_requests = _Groups(split.read_from(PullRequest, first), lambda record: record.id)


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
