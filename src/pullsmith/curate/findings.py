"""Where an answer and what is wrong with it point: files and lines of the diff, lines of its YAML.

Takes values of the contracts beside their tasks; gives Flags. A fault of a tool of the user's own is
found by the file it names, as nobody knows its fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pullsmith.contracts.answers import AnswerValue, Suggestion
from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.contracts.grounding import fault_code, grounding_faults, quote_places
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import Tool
from pullsmith.curate.items import Flag
from pullsmith.curate.lines import Lines
from pullsmith.diff.shown import ShownDiff
from pullsmith.scoring import limit_faults

_RANGE = re.compile(r":(\d+)-(\d+)")


@dataclass(frozen=True)
class Finding:
    """One of the things that an answer says: its place in the value, the file, and lines, 0 if unknown.

    ``alone`` is the answer with nothing else in it.
    """

    field: str
    alone: AnswerValue
    path: str
    start_line: int
    end_line: int


def findings(value: AnswerValue, shown: ShownDiff) -> Iterator[Finding]:
    """What an answer says of files, in its order."""
    lists = {
        name: items
        for name in type(value).model_fields
        if isinstance(items := getattr(value, name), tuple)
    }
    for name, items in lists.items():
        for place, item in enumerate(items):
            path = _file(item)
            if isinstance(item, AnswerValue) and path:
                alone = value.model_copy(update={**dict.fromkeys(lists, ()), name: (item,)})
                yield Finding(f"{name}.{place}", alone, path, *lines_of(item, shown))


def lines_of(item: AnswerValue, shown: ShownDiff) -> tuple[int, int]:
    """First and last line in the new file; those it names, else those it quotes, else 0 and 0."""
    for first, last in (("start_line", "end_line"), ("relevant_lines_start", "relevant_lines_end")):
        start, end = getattr(item, first, None), getattr(item, last, None)
        if isinstance(start, int):
            return start, end if isinstance(end, int) else start
    file = shown.file(_file(item))
    if isinstance(item, Suggestion) and file is not None:
        for one, other in quote_places(item.existing_code, file):
            return one.new_line or 0, other.new_line or 0
    return 0, 0


def flags_of(value: AnswerValue, task: Task, tool: Tool, text: str | None = None) -> list[Flag]:
    """What is wrong with an answer beside what it is about; ``text`` is its YAML, else the canonical one."""
    lines = Lines(canonical_yaml(value) if text is None else text)
    faults = tool.faults_beside(value, task)
    found = list(findings(value, task.shown)) if tool.faults is grounding_faults else []
    flags = list(_placed(faults, found, task, lines))
    for fault in limit_faults(value, tool):
        field = fault.partition(": ")[2]
        flags.append(Flag(fault_code(fault), fault, text_line=_line_of_field(value, field, lines)))
    return flags


def _placed(
    faults: Sequence[str], found: Sequence[Finding], task: Task, lines: Lines
) -> Iterator[Flag]:
    left = {each.field: list(grounding_faults(each.alone, task.shown)) for each in found}
    for fault in faults:
        said = fault.partition(": ")[2]
        mine = [each for each in found if fault in left[each.field]]
        if mine:
            left[mine[0].field].remove(fault)
        # What is said twice is the later one's fault.
        about = mine[:1] or [each for each in found if said.startswith(each.path)][-1:]
        yield _flag(fault, said, about[0] if about else None, task.shown, lines)


def _flag(fault: str, said: str, about: Finding | None, shown: ShownDiff, lines: Lines) -> Flag:
    if about is not None:
        line = lines.of(about.field)
        return Flag(fault_code(fault), fault, about.path, about.start_line, about.end_line, line)
    paths = sorted((file.path for file in shown.files), key=len, reverse=True)
    path = next((path for path in paths if path in said), "")
    lines_named = _RANGE.match(said.partition(path)[2]) if path else None
    start, end = (int(lines_named[1]), int(lines_named[2])) if lines_named else (0, 0)
    return Flag(fault_code(fault), fault, path, start, end, 1)


def _line_of_field(value: AnswerValue, field: str, lines: Lines) -> int:
    """The line of the first field of that name, at any depth."""
    return next(
        (lines.of(path) for path in _paths(value, "") if path.rpartition(".")[2] == field), 1
    )


def _paths(value: AnswerValue, prefix: str) -> Iterator[str]:
    for name in type(value).model_fields:
        path, inner = f"{prefix}{name}", getattr(value, name)
        yield path
        for place, item in enumerate(inner if isinstance(inner, tuple) else ()):
            if isinstance(item, AnswerValue):
                yield from _paths(item, f"{path}.{place}.")


def _file(item: object) -> str:
    path = getattr(item, "relevant_file", None) or getattr(item, "filename", None)
    return path if isinstance(path, str) else ""
