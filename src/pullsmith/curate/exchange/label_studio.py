"""Lines as tasks of Label Studio, and its export of annotations back as lines.

Tasks are its JSON list of ``data`` with ``predictions`` that fill the form in; the form itself is a
labelling configuration that is written beside them. Its JSON export has ``annotations``, one a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from pullsmith.curate.exchange.line import (
    EQUAL,
    FIRST,
    QUESTIONS,
    SECOND,
    Line,
    asked,
    filled_in,
)
from pullsmith.curate.exchange.tables import read_list
from pullsmith.curate.items import Queue

CHOICES = {
    Queue.CLEAN: ("keep", "fix", "reject"),
    Queue.CHOOSE: ("pick", "unpick"),
    Queue.JUDGE: (FIRST, SECOND, EQUAL),
}
_SHOWN = ("title", "description", "diff", "answer", "second_answer", "flags")


def write_tasks(path: Path, lines: Iterable[Line]) -> int:
    """Write the tasks; returns how many."""
    tasks = [_task(line) for line in lines]
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")
    return len(tasks)


def form_path(path: Path) -> Path:
    """Where the labelling configuration of a file of tasks is."""
    return path.with_name(f"{path.name}.xml")


def form(queue: Queue) -> str:
    """The labelling configuration of one queue."""
    shown = "\n".join(
        f'  <Header value="{name.replace("_", " ")}"/>\n  <Text name="{name}" value="${name}"/>'
        for name in _SHOWN
        if queue is Queue.JUDGE or name != "second_answer"
    )
    choices = "\n".join(f'    <Choice value="{escape(each)}"/>' for each in CHOICES[queue])
    scores = "".join(
        f'  <Number name="{name}" toName="diff" min="1" max="10" step="1"/>\n'
        for name in ("first_score", "second_score")
        if queue is Queue.JUDGE
    )
    fixed = _text("fixed", 16, "the answer; mend it for a fix") if queue is Queue.CLEAN else ""
    return (
        f'<View>\n{shown}\n  <Choices name="decision" toName="diff" choice="single">\n{choices}\n'
        f"  </Choices>\n{scores}{fixed}{_text('why', 3, 'why')}</View>\n"
    )


def read_tasks(path: Path) -> Iterator[tuple[int, Line | str]]:
    """A line an annotation, with the number of its task from 1; skipped ones are left out.

    Whoever annotated counts, unless the task was exported for somebody. Raises RunFolderError for a
    file that is no export.
    """
    tasks = read_list(path, "tasks; export as JSON, not JSON-MIN")
    for number, task in enumerate(tasks, 1):
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
            yield number, "no task: it has no data"
            continue
        for annotation in task.get("annotations") or ():
            if isinstance(annotation, dict) and not annotation.get("was_cancelled"):
                yield number, _annotated(task["data"], annotation)


def _task(line: Line) -> dict[str, Any]:
    result = [_result(name, text) for name, text in asked(line).items() if text]
    predictions = [{"model_version": "pullsmith", "result": result}] if result else []
    return {"data": line.model_dump(), "predictions": predictions}


def _result(name: str, text: str) -> dict[str, Any]:
    kind, value = "textarea", dict[str, Any](text=[text])
    if name.endswith("_score"):
        kind, value = "number", {"number": int(text)}
    elif name == "decision":
        kind, value = "choices", {"choices": [text]}
    return {"from_name": name, "to_name": "diff", "type": kind, "value": value}


def _annotated(data: Mapping[str, Any], annotation: Mapping[str, Any]) -> Line | str:
    said: dict[str, Any] = {}
    for each in annotation.get("result") or ():
        value = each.get("value") if isinstance(each, dict) else None
        if isinstance(value, dict) and each.get("from_name") in QUESTIONS:
            found = value.get("choices") or value.get("text") or value.get("number")
            said[each["from_name"]] = found[0] if isinstance(found, list) and found else found
    return filled_in(data, said, str(data.get("who") or _person(annotation)))


def _person(annotation: Mapping[str, Any]) -> str:
    """The e-mail address where the export has it, else the number of the user."""
    by = annotation.get("completed_by")
    if isinstance(by, dict):
        return str(by.get("email") or f"label-studio-{by.get('id', '')}")
    return f"label-studio-{by}" if by is not None else ""


def _text(name: str, rows: int, head: str) -> str:
    return (
        f'  <Header value="{head}"/>\n'
        f'  <TextArea name="{name}" toName="diff" rows="{rows}" editable="true" maxSubmissions="1"/>\n'
    )
