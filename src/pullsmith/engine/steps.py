"""Running pure record steps, a shard of records after another; a killed run goes on with the next.

A step takes a record and gives a record or a Drop; it sees nothing else and changes nothing. The
results of a shard go into a work folder named by a digest of the steps' settings and the input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from pullsmith.records import Drop, Record, digest
from pullsmith.rows import read_rows, write_rows
from pullsmith.store import JobFolder

R = TypeVar("R", bound=Record)
Step = Callable[[R], R | Drop]
ROWS_PER_TASK = 1000


def run_steps(
    records: Sequence[R],
    steps: Sequence[Step[R]],
    *,
    record_type: type[R],
    job: JobFolder,
    key: object,
) -> tuple[list[R], list[Drop]]:
    """Put every record through ``steps`` until one drops it; (kept, dropped), in input order.

    ``key`` is all that decides the outcome besides the records (settings, step versions).
    """
    work = job.work(digest(["steps-1", key, [digest(record) for record in records]]))
    kept: list[R] = []
    drops: list[Drop] = []
    for number, start in enumerate(range(0, len(records), ROWS_PER_TASK)):
        kept_path, drop_path = (
            work / f"{number:05d}.kept.parquet",
            work / f"{number:05d}.drop.parquet",
        )
        if not (kept_path.exists() and drop_path.exists()):
            shard: list[R | Drop] = []
            for record in records[start : start + ROWS_PER_TASK]:
                outcome = _through(record, steps)
                shard.append(outcome)
            write_rows(kept_path, record_type, [row for row in shard if not isinstance(row, Drop)])
            write_rows(drop_path, Drop, [row for row in shard if isinstance(row, Drop)])
        kept += read_rows(kept_path, record_type)
        drops += read_rows(drop_path, Drop)
    return kept, drops


def _through(record: R, steps: Sequence[Step[R]]) -> R | Drop:
    for step in steps:
        outcome = step(record)
        if isinstance(outcome, Drop):
            return outcome
        record = outcome
    return record
