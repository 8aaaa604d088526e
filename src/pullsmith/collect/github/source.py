"""Pull requests out of GitHub's API alone: merged ones, the newest merge first.

Takes a GitHubSource and a folder, gives records and drops. Every finished pull request is kept in
the folder at once, a record as well as a drop, so a run that was stopped goes on behind them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pullsmith.collect.github.client import Broken, Outside, Refused
from pullsmith.collect.github.listing import Listing
from pullsmith.collect.github.patch import Unusable
from pullsmith.collect.github.pulls import read_pull
from pullsmith.collect.github.session import TOGETHER, Api, open_api
from pullsmith.collect.github.wire import Damaged
from pullsmith.errors import SourceError
from pullsmith.records import Drop, PullRequest, Record, drop
from pullsmith.study.collect import GitHubSource

_RECORD, _DROP = "record", "drop"


class DroppedPull(Record):
    """A merged pull request that became no record; ``id`` is host/owner/name/pull/NUMBER."""

    id: str
    repository: str
    number: int
    merged_at: str


@dataclass(frozen=True)
class _Listed:
    """A pull request of the queue."""

    position: int
    number: int
    merged_at: str


def read_github_source(
    source: GitHubSource,
    *,
    work: Path,
    report: Callable[[str], None],
    most_files: int | None = None,
    outside: Outside | None = None,
) -> Iterator[PullRequest | Drop]:
    """Every merged pull request of the repository, newest merge first, and those that are unusable.

    At most ``source.limit`` pull requests, merged on ``source.since`` or later. ``work`` must be
    there, and be the same when run again. Raises SourceError where there is no such repository, and
    at the end where nothing was usable; OutsideError, with what to do, where the server fails.
    """
    outside = outside or Outside()
    with open_api(source.github, source.base_url, work=work, outside=outside, report=report) as api:
        reader = _Reader(api, source, report, most_files)
        kept, reasons = 0, Counter[str]()
        for outcome in reader.outcomes():
            if isinstance(outcome, Drop):
                reasons[outcome.reason] += 1
            kept += isinstance(outcome, PullRequest)
            yield outcome
        report(f"{api.repository}: {api.summary()}")
        if not kept:
            raise SourceError(_nothing(api, source, reasons), reason="no_pull_requests")


def _nothing(api: Api, source: GitHubSource, reasons: Counter[str]) -> str:
    when = f" since {source.since}" if source.since else ""
    dropped = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    said = f"all dropped: {dropped}" if dropped else f"none was merged{when}"
    return f"{api.repository}: no usable pull request: {said}"


@dataclass
class _Reader:
    """The queue in, outcomes out, in the queue's order."""

    api: Api
    source: GitHubSource
    report: Callable[[str], None]
    most_files: int | None

    @property
    def since(self) -> str:
        """The earliest merge that is wanted, as GitHub writes it."""
        return f"{self.source.since}T00:00:00Z" if self.source.since else ""

    def outcomes(self) -> Iterator[PullRequest | Drop]:
        """One outcome a pull request, until there are ``limit`` records or no more."""
        kept = position = 0
        while some := self._next(position, kept):
            position = some[-1].position
            wanted = [one for one in some if one.merged_at >= self.since]
            for listed, outcome in zip(wanted, self.api.each(self._outcome, wanted), strict=True):
                kept += isinstance(one := self._alone(listed, outcome), PullRequest)
                yield one
            self.report(f"{self.api.repository}: {kept} pull requests, {self.api.summary()}")

    def _next(self, position: int, kept: int) -> list[_Listed]:
        """The next pull requests of the queue, which is made longer where it ends."""
        limit = self.source.limit
        wanted = TOGETHER if limit is None else min(TOGETHER, limit - kept)
        if wanted <= 0:
            return []
        store = self.api.door.kept
        rows = store.queued(position, wanted)
        if not rows:
            listing = Listing(self.api.door, self.api.path, report=self.report)
            length = None if limit is None else store.queue_length() + limit - kept
            self.api.run(listing.extend(length, self.since))
            rows = store.queued(position, wanted)
        return [_Listed(*row) for row in rows]

    async def _outcome(self, listed: _Listed) -> PullRequest | Drop:
        """The outcome that is kept, or a new one, which then is."""
        store, key = self.api.door.kept, f"pull/{listed.number}"
        finished = store.item(key)
        if finished is not None:
            kind, text = finished
            model = PullRequest if kind == _RECORD else Drop
            return model.model_validate_json(text)
        outcome = await self._read(listed)
        kind = _RECORD if isinstance(outcome, PullRequest) else _DROP
        store.finish_item(key, kind, outcome.model_dump_json())
        return outcome

    async def _read(self, listed: _Listed) -> PullRequest | Drop:
        try:
            return await read_pull(self.api, listed.number, most_files=self.most_files)
        except (Unusable, Damaged) as fault:
            return self._drop(listed, fault.reason, fault.detail)
        except Refused as refused:
            reason = "not_found" if refused.status in (404, 410) else "refused"
            return self._drop(listed, reason, str(refused))
        except Broken as fault:
            error = await self.api.door.gone(fault)
            if error is not None:
                raise error from None
            return self._drop(listed, fault.reason, str(fault))

    def _alone(self, listed: _Listed, outcome: PullRequest | Drop) -> PullRequest | Drop:
        """A drop where an earlier pull request came in by the same commit."""
        if isinstance(outcome, Drop):
            return outcome
        first = self.api.door.kept.take(outcome.id, listed.number)
        if first == listed.number:
            return outcome
        return self._drop(listed, "same_merge_commit", f"#{first} came in by it too")

    def _drop(self, listed: _Listed, reason: str, detail: str) -> Drop:
        record = DroppedPull(
            id=f"{self.api.repository}/pull/{listed.number}",
            repository=self.api.repository,
            number=listed.number,
            merged_at=listed.merged_at,
        )
        return drop("collect", record, reason, detail)
