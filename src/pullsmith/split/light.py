"""What split knows of a pull request: names, dates and what coverage counts, and none of its text.

Takes a PullRequest, gives a Light of some hundred bytes, so that many thousand fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from sys import intern

from pullsmith.records import PullRequest, Split
from pullsmith.traits import kind_of, language_of, size_of

_ON_TOP = "planted:mined"  # the evidence of a defect planted on a real pull request


@dataclass(frozen=True, slots=True)
class Light:
    """A pull request without its text; ``real`` says that it is a change of a repository's own.

    A real one may have a defect planted on top. ``vendored`` are the paths flagged so.
    """

    id: str
    repository: str
    group: str
    real: bool
    planted: bool
    defective: bool
    spot: bool
    pool: Split | None
    cluster: str
    merge_sha: str
    merged_at: str
    number: int | None
    title: str
    language: str
    size: str
    kind: str
    vendored: tuple[str, ...]

    @classmethod
    def of(cls, record: PullRequest) -> Light:
        """What is known of a record; its prose and patches may be left out."""
        return cls(
            id=record.id,
            repository=intern(record.repository),
            group=intern(record.group),
            real=not record.planted or record.evidence == _ON_TOP,
            planted=record.planted,
            defective=record.defect is not None,
            spot="spot" in record.flags,
            pool=record.pool,
            cluster=record.cluster,
            merge_sha=record.merge_sha,
            merged_at=record.merged_at,
            number=record.number,
            title=record.title,
            language=intern(language_of(record)),
            size=size_of(record),
            kind=intern(kind_of(record)),
            vendored=tuple(file.path for file in record.files if "vendored" in file.flags),
        )
