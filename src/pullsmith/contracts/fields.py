"""Which optional fields a form has a place for, and what a value may leave out of one or take into one.

Takes a value, its task and what the form has; gives the value as the form says it. Only what can be
looked up in the shown diff moves: the language of a file, and the lines of a quote that is found
once. Whatever else a form has no place for is refused, so that nothing a model said is lost in
silence; whatever else it wants, the value must have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeVar

from pullsmith.contracts.answers import (
    AnswerValue,
    Describe,
    DescribedFile,
    Improve,
    Reflect,
    Reflection,
    Suggestion,
)
from pullsmith.contracts.quoting import quoted_lines
from pullsmith.contracts.task import Task
from pullsmith.errors import AnswerError

Placed = TypeVar("Placed", Suggestion, Reflection)
LANGUAGE = "language"
LINES = ("relevant_lines_start", "relevant_lines_end")
# What every tool's answer in the form of PR-Agent 2025-03 may have, if nothing is switched on there.
PLAIN_FIELDS = {
    "describe": frozenset({"changes_summary"}),
    "review": frozenset({
        "estimated_effort_to_review", "score", "relevant_tests", "key_issues_to_review",
        "security_concerns", "can_be_split",
    }),
    "improve": frozenset[str](),
    "reflect": frozenset(LINES),
    "spot": frozenset[str](),
}  # fmt: skip


def check_fields(value: AnswerValue, places: Collection[str]) -> None:
    """Raise AnswerError (extra_field) where ``value`` has an optional field that is not in ``places``."""
    for path, name in _optional(value, ""):
        if name not in places:
            raise AnswerError("extra_field", f"{path}: this contract has no such field")


def fitted(value: AnswerValue, task: Task, places: Collection[str]) -> AnswerValue:
    """``value`` with the languages and lines that ``places`` has, and without those it has not.

    They are looked up; one that says something else than the look-up is kept, and so is a gap that
    the look-up does not fill: whoever writes then refuses it.
    """
    if isinstance(value, Describe):
        files = tuple(_file(file, task, places) for file in value.pr_files)
        return value.model_copy(update={"pr_files": files})
    if isinstance(value, Improve):
        suggestions = tuple(
            _lines(each, lines_of(each, task), places) for each in value.code_suggestions
        )
        return value.model_copy(update={"code_suggestions": suggestions})
    if isinstance(value, Reflect):
        return value.model_copy(update={"code_suggestions": _reflections(value, task, places)})
    return value


def lines_of(suggestion: Suggestion, task: Task) -> tuple[int, int] | None:
    """First and last line of its quote in the new file; None unless it is found once."""
    file = task.shown.file(suggestion.relevant_file)
    lines = quoted_lines(suggestion.existing_code, file) if file else ()
    return (lines[0].new_line or 0, lines[-1].new_line or 0) if lines else None


def _optional(value: AnswerValue, path: str) -> Iterator[tuple[str, str]]:
    """(place, name) of every optional field that is set, in all models inside."""
    for name, field in type(value).model_fields.items():
        found = getattr(value, name)
        if found is None:
            continue
        if not field.is_required():
            yield f"{path}{name}", name
        for index, item in enumerate(found if isinstance(found, tuple) else (found,)):
            if isinstance(item, AnswerValue):
                yield from _optional(item, f"{path}{name}.{index}.")


def _file(file: DescribedFile, task: Task, places: Collection[str]) -> DescribedFile:
    shown = task.shown.file(file.filename)
    known = shown.language if shown else ""
    if not known:
        return file
    if LANGUAGE in places:
        return file if file.language else file.model_copy(update={LANGUAGE: known})
    same = file.language is not None and file.language.strip().casefold() == known.casefold()
    return file.model_copy(update={LANGUAGE: None}) if same else file


def _reflections(value: Reflect, task: Task, places: Collection[str]) -> tuple[Reflection, ...]:
    about = task.about.code_suggestions if isinstance(task.about, Improve) else ()
    if len(about) != len(value.code_suggestions):
        return value.code_suggestions
    return tuple(
        _lines(each, lines_of(suggestion, task), places)
        for each, suggestion in zip(value.code_suggestions, about, strict=True)
    )


def _lines(value: Placed, known: tuple[int, int] | None, places: Collection[str]) -> Placed:
    if known is None:
        return value
    said = value.relevant_lines_start, value.relevant_lines_end
    if LINES[0] in places:
        return (
            value.model_copy(update=dict(zip(LINES, known, strict=True))) if None in said else value
        )
    return value.model_copy(update=dict.fromkeys(LINES)) if said == known else value
