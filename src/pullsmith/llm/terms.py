"""Whether a study may train on its teachers' answers: asked before anything is paid for.

Takes the teachers and the names the study takes responsibility for; refuses the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pullsmith.errors import StudyError
from pullsmith.models.terms import restricting_vendor
from pullsmith.study.roles import TeacherRole


def check_terms(teachers: Iterable[TeacherRole], accepted: Collection[str]) -> None:
    """Raise StudyError for a teacher whose terms forbid training and whom the study does not name."""
    for teacher in teachers:
        why = forbidden_because(teacher)
        if why and teacher.model not in accepted:
            raise StudyError(
                f"teacher {teacher.model}: {why}. If you have read them and may, write "
                f'accept_terms = ["{teacher.model}"] at the top of the study; otherwise choose a '
                "teacher whose licence allows it"
            )


def forbidden_because(teacher: TeacherRole) -> str:
    """Why its answers may not be trained on; empty where nothing is known against it."""
    if teacher.training == "allowed":
        return ""
    if teacher.training == "forbidden":
        return "the study says that its terms forbid training on its answers"
    vendor = restricting_vendor(teacher.model)
    if vendor is None:
        return ""
    return f"the terms of {vendor} restrict training other models on its answers"
