"""Which evaluated pull requests may be handed on with everything made of them, and why others may not.

Takes a run; gives the ids, and counts by reason. Nothing of a pull request that is left out goes into
a pack: no text, no answer, no verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from pullsmith.exclusions import Exclusions
from pullsmith.publish.scanned import holds_secret, texts_in
from pullsmith.records import Answer, Drop, Prompt, PullRequest, Split, Verdict
from pullsmith.spdx import PERMISSIVE, allows
from pullsmith.store import RunFolder
from pullsmith.study import Study

_TEXTS = {"title", "body", "branch", "commit_messages", "files", "defect"}


@dataclass(frozen=True)
class HandedOn:
    """What is in a pack, and what not; ``removed`` are all ids that somebody asked to leave out."""

    pull_requests: frozenset[str]
    left_out: dict[str, int]
    removed: frozenset[str]
    exclusions: tuple[Exclusions, ...]

    def example(self, drop: Drop) -> bool:
        """Whether a dropped record may be named: neither asked to be left out, nor with a secret."""
        if drop.reason == "excluded" or drop.record_id.partition("#")[0] in self.removed:
            return False
        if holds_secret((drop.record_id, drop.detail)):
            return False
        return not self.exclusions or not self._excluded(drop)

    def _excluded(self, drop: Drop) -> bool:
        if "#" in drop.record_id:  # made of a pull request that was collected, so ``removed`` knows
            return False
        try:
            record = PullRequest.model_validate_json(drop.record_json)
        except ValidationError:
            return True  # nobody can say who it is of
        return any(each.naming(record) for each in self.exclusions)


def removed_by(run: RunFolder, lists: Sequence[Exclusions]) -> frozenset[str]:
    """The ids of collected pull requests that must not be handed on.

    Names are asked as collect had them, because later stages only know masks.
    """
    if not lists:
        return frozenset()
    records = run.read("collect", PullRequest)
    return frozenset(r.id for r in records if any(each.naming(r) for each in lists))


def handed_on(
    study: Study, run: RunFolder, lists: Iterable[Exclusions], *, any_licence: bool
) -> HandedOn:
    """Choose among the evaluated pull requests; ``any_licence`` keeps also those nobody may show."""
    asked = tuple(each for each in lists if each != Exclusions())
    removed = removed_by(run, asked)
    secret = _with_secrets(study, run)
    kept: set[str] = set()
    left_out: Counter[str] = Counter()
    for record in _evaluated(run):
        reason = _why_not(record, removed, secret, any_licence=any_licence)
        if reason:
            left_out[reason] += 1
        else:
            kept.add(record.id)
    return HandedOn(frozenset(kept), dict(sorted(left_out.items())), removed, asked)


def _why_not(
    record: PullRequest,
    removed: Collection[str],
    secret: Collection[str],
    *,
    any_licence: bool,
) -> str | None:
    if record.id in removed:
        return "removed"
    spdx = record.licence.spdx if record.licence else None
    if not any_licence and not allows(spdx, PERMISSIVE):
        return "licence_not_permissive"
    planted_secrets = record.scan is not None and record.scan.planted_kept > 0
    return "secret_found" if record.id in secret and not planted_secrets else None


def _evaluated(run: RunFolder) -> Iterator[PullRequest]:
    return (r for r in run.read("split", PullRequest) if r.split is Split.EVAL)


def _with_secrets(study: Study, run: RunFolder) -> set[str]:
    """Pull requests in which the last look finds a secret: in their texts, or in what was said of them."""
    return {name for name, texts in _said(study, run) if holds_secret(texts)}


def _said(study: Study, run: RunFolder) -> Iterator[tuple[str, Iterable[str]]]:
    for record in _evaluated(run):
        yield record.id, texts_in(record.model_dump(include=_TEXTS))
    for prompt in run.read("render", Prompt):
        if prompt.split is Split.EVAL:
            yield prompt.pull_request_id, (each.content for each in prompt.messages)
    for cell in study.respond_cells:
        for answer in run.read("respond", Answer, cell):
            yield answer.pull_request_id, (answer.text, answer.fault or "")
    for cell in study.judge_cells:
        for verdict in run.read("judge", Verdict, cell):
            yield verdict.pull_request_id, (verdict.why,)
