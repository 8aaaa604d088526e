"""What a student is, in the few facts that groups of models are compared by.

Takes a study; gives one record a student. A fact that nobody has looked up is None, and a student
without it stands in no group that needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pullsmith.study.known import known_of
from pullsmith.study.roles import StudentRole
from pullsmith.study.study import Study

LARGE_BILLIONS = 10.0  # more weights than this make a model a large one
ALL_DATA = "all"


@dataclass(frozen=True)
class StudentFacts:
    """One student. ``entry``, ``method`` and ``data`` say which cell of which grid it is."""

    label: str
    size_billions: float | None = None
    model_class: str | None = None
    variant: str | None = None
    vendor: str | None = None
    family: str | None = None
    released: str | None = None
    entry: str = ""
    method: str = "full"
    data: str = ALL_DATA

    @property
    def start(self) -> tuple[str, str | None]:
        """What a grid's cells of one start share: the entry and the variant."""
        return self.entry or self.label, self.variant

    @property
    def large(self) -> bool | None:
        """Whether it has more than LARGE_BILLIONS of weights; None where its size is not known."""
        return None if self.size_billions is None else self.size_billions > LARGE_BILLIONS


def facts_of(study: Study) -> list[StudentFacts]:
    """The facts of every student, in the study's order."""
    return [_facts(role) for role in study.student]


def models_of(facts: Sequence[StudentFacts]) -> list[StudentFacts]:
    """One cell of each start, the first that learnt from all data: ablations are no further models."""
    found: dict[tuple[str, str | None], StudentFacts] = {}
    for one in facts:
        if one.data == ALL_DATA:
            found.setdefault(one.start, one)
    return list(found.values())


def _facts(role: StudentRole) -> StudentFacts:
    known = known_of(role)
    return StudentFacts(
        label=role.label,
        size_billions=known.size_billions.value,
        model_class=known.model_class.value,
        variant=role.variant or known.variant.value,
        vendor=known.vendor.value,
        family=role.known_family or None,
        released=known.released.value,
        entry=role.entry,
        method=role.method,
        data=str(role.training_data),
    )
