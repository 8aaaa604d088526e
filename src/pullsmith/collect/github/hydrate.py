"""What git does not have, for records that git gave: body, labels, reviews, threads, closed issues.

Takes records, gives the same ones in the same order. Nothing that git has is changed but a body,
where the API has one. A number is believed only where its pull request has the record's own
commits, or was landed by hand under a number that is nearly sure; else it may be another's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pullsmith.collect.github.client import Broken, Outside, Refused
from pullsmith.collect.github.pulls import TALK_CUT, pull_at
from pullsmith.collect.github.session import TOGETHER, Api, open_api
from pullsmith.collect.github.talk import talk_of, words
from pullsmith.collect.github.wire import Damaged, Pull
from pullsmith.records import LinkedIssue, PullRequest, Record, Review, ReviewThread

SURE = 0.9  # below that a number may be an issue's, or another repository's
_FILLED, _LEFT = "filled", "left"


class Filling(Record):
    """What the API adds to one record."""

    body: str
    labels: tuple[str, ...]
    reviews: tuple[Review, ...]
    threads: tuple[ReviewThread, ...]
    closes: tuple[LinkedIssue, ...]
    whole: bool

    def into(self, record: PullRequest) -> PullRequest:
        """The record with it."""
        flags = record.flags if self.whole else tuple(sorted({*record.flags, TALK_CUT}))
        update = self.model_dump(include={"labels"}) | {
            "body": self.body or record.body,
            "reviews": self.reviews,
            "threads": self.threads,
            "closes": self.closes,
            "flags": flags,
        }
        return record.model_copy(update=update)


def hydrate(
    records: Sequence[PullRequest],
    *,
    github: str,
    base_url: str,
    work: Path,
    report: Callable[[str], None],
    outside: Outside | None = None,
) -> list[PullRequest]:
    """The records with what the API knows of them, in their order; none for none.

    Records without a number, and those whose number is not theirs, stay as they are, and ``report``
    says how many and why. Raises SourceError and OutsideError as ``read_github_source`` does.
    """
    if not any(one.number for one in records):
        return list(records)
    outside = outside or Outside()
    with open_api(github, base_url, work=work, outside=outside, report=report) as api:
        filler = _Filler(api)
        waiting, filled = iter(records), list[PullRequest]()
        while some := list(islice(waiting, TOGETHER)):
            filled += api.each(filler.filled, some)
        left = ", ".join(f"{reason} {count}" for reason, count in sorted(filler.left.items()))
        said = f"; left as they are: {left}" if left else ""
        report(f"{api.repository}: {len(records)} asked about, {api.summary()}{said}")
        return filled


@dataclass
class _Filler:
    api: Api
    left: Counter[str] = field(default_factory=Counter)

    async def filled(self, record: PullRequest) -> PullRequest:
        if record.number is None:
            self.left["no_number"] += 1
            return record
        key = f"talk/{record.id}"
        kind, text = self.api.door.kept.item(key) or await self._ask(key, record, record.number)
        if kind == _LEFT:
            self.left[text.decode()] += 1
            return record
        return Filling.model_validate_json(text).into(record)

    async def _ask(self, key: str, record: PullRequest, number: int) -> tuple[str, bytes]:
        """(kind, text) of a finished item: what is to be filled in, or why nothing is."""
        try:
            outcome = await self._filling(record, number)
        except Damaged as fault:
            outcome = fault.reason
        except Refused as refused:
            outcome = "not_found" if refused.status in (404, 410) else "refused"
        except Broken as fault:
            error = await self.api.door.gone(fault)
            if error is not None:
                raise error from None
            outcome = fault.reason
        kind = _LEFT if isinstance(outcome, str) else _FILLED
        text = outcome if isinstance(outcome, str) else outcome.model_dump_json()
        self.api.door.kept.finish_item(key, kind, text)
        return kind, text.encode()

    async def _filling(self, record: PullRequest, number: int) -> Filling | str:
        pull = await pull_at(self.api, number)
        if not _is_its(record, pull):
            return "other_commits"
        talk = await talk_of(self.api.door, self.api.full_name, self.api.host, pull)
        return Filling(
            body=words(pull.body),
            labels=tuple(label.name for label in pull.labels),
            reviews=talk.reviews,
            threads=talk.threads,
            closes=talk.closes,
            whole=talk.whole,
        )


def _is_its(record: PullRequest, pull: Pull) -> bool:
    """Whether the pull request is the record's: by a commit, or landed by hand under its number."""
    if record.merge_sha == pull.merge_commit_sha or record.head_sha == pull.head.sha:
        return True
    return pull.merged_at is None and record.confidence >= SURE
