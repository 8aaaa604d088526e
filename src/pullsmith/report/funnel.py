"""The funnel: what every job took in, kept and dropped, reason by reason, with two examples of each.

Takes a run folder, gives rows for the jobs that are done. Of what was dropped only ids, reasons and
details are read, a batch at a time, never the records. Knows no rule; ``reasons`` has words for them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

from pullsmith.records import digest
from pullsmith.report.board import FunnelExample, FunnelRow
from pullsmith.store import JobFolder, JobKey, Manifest, RunFolder
from pullsmith.study import Study

EXAMPLES = 2
_DETAIL_CHARACTERS = 160
_Seen = tuple[str, str, str]  # digest of the id, id, detail


def funnel(study: Study, run: RunFolder) -> list[FunnelRow]:
    """One row a job that is done, in the order in which records pass through them."""
    rows = []
    for key in _jobs(study):
        job = run.job(key)
        manifest = job.manifest()
        if manifest is not None:
            rows.append(_row(key, manifest, job))
    return rows


def _row(key: JobKey, manifest: Manifest, job: JobFolder) -> FunnelRow:
    tally = manifest.tally
    return FunnelRow(
        job=str(key),
        records_in=tally.records_in,
        records_out=tally.records_out,
        rows=tally.rows,
        dropped=tally.dropped,
        examples=_examples(job.path / "dropped.parquet") if tally.dropped else {},
    )


def _examples(path: Path) -> dict[str, tuple[FunnelExample, ...]]:
    """Some of each reason, drawn by id, so that they are not all of the repository that sorts first."""
    found: dict[str, list[_Seen]] = {}
    for reason, record_id, detail in _dropped(path):
        some = found.setdefault(reason, [])
        some.append((digest(record_id), record_id, detail))
        if len(some) > 50 * EXAMPLES:
            some[:] = heapq.nsmallest(EXAMPLES, some)
    return {
        reason: tuple(_example(seen) for seen in heapq.nsmallest(EXAMPLES, some))
        for reason, some in sorted(found.items())
    }


def _dropped(path: Path) -> Iterator[tuple[str, str, str]]:
    if not path.exists():
        return
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["reason", "record_id", "detail"]):
            columns = (batch.column(name).to_pylist() for name in ("reason", "record_id", "detail"))
            yield from zip(*columns, strict=True)


def _example(seen: _Seen) -> FunnelExample:
    _, record_id, detail = seen
    short = " ".join(detail.split())
    if len(short) > _DETAIL_CHARACTERS:
        short = f"{short[:_DETAIL_CHARACTERS]} …"
    return FunnelExample(record_id=record_id, detail=short)


def _jobs(study: Study) -> Iterable[JobKey]:
    for stage in ("collect", "select", "split", "render", "generate", "clean"):
        yield JobKey(stage)
    for stage, cells in (
        ("control", study.control_cells),
        ("train", study.student_cells),
        ("respond", study.respond_cells),
        ("judge", study.candidate_cells),
    ):
        for cell in cells:
            yield JobKey(stage, cell)
    yield JobKey("rank")
