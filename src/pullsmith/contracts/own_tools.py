"""A user's own tools: folders with a pydantic model and two templates, named in the study file.

Takes a study; gives its tools, the built-in ones among them. Loading runs the user's own tool.py:
it is code, and is trusted like code. What is wrong with a folder is told before anything is asked.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Iterable
from functools import cache
from inspect import getdoc
from pathlib import Path
from types import MappingProxyType, ModuleType

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.own_answers import model_faults, text_fields
from pullsmith.contracts.tools import BUILT_IN, DiffForm, Templates, Tool, Tools
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import StudyError
from pullsmith.study import Study
from pullsmith.study.tool import ToolSettings

CODE = "tool.py"
NEEDED = (CODE, "system.j2", "user.j2")
_FAULT = re.compile(r"[a-z][a-z0-9_]*: [^\n]+")


def tools_of(study: Study) -> Tools:
    """The tools that are built in, and the study's own; raises StudyError for one that is wrong."""
    own = {each.name: _tool(each, each.digest) for each in study.tool}
    return MappingProxyType({**BUILT_IN, **own})


@cache
def _tool(settings: ToolSettings, digest: str) -> Tool:
    """The tool as its files were at ``digest``, so that its code runs once in a process."""
    files = settings.files()
    for name in NEEDED:
        if name not in files:
            raise _wrong(settings, f"expected {name}, found {', '.join(files) or 'no file'}")
    module = _run(settings, files[CODE], digest)
    answer = _answer(settings, module)
    return Tool(
        name=settings.name,
        answer=answer,
        task=_task(settings, module, answer),
        faults=_faults(settings, module),
        limits=_limits(settings, module, answer),
        templates=Templates(
            folder=str(settings.folder),
            sources={n: _text(settings, n, files[n]) for n in files if n.endswith(".j2")},
            diff=_diff(settings, module),
        ),
        digest=digest,
    )


def _run(settings: ToolSettings, code: bytes, digest: str) -> ModuleType:
    """The module that tool.py makes; nothing is written beside it."""
    path = settings.folder / CODE
    module = ModuleType(f"pullsmith_tool_{digest}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # where pydantic looks up what annotations name
    try:
        exec(compile(code, str(path), "exec", dont_inherit=True), module.__dict__)
    except Exception as error:  # the user's code may raise anything
        del sys.modules[module.__name__]
        said = f"{type(error).__name__}: {error}"
        raise _wrong(settings, f"{CODE} cannot be run{_line(error, path)}: {said}") from error
    return module


def _line(error: Exception, path: Path) -> str:
    lines = [
        at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == str(path)
    ]
    return f", line {lines[-1]}" if lines else ""


def _answer(settings: ToolSettings, module: ModuleType) -> type[AnswerValue]:
    found = getattr(module, "Answer", None)
    if not (isinstance(found, type) and issubclass(found, AnswerValue)):
        raise _wrong(
            settings,
            f"{CODE}: expected class Answer(AnswerValue), found "
            f"{'none' if found is None else repr(found)}; "
            "from pullsmith.contracts.answers import AnswerValue",
        )
    for fault in model_faults(found):
        raise _wrong(settings, f"{CODE}: {fault}")
    return found


def _task(settings: ToolSettings, module: ModuleType, answer: type[AnswerValue]) -> str:
    """What judges are told; where TASK is not given, the first line of Answer's docstring."""
    documented = (getdoc(answer) or "") if answer.__doc__ else ""
    task = getattr(module, "TASK", documented.partition("\n")[0])
    if not isinstance(task, str) or not task.strip() or "\n" in task.strip():
        raise _wrong(settings, f'{CODE}: expected TASK = "one sentence for judges", found {task!r}')
    return task.strip()


def _limits(
    settings: ToolSettings, module: ModuleType, answer: type[AnswerValue]
) -> MappingProxyType[str, int]:
    limits = getattr(module, "LIMITS", {})
    names = text_fields(answer)
    right = isinstance(limits, dict) and all(
        name in names and type(most) is int and most > 0 for name, most in limits.items()
    )
    if not right:
        raise _wrong(
            settings,
            f"{CODE}: expected LIMITS = {{field of Answer: most characters}}, found {limits!r}",
        )
    return MappingProxyType(dict(limits))


def _diff(settings: ToolSettings, module: ModuleType) -> DiffForm:
    form = getattr(module, "DIFF", DiffForm.PLAIN)
    if form not in list(DiffForm):
        raise _wrong(
            settings, f"{CODE}: expected DIFF one of {', '.join(DiffForm)}, found {form!r}"
        )
    return DiffForm(form)


def _faults(
    settings: ToolSettings, module: ModuleType
) -> Callable[[AnswerValue, ShownDiff], tuple[str, ...]]:
    """Its ``faults``, each of which must be ``code: where``; none where it has no such function."""
    own: Callable[[AnswerValue, ShownDiff], Iterable[object]] | None
    own = getattr(module, "faults", None)
    if own is not None and not callable(own):
        raise _wrong(settings, f"{CODE}: expected def faults(answer, shown), found {own!r}")

    def faults(answer: AnswerValue, shown: ShownDiff) -> tuple[str, ...]:
        if own is None:
            return ()
        try:
            found = tuple(own(answer, shown))
        except Exception as error:  # the user's code may raise anything
            where = _line(error, settings.folder / CODE)
            raise _wrong(settings, f"{CODE}{where}: faults raised {error!r}") from error
        for fault in found:
            if not (isinstance(fault, str) and _FAULT.fullmatch(fault)):
                raise _wrong(settings, f"{CODE}: expected faults as 'code: where', found {fault!r}")
        return tuple(map(str, found))

    return faults


def _text(settings: ToolSettings, name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _wrong(settings, f"{name}: expected UTF-8, found {error.reason}") from error


def _wrong(settings: ToolSettings, what: str) -> StudyError:
    return StudyError(f"tool {settings.name!r}: {settings.folder}: {what}")
