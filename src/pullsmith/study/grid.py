"""A [[student]] entry with lists is a small grid: a plain student for each combination of them.

Takes students as the study file has them; gives students with one model, one method and one choice
of data each. Names are made of the entry's and of what the lists say, so that adding to a list
leaves the names, and with them the results, of the others as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from pullsmith.study.data import TrainingData
from pullsmith.study.roles import AboutModel, Method, StudentRole


def expanded(students: Iterable[StudentRole]) -> tuple[StudentRole, ...]:
    """Every cell of every entry, in their order; a cell says in ``entry`` whose it is.

    Raises ValueError where an entry says one thing twice. Expanding again changes nothing.
    """
    return tuple(cell for student in students for cell in _cells(student))


def _cells(student: StudentRole) -> Iterator[StudentRole]:
    _check(student)
    if student.entry:
        yield student
        return
    for (variant, model), method, data in product(
        _variants(student), student.methods or (student.method,), student.data
    ):
        yield _cell(student, variant, model, method, data)


def _variants(student: StudentRole) -> list[tuple[str, str]]:
    if not student.base:
        return [("", student.model)]
    return [("instruct", student.model), ("base", student.base)]


def _cell(  # an axis each
    student: StudentRole, variant: str, model: str, method: Method, data: str
) -> StudentRole:
    listed = {
        variant: bool(variant),
        method: bool(student.methods),
        TrainingData.parse(data).suffix: "data" in student.model_fields_set,
    }
    suffix = "".join(f"+{part}" for part, said in listed.items() if said)
    about = student.about
    if variant:
        about = AboutModel.model_validate({**about.model_dump(), "variant": variant})
    return student.model_copy(
        update={
            "model": model, "method": method, "data": (data,), "about": about,
            "name": f"{student.label}{suffix}" if suffix else student.name,
            "entry": student.label, "base": "", "methods": (),
        }
    )  # fmt: skip


def _check(student: StudentRole) -> None:
    """Raise ValueError for an entry that is no grid and no single student."""
    lists = {"methods": student.methods, "data": student.data}
    for key, values in lists.items():
        twice = [value for value in values if values.count(value) > 1]
        if twice:
            raise ValueError(
                f"student {student.label}: {key} has {twice[0]!r} twice; leave one out"
            )
    if student.methods and "method" in student.model_fields_set:
        raise ValueError(f"student {student.label}: write method or methods, not both")
    if student.base and student.base == student.model:
        raise ValueError(
            f"student {student.label}: base is the same model, {student.base!r}; name the one that "
            "was not taught to chat, or leave base out"
        )
    if student.base and student.about.variant:
        raise ValueError(
            f"student {student.label}: about.variant is of one model, and base makes two; leave it out"
        )
    if student.entry and (student.base or student.methods or len(student.data) > 1):
        raise ValueError(
            f"student {student.label}: entry = {student.entry!r} makes it a cell, and base, methods "
            "and several data make it a grid; leave entry out"
        )
