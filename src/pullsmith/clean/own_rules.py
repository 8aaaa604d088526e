"""Rules that a user wrote: a function in a file that the study names, called on every answer.

Takes FILE.py:FUNCTION; gives a rule like ours. The file is executed, because the study's author
named it; nothing else is ever imported by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from pullsmith.clean.rules import Reason, Rule, Subject
from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.task import Task
from pullsmith.errors import StudyError
from pullsmith.study.clean import CleanSettings

OwnRule = Callable[[AnswerValue, Task], object]


def own_rules(names: Sequence[str]) -> tuple[Rule, ...]:
    """The rules, in order; raises StudyError for a file or a function that is not there."""
    return tuple(_own_rule(name) for name in names)


def _own_rule(name: str) -> Rule:
    path, _, function = name.rpartition(":")
    found = getattr(_module(Path(path), name), function, None)
    if not callable(found):
        raise StudyError(f"clean.rules: {name}: no function {function!r} in that file")
    own: OwnRule = found

    def rule(subject: Subject, _settings: CleanSettings) -> Reason | None:
        try:
            said = own(subject.value, subject.task)
        except Exception as error:
            raise StudyError(
                f"clean.rules: {name} on {subject.answer.id}: {type(error).__name__}: {error}"
            ) from error
        if said is not None and not (isinstance(said, str) and said):
            raise StudyError(
                f"clean.rules: {name} on {subject.answer.id} gave {said!r}; give None to keep, or "
                "why not as a text"
            )
        return Reason(f"own:{function}", said) if said else None

    return rule


def _module(path: Path, name: str) -> ModuleType:
    spec = spec_from_file_location(f"pullsmith_own_rules_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise StudyError(f"clean.rules: {name}: no such Python file")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise StudyError(f"clean.rules: {name}: {type(error).__name__}: {error}") from error
    return module
