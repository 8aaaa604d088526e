"""Who of a study is of one family with whom, where that may favour somebody.

Takes a Study; gives sentences. A family is what the study says, else the preset, else a hosted
model's vendor; where nobody says it, nothing is guessed and nothing is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pullsmith.study.roles import Role
    from pullsmith.study.study import Study


def shared_families(study: Study) -> Iterator[str]:
    """A sentence for every judge, grader and reference that is of a family it should not be of.

    A judge may favour its family's answers, and those that imitate them: the reference's, the
    students' and the teachers'. A reference of the teacher's family is beside its own imitation.
    """
    teachers, references = _named("teacher", study.teacher), _named("reference", study.reference)
    students = _named("student", study.student)
    for judge in study.judges:
        yield from _shared(f"judge {judge.label}", judge, [*references, *students, *teachers])
    if study.grader:
        yield from _shared(f"grader {study.grader.label}", study.grader, teachers)
    for role in study.reference:
        yield from _shared(f"reference {role.label}", role, teachers)


def _named(name: str, roles: Sequence[Role]) -> list[tuple[str, str]]:
    """What each is called, and its family."""
    return [(f"the {name} {role.label}", role.known_family) for role in roles]


def _shared(who: str, role: Role, others: Sequence[tuple[str, str]]) -> Iterator[str]:
    family = role.known_family
    near = list(dict.fromkeys(name for name, theirs in others if family and theirs == family))
    if near:
        *some, last = near
        listed = f"{', '.join(some)} and {last}" if some else last
        yield f"{who} is of the same family ({family}) as {listed}"
