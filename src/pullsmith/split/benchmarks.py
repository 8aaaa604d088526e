"""The texts of a benchmark file, whatever its form.

Takes a path, gives every text in it. Text files are one text, JSON and JSON lines all their
strings, Parquet all its columns of text. Knows no benchmark by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pullsmith.errors import StudyError


def read_texts(path: Path) -> Iterator[str]:
    """Every text; raises StudyError for a file that cannot be read or holds none."""
    try:
        texts = list(_parquet(path) if path.suffix == ".parquet" else _plain(path))
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        raise StudyError(f"split.benchmarks: {path}: cannot be read: {error}") from error
    if not any(text.strip() for text in texts):
        raise StudyError(f"split.benchmarks: {path}: no text in it")
    yield from texts


def _plain(path: Path) -> Iterator[str]:
    content = path.read_text(encoding="utf-8")
    if path.suffix not in (".json", ".jsonl", ".ndjson"):
        yield content
        return
    lines = [content] if path.suffix == ".json" else content.split("\n")
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield from _strings(json.loads(line))
            except json.JSONDecodeError as error:
                raise StudyError(f"split.benchmarks: {path}: line {number}: {error}") from error


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        inner: Iterable[object] = value.values() if isinstance(value, dict) else value
        for one in inner:
            yield from _strings(one)


def _parquet(path: Path) -> Iterator[str]:
    for row in pq.read_table(path).to_pylist():
        yield from _strings(row)
