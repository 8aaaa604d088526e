"""A journal's questions and answers as a file that others can read, and the way back.

Takes a journal and a path; gives Parquet or JSONL, by the path's ending, one row a call with its
answer, sorted by key, in bounded memory. What is read in is checked: a key must be its request's,
and an answer that is there already stays. Knows no model and no stage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.llm.journal import Entry, Journal
from pullsmith.llm.protocol import Completion, Request
from pullsmith.records import SCHEMA_VERSION, Record
from pullsmith.rows import read_rows, write_sorted, written_aside

AT_A_TIME = 500


class Exchange(Record):
    """One row: a request and its completion, whole as JSON, and apart what people filter by."""

    schema_version: int = SCHEMA_VERSION
    id: str  # the journal's key
    model: str
    checkpoint: str
    sample: int
    outcome: str
    text: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    request_json: str
    completion_json: str

    @classmethod
    def of(cls, key: str, request: Request, completion: Completion) -> Exchange:
        """The row of one call."""
        return cls(
            id=key,
            model=request.model,
            checkpoint=request.checkpoint,
            sample=request.sample,
            outcome=completion.outcome.value,
            text=completion.text,
            input_tokens=completion.input_tokens,
            output_tokens=completion.output_tokens,
            cost_usd=completion.cost_usd,
            request_json=request.model_dump_json(exclude_defaults=True),
            completion_json=completion.model_dump_json(exclude_defaults=True),
        )

    def entries(self, source: Path) -> tuple[Entry, Entry]:
        """What goes into a journal; raises StudyError for a row that is not what it says."""
        try:
            request = Request.model_validate_json(self.request_json)
            completion = Completion.model_validate_json(self.completion_json)
        except ValidationError as error:
            raise StudyError(
                f"{source}: row {self.id}: {error.errors()[0]['msg']}; it is no file of this version"
            ) from error
        if request.key != self.id:
            raise StudyError(
                f"{source}: row {self.id}: its request has the key {request.key}; the row was changed"
            )
        return Entry(self.id, request), Entry(self.id, completion)


def export_journal(journal_path: Path, target: Path, model: str = "") -> int:
    """Write every answered call, or those of one model, to ``target``; how many.

    Raises RunFolderError where there is no journal, StudyError for another ending than .parquet and
    .jsonl.
    """
    if not journal_path.exists():
        raise RunFolderError(f"{journal_path}: there is no journal; nothing was asked yet")
    _check_ending(target)
    with Journal(journal_path) as journal:
        rows = (
            Exchange.of(request.key, request, completion)
            for request, completion in journal.read()
            if completion is not None and model in ("", request.model)
        )
        if target.suffix == ".parquet":
            return write_sorted(target, Exchange, rows)
        return _write_lines(target, rows)


def import_journal(source: Path, journal_path: Path) -> int:
    """Put the answers of such a file into a journal, which is made where there is none; how many were new.

    Raises StudyError for a file that is none; the rows before a bad one are in.
    """
    _check_ending(source)
    rows = read_rows(source, Exchange) if source.suffix == ".parquet" else _read_lines(source)
    new = 0
    with Journal(journal_path) as journal:
        while some := list(islice(rows, AT_A_TIME)):
            entries = [row.entries(source) for row in some]
            new += len(some) - len(journal.answered([row.id for row in some]))
            journal.write([entry for pair in entries for entry in pair])
    return new


def _check_ending(path: Path) -> None:
    if path.suffix not in (".parquet", ".jsonl"):
        raise StudyError(f"{path}: name it *.parquet or *.jsonl")


def _write_lines(target: Path, rows: Iterable[Exchange]) -> int:
    count = 0
    with written_aside(target) as aside, aside.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(row.model_dump_json() + "\n")
            count += 1
    return count


def _read_lines(source: Path) -> Iterator[Exchange]:
    try:
        with source.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield Exchange.model_validate_json(line)
                except ValidationError as error:
                    raise StudyError(
                        f"{source}: line {number}: {error.errors()[0]['msg']}; it is no such file"
                    ) from error
    except OSError as error:
        raise StudyError(f"{source}: cannot be read: {error.strerror}") from error
