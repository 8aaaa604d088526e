"""Lines as CSV and JSON Lines, and back.

A cell of a CSV that a spreadsheet would run as a formula begins with an apostrophe, which is taken
away again. A line that cannot be read is given as a text that says why; the others go on.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pullsmith.curate.exchange.line import NEEDED, Line, read_line
from pullsmith.errors import RunFolderError

Numbered = Iterator[tuple[int, Line | str]]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
COLUMNS = tuple(Line.model_fields)


def write_csv(path: Path, lines: Iterable[Line]) -> int:
    """Write them with a head; returns how many."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        count = 0
        for line in lines:
            writer.writerow([_safe(getattr(line, name)) for name in COLUMNS])
            count += 1
    return count


def write_jsonl(path: Path, lines: Iterable[Line]) -> int:
    """Write one object a line; returns how many."""
    count = 0
    with path.open("w", encoding="utf-8") as handle:
        for line in lines:
            handle.write(json.dumps(line.model_dump(), ensure_ascii=False) + "\n")
            count += 1
    return count


def read_csv(path: Path) -> Numbered:
    """The rows, numbered as a spreadsheet numbers them: the head is the first.

    Separated by commas, semicolons or tabs. Raises RunFolderError for a file that is no such table.
    """
    text = read_text(path)
    with _long_cells():
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
        head = next(rows, [])
        if missing := [name for name in NEEDED if name not in head]:
            raise RunFolderError(
                f"{path}: no column {missing[0]!r} among {', '.join(head)[:200]!r}; export a file "
                "and fill that in"
            )
        try:
            for number, row in enumerate(rows, 2):
                if any(row):
                    yield number, read_line(dict(zip(head, map(_plain, row), strict=False)))
        except csv.Error as error:
            raise RunFolderError(f"{path}: no CSV: {error}") from error


def read_jsonl(path: Path) -> Numbered:
    """The lines, numbered from 1; raises RunFolderError for a file that is no text."""
    # Not splitlines: a line separator of Unicode inside a text ends no line of the file.
    for number, raw in enumerate(read_text(path).split("\n"), 1):
        if not raw.strip():
            continue
        try:
            yield number, read_line(json.loads(raw))
        except (ValueError, RecursionError):
            yield number, "no JSON; it may be broken off"


def read_list(path: Path, of: str) -> list[Any]:
    """The list in a JSON file; ``of`` says what is expected. Raises RunFolderError where it is none."""
    text = read_text(path)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RunFolderError(f"{path}: no JSON: {error}") from error
    if not isinstance(found, list):
        raise RunFolderError(f"{path}: expected a list of {of}")
    return found


def read_text(path: Path) -> str:
    """A file as text, without a byte order mark; raises RunFolderError where it is none."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise RunFolderError(
            f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from error


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _separator(text: str) -> str:
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


@contextmanager
def _long_cells() -> Iterator[None]:
    """Diffs are longer than what the csv module lets a cell be; its limit is the whole process's."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
