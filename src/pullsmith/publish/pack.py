"""The pack: rows, trainers' entries, card and a list of it all, written once into an empty folder.

Takes a study whose clean stage is done, gives a folder. The file of exclusions is asked again here,
against the names as collect had them, because later stages only know masks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pullsmith.errors import RunFolderError, SourceError, StudyError
from pullsmith.exclusions import Exclusions, read_exclusions
from pullsmith.publish.card import card
from pullsmith.publish.counts import Counts
from pullsmith.publish.facts import Facts, facts_of
from pullsmith.publish.rows import Row, as_line, row_of, why_not
from pullsmith.publish.trainers import data_path, trainer_files
from pullsmith.records import Example, PullRequest
from pullsmith.report.funnel import funnel
from pullsmith.rows import write_sorted, written_aside
from pullsmith.store import JobKey, RunFolder, make_folder, write_bytes
from pullsmith.study import Study

LIST_NAME = "pack.json"


@dataclass(frozen=True)
class Published:
    """What was written: rows that came in, rows that are out, and those left out by reason."""

    folder: Path
    rows_in: int
    rows: int
    left_out: dict[str, int]


def publish(study: Study, folder: Path, *, exclude: Path | None = None) -> Published:
    """Write the pack of a study's run into ``folder``.

    ``exclude`` is a file of exclusions to honour besides the study's. Raises RunFolderError where
    clean is not done, StudyError where the folder holds anything, SourceError where no row is left.
    """
    run = RunFolder(study.runs / study.name)
    _check(run, folder)
    facts = facts_of(run.read("split", PullRequest), study)
    removed = _removed(run, read_exclusions(study.select.exclude), read_exclusions(exclude))
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
    write_bytes(folder / "README.md", card(study, counts, facts, funnel(study, run)).encode())
    published = Published(
        folder,
        counts.rows.total() + counts.left_out.total(),
        counts.rows.total(),
        dict(counts.left_out),
    )
    write_bytes(folder / LIST_NAME, _listed(run, published).encode())
    return published


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


def _check(run: RunFolder, folder: Path) -> None:
    for stage in ("split", "clean"):
        if run.job(JobKey(stage)).manifest() is None:
            raise RunFolderError(
                f"publish: {stage} is not finished; pullsmith run STUDY.toml --until clean"
            )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{folder}: is not empty; a pack is never written over anything")


def _removed(run: RunFolder, *lists: Exclusions) -> set[str]:
    """The ids of pull requests that must not be handed on."""
    asked = [each for each in lists if each != Exclusions()]
    if not asked:
        return set()
    records = run.read("collect", PullRequest)
    return {record.id for record in records if any(each.naming(record) for each in asked)}


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


def _listed(run: RunFolder, published: Published) -> str:
    """What the pack holds and what it was made from, with a digest of every file."""
    clean = run.job(JobKey("clean")).manifest()
    split = json.loads((run.job(JobKey("split")).path / "split-manifest.json").read_bytes())
    files = sorted(path for path in published.folder.rglob("*") if path.is_file())
    content = {
        "rows_in": published.rows_in,
        "rows": published.rows,
        "left_out": published.left_out,
        "clean": clean.output_digest if clean else "",
        "split": {"name": split["name"], "id": split["id"]},
        "files": {
            path.relative_to(published.folder).as_posix(): hashlib.sha256(
                path.read_bytes()
            ).hexdigest()
            for path in files
        },
    }
    return json.dumps(content, indent=2) + "\n"
