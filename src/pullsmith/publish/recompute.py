"""A board out of a packed run: rank and report once more, and where two boards differ.

Takes a study and the packed part of its run; gives a run that is ranked and reported. The run is copied first:
a pack is only ever read.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pullsmith import __version__
from pullsmith.engine import StageContext
from pullsmith.rank.stage import run as rank
from pullsmith.report.stage import run as report
from pullsmith.store import JobFolder, JobKey, Manifest, RunFolder, make_folder
from pullsmith.study import Study
from pullsmith.tally import Tally

RANK, REPORT = JobKey("rank"), JobKey("report")
# Pictures depend on the fonts of a machine; everything else is a function of what was stored.
COMPARED = frozenset({".json", ".md", ".csv", ".html", ".svg"})


def recompute(
    study: Study, packed: Path, work: Path, *, made_by: Manifest | None = None
) -> RunFolder:
    """Rank and report over a copy of ``packed`` below ``work``.

    What the page says of who ranked is what the pack says; where it says nothing yet, ``made_by``,
    or else this program.
    """
    run = RunFolder(work / study.name)
    shutil.copytree(packed, run.path)
    said = run.job(RANK).manifest()
    job = run.job(RANK)
    job.clear_rows()
    make_folder(job.path)
    tally = rank(StageContext(study=study, run=run, job=job)).tally
    job.finish(said or _manifest(job, tally, made_by))
    told = run.job(REPORT)
    make_folder(told.path)
    report(StageContext(study=study, run=run, job=told))
    return run


def _manifest(job: JobFolder, tally: Tally, made_by: Manifest | None) -> Manifest:
    """What is said of a ranking: who made it, and what came out here."""
    made = made_by or Manifest(
        pullsmith_version=__version__, stage="rank", cell=None, settings={}, inputs={}, tally=tally,
        output_digest="", versions={}, measured={},
    )  # fmt: skip
    update = {"settings": {}, "tally": tally, "output_digest": job.output_digest()}
    return made.model_copy(update=update)


def report_files(report_folder: Path) -> dict[str, Path]:
    """What a report leaves for others, by its path in the report."""
    return {
        path.relative_to(report_folder).as_posix(): path
        for path in sorted(report_folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json" and path.suffix != ".parquet"
    }


def first_difference(published: Path, made: Path) -> str | None:
    """Where two reports differ first, None where every compared file has the same bytes."""
    one, other = (
        {name: path for name, path in report_files(folder).items() if path.suffix in COMPARED}
        for folder in (published, made)
    )
    # What board.json says of a difference is read most easily.
    for name in sorted(one.keys() | other.keys(), key=lambda name: (name != "board.json", name)):
        if name not in one or name not in other:
            return f"{name} is only {'published' if name in one else 'made here'}"
        first, second = one[name].read_bytes(), other[name].read_bytes()
        if first != second:
            return f"{name}: {_place(name, first, second)}"
    return None


def _place(name: str, published: bytes, made: bytes) -> str:
    if name.endswith(".json"):
        try:
            found = next(_unlike(json.loads(published), json.loads(made), ""), None)
        except ValueError:
            found = None
        if found:
            return found
    lines = zip_longest(published.splitlines(), made.splitlines())
    at = next((number for number, (a, b) in enumerate(lines, start=1) if a != b), 0)
    return f"line {at}" if at else "the ends of lines"


def _unlike(one: Any, other: Any, where: str) -> Iterator[str]:  # noqa: ANN401  # parsed JSON
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            yield from _unlike(one.get(key), other.get(key), f"{where}.{key}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from _unlike(first, second, f"{where}[{number}]")
    elif one != other or type(one) is not type(other):
        yield f"{where} is {_short(one)} published and {_short(other)} here"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]} …"
