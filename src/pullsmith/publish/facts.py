"""What a row of the data set says of its pull request besides the text.

Takes pull requests and the study's students, gives Facts by id; keeps no patch in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pullsmith.models.cutoffs import is_newer
from pullsmith.records import LicenceEvidence, PullRequest, Split
from pullsmith.study import Study
from pullsmith.traits import language_of, size_of


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one pull request; ``newer_than`` and ``older_than`` name models whose cut-off is known."""

    repository: str
    language: str
    size: str
    planted: bool
    planted_secrets: bool
    split: Split | None
    licence: LicenceEvidence | None
    merged_at: str
    newer_than: tuple[str, ...]
    older_than: tuple[str, ...]

    @property
    def spdx(self) -> str:
        """The licence as an SPDX expression; empty where none was recognised."""
        return (self.licence.spdx or "") if self.licence else ""


def facts_of(pull_requests: Iterable[PullRequest], study: Study) -> dict[str, Facts]:
    """The facts of every pull request, by its id."""
    return {record.id: _facts(record, study) for record in pull_requests}


def _facts(record: PullRequest, study: Study) -> Facts:
    sides: dict[bool, list[str]] = {True: [], False: []}
    for student in study.student:
        newer = is_newer(record.merged_at, student.known_cutoff)
        if newer is not None:
            sides[newer].append(student.label)
    return Facts(
        repository=record.repository,
        language=language_of(record),
        size=size_of(record),
        planted=record.planted,
        planted_secrets=bool(record.scan and record.scan.planted_kept),
        split=record.split,
        licence=record.licence,
        merged_at=record.merged_at,
        newer_than=tuple(sides[True]),
        older_than=tuple(sides[False]),
    )
