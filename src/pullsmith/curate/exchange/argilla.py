"""Lines as records of Argilla, and its records with responses back as lines.

The file is what Argilla's ``dataset.records.from_json`` reads and ``to_json`` writes: a list of
records with ``fields``, ``metadata``, ``suggestions`` and ``responses``. docs/curate-files.md has the
settings of the dataset they go into.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pullsmith.curate.exchange.line import Line, asked, filled_in
from pullsmith.curate.exchange.tables import read_list

FIELDS = ("title", "description", "flags", "diff", "answer", "second_answer")
METADATA = ("queue", "name", "who", "digest", "tool", "language", "repository")


def write_records(path: Path, lines: Iterable[Line]) -> int:
    """Write the records; returns how many."""
    records = [_record(number, line) for number, line in enumerate(lines)]
    path.write_text(json.dumps(records, ensure_ascii=False, indent=1), encoding="utf-8")
    return len(records)


def read_records(path: Path) -> Iterator[tuple[int, Line | str]]:
    """A line a person and record, with the number of its record from 1.

    Whoever responded counts, by the first letters of their id, unless the record was exported for
    somebody. Raises RunFolderError for a file that is no list of records.
    """
    records = read_list(path, "records; write it with to_json")
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict) or not isinstance(record.get("metadata"), dict):
            yield number, "no record: it has no metadata"
            continue
        for user, said in _responses(record.get("responses") or {}).items():
            yield number, _line(record, user, said)


def _record(number: int, line: Line) -> dict[str, Any]:
    told = line.model_dump()
    said = {name: text for name, text in asked(line).items() if text}
    return {
        "id": f"{number}-{line.digest}",
        "fields": {name: told[name] for name in FIELDS if told[name]},
        "metadata": {name: told[name] for name in METADATA if told[name]},
        "suggestions": {name: {"value": _value(name, text)} for name, text in said.items()},
        "responses": {},
    }


def _value(name: str, text: str) -> str | int:
    return int(text) if name.endswith("_score") else text


def _responses(found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each user said, by question."""
    by_user: dict[str, dict[str, Any]] = defaultdict(dict)
    for question, answers in found.items():
        for answer in answers if isinstance(answers, list) else ():
            if isinstance(answer, dict):
                by_user[str(answer.get("user_id", ""))][question] = answer.get("value")
    return by_user


def _line(record: Mapping[str, Any], user: str, said: Mapping[str, Any]) -> Line | str:
    metadata = record["metadata"]
    who = metadata.get("who") or (f"argilla-{user[:8]}" if user else "")
    return filled_in({**(record.get("fields") or {}), **metadata}, said, str(who))
