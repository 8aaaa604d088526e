"""The examples of a run as a data set: rows, trainers' entries and the card.

Takes a run whose clean stage is done, gives files in a folder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pullsmith.errors import SourceError
from pullsmith.publish.card import card
from pullsmith.publish.counts import Counts
from pullsmith.publish.facts import Facts, facts_of
from pullsmith.publish.rows import Row, as_line, row_of, why_not
from pullsmith.publish.told import board_of
from pullsmith.publish.trainers import data_path, trainer_files
from pullsmith.records import Example, PullRequest
from pullsmith.report.funnel import funnel
from pullsmith.rows import write_sorted, written_aside
from pullsmith.store import RunFolder, make_folder, write_bytes
from pullsmith.study import Study


@dataclass(frozen=True)
class PublishedData:
    """What was written: rows that came in, rows that are out, and those left out by reason."""

    rows_in: int
    rows: int
    left_out: dict[str, int]


def publish_data(
    study: Study, run: RunFolder, folder: Path, removed: Collection[str]
) -> PublishedData:
    """Write the rows of a run into ``folder``; ``removed`` are ids that must not be handed on.

    Raises SourceError where no row is left.
    """
    facts = facts_of(run.read("split", PullRequest), study)
    counts = Counts()
    contracts = sorted({student.contract for student in study.student})
    make_folder(folder)
    for contract in contracts:
        _write_contract(run, folder, contract, _Choice(facts, removed, counts))
    if not counts.rows:
        raise SourceError(f"publish: every row was left out ({dict(counts.left_out)})")
    there = [name for name in contracts if any(contract == name for contract, _ in counts.rows)]
    for path, text in trainer_files(study.name, there).items():
        make_folder((folder / path).parent)
        write_bytes(folder / path, text.encode())
    text = card(study, counts, facts, funnel(study, run), board_of(run))
    write_bytes(folder / "README.md", text.encode())
    rows_in = counts.rows.total() + counts.left_out.total()
    return PublishedData(rows_in, counts.rows.total(), dict(counts.left_out))


@dataclass(frozen=True)
class _Choice:
    """What decides whether a row is handed on, and what counts it."""

    facts: dict[str, Facts]
    removed: Collection[str]
    counts: Counts

    def rows(self, examples: Iterator[Example]) -> Iterator[Row]:
        for example in examples:
            facts = self.facts[example.pull_request_id]
            row = row_of(example, facts)
            reason = why_not(row, facts, self.removed)
            if reason:
                self.counts.left_out[reason] += 1
            else:
                self.counts.add(row)
                yield row


def _write_contract(run: RunFolder, folder: Path, contract: str, choice: _Choice) -> None:
    """The rows of one contract, sorted by id, as Parquet and as lines of JSON."""
    parquet, lines = (folder / data_path(contract, form) for form in ("parquet", "jsonl"))
    make_folder(parquet.parent)
    examples = (e for e in run.read("clean", Example) if e.contract == contract)
    with written_aside(lines) as aside, aside.open("w", encoding="utf-8") as out:

        def told() -> Iterator[Row]:
            for row in choice.rows(examples):
                out.write(as_line(row))
                yield row

        count = write_sorted(parquet, Row, told())
    if not count:
        parquet.unlink()
        lines.unlink()
