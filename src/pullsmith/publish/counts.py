"""What a card counts: one pass over the rows that are handed on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pullsmith.publish.facts import Facts
from pullsmith.publish.rows import Row
from pullsmith.records import Split
from pullsmith.study import Study


@dataclass
class Counts:
    """Rows by contract and tool, pull requests by all else."""

    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    terms: Counter[str] = field(default_factory=Counter)
    pull_requests: set[str] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """Count one row."""
        self.rows[row.contract, row.tool] += 1
        self.terms[row.terms] += 1
        self.pull_requests.add(row.pull_request_id)


@dataclass(frozen=True)
class LicenceCount:
    """A licence, how many pull requests and repositories are under it, and one file that says so."""

    name: str
    pull_requests: int
    repositories: int
    evidence: str


def licences(facts: Iterable[Facts]) -> list[LicenceCount]:
    """The licences, the most frequent first; pull requests without a recognised one are "none"."""
    groups: dict[str, list[Facts]] = {}
    for each in facts:
        groups.setdefault(each.spdx or "none recognised", []).append(each)
    found = [
        LicenceCount(name, len(some), len({f.repository for f in some}), _evidence(some))
        for name, some in groups.items()
    ]
    return sorted(found, key=lambda each: (-each.pull_requests, each.name))


def _evidence(some: Iterable[Facts]) -> str:
    named = [
        f"{each.repository}: {file.path} at {each.licence.found_at[:12]}, blob {file.blob_sha[:12]}"
        for each in some
        if each.licence
        for file in each.licence.files
    ]
    return min(named, default="no licence file")


def ages(facts: Mapping[str, Facts], names: set[str], study: Study) -> list[tuple[str, ...]]:
    """For each student: its cut-off, and training and evaluated changes newer, older, unknown."""
    train = [facts[name] for name in names]
    held_out = [each for each in facts.values() if each.split is Split.EVAL]
    return [
        (
            student.label,
            student.known_cutoff,
            _ages(train, student.label),
            _ages(held_out, student.label),
        )
        for student in study.student
        if student.known_cutoff
    ]


def _ages(facts: Iterable[Facts], model: str) -> str:
    found = Counter(
        "newer" if model in each.newer_than else "older" if model in each.older_than else "unknown"
        for each in facts
    )
    return ", ".join(f"{found[name]} {name}" for name in ("newer", "older", "unknown"))
