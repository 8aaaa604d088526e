"""One pull request through the stages that are done: found by what a person remembers of it.

Takes a study and an id, a part of one, or a number; gives ids and records. Reads only the columns
that say which rows are wanted, so that a large run is searched without reading its patches.
"""

from __future__ import annotations

import difflib
import heapq
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.pipeline.runner import run_folder, status
from pullsmith.records import Answer, Drop, Example, Prompt, PullRequest, Record, Verdict
from pullsmith.rows import read_tables, records_of
from pullsmith.store import JobFolder, JobKey
from pullsmith.study import Study

TYPES: dict[str, type[Record]] = {
    "collect": PullRequest, "select": PullRequest, "split": PullRequest, "render": Prompt,
    "generate": Answer, "clean": Example, "respond": Answer, "judge": Verdict,
}  # fmt: skip
NEAREST = 3
SHORTEST_SHA = 4
_NUMBER = re.compile(r"(?:(?P<repository>[^#@]+)?#)?(?P<number>\d{1,18})")


@dataclass(frozen=True)
class Known:
    """What finding needs to know of a pull request, kept or dropped by collect."""

    id: str
    number: int | None


def find_pull_request(study: Study, wanted: str) -> str:
    """The id of the one collected pull request that ``wanted`` means.

    It may be an id, the id of any record made of it, a number (``12``, ``#12``, ``owner/name#12``),
    the beginning of a commit id, or a part of an id from a ``/`` on (``name@ab12``). What collect
    dropped is looked at where nothing that was kept fits. Raises StudyError where none or several
    fit, RunFolderError where collect is not done.
    """
    job = run_folder(study).job(JobKey("collect"))
    if job.manifest() is None:
        raise RunFolderError("collect is not finished; pullsmith status STUDY says where it stands")
    kept = list(_kept(job))
    for known in (kept, list(_dropped(job))):
        fitting = sorted({one.id for one in known if _fits(one, wanted)})
        exact = [name for name in fitting if name == _pull_request_part(wanted)]
        if len(exact or fitting) == 1:
            return (exact or fitting)[0]
        if fitting:
            more = f" and {len(fitting) - NEAREST} more" if len(fitting) > NEAREST else ""
            raise StudyError(
                f"{len(fitting)} pull requests fit {wanted!r}: {', '.join(fitting[:NEAREST])}{more}; "
                "write more of the id"
            )
    raise StudyError(
        f"no pull request fits {wanted!r}; the nearest: {', '.join(_near(kept, wanted))}"
    )


def trail(study: Study, pull_request_id: str) -> Iterator[tuple[JobKey, Record]]:
    """(job, record) of everything finished that belongs to the pull request, in the stages' order."""
    run = run_folder(study)
    for state in status(study):
        record_type = TYPES.get(state.key.stage)
        if state.manifest is None:
            continue
        job = run.job(state.key)
        if record_type is not None:
            for record in _rows_of(job, record_type, pull_request_id):
                yield state.key, record
        for drop in _drops_of(job, pull_request_id):
            yield state.key, drop


def unfinished(study: Study) -> list[JobKey]:
    """The jobs a trail cannot show yet, in order."""
    return [
        state.key for state in status(study) if state.manifest is None and state.key.stage in TYPES
    ]


def _kept(job: JobFolder) -> Iterator[Known]:
    for shard in job.shards():
        table = pq.read_table(shard, columns=["id", "number"])
        for name, number in zip(
            *(table.column(key).to_pylist() for key in ("id", "number")), strict=True
        ):
            yield Known(name, number)


def _dropped(job: JobFolder) -> Iterator[Known]:
    path = job.path / "dropped.parquet"
    for table in read_tables(path) if path.exists() else ():
        for row in table.select(["record_id", "record_json"]).to_pylist():
            record = json.loads(row["record_json"] or "{}")
            yield Known(row["record_id"], record.get("number"))


def _pull_request_part(wanted: str) -> str:
    """An id without what a record made of the pull request adds: ``PR#tool/contract/part``."""
    return wanted.split("#", maxsplit=1)[0]


def _fits(one: Known, wanted: str) -> bool:
    if number := _NUMBER.fullmatch(wanted):
        if one.number == int(number["number"]):
            return number["repository"] is None or _part_of(one.id, number["repository"] + "@")
        if number["repository"] or wanted.startswith("#"):
            return False
    return _part_of(one.id, _pull_request_part(wanted))


def _part_of(name: str, wanted: str) -> bool:
    """Whether ``wanted`` stands in an id, from its beginning or from a ``/``, or begins its commit."""
    if not wanted:
        return False
    begins = f"/{wanted}".lower() in f"/{name}".lower()
    commit = name.rpartition("@")[2]
    return begins or (len(wanted) >= SHORTEST_SHA and commit.startswith(wanted.lower()))


def _near(known: Sequence[Known], wanted: str) -> list[str]:
    """The ids that look most like what was asked for; empty where nothing was collected."""
    if number := _NUMBER.fullmatch(wanted):
        numbered = [one for one in known if one.number is not None]
        goal = int(number["number"])
        closest = heapq.nsmallest(NEAREST, numbered, key=lambda one: abs((one.number or 0) - goal))
        if closest:
            return [f"{one.id} (#{one.number})" for one in closest]
    ids = [one.id for one in known]
    # Comparing with every id of a large run would take minutes.
    likely = heapq.nlargest(500, ids, key=lambda name: _shared(name, wanted))
    return difflib.get_close_matches(wanted, likely, n=NEAREST, cutoff=0.3) or likely[:NEAREST]


def _shared(name: str, wanted: str) -> int:
    """How many characters of ``wanted`` an id begins with, at its beginning or after its host."""
    beginnings = (name, name.partition("/")[2])
    return max(
        sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, wanted, strict=False)))
        for one in beginnings
    )


def _rows_of(job: JobFolder, record_type: type[Record], pull_request_id: str) -> Iterator[Record]:
    column = "pull_request_id" if "pull_request_id" in record_type.model_fields else "id"
    for shard in job.shards():
        table = pq.read_table(shard, filters=pc.field(column) == pull_request_id)
        yield from records_of(table, record_type, shard)


def _drops_of(job: JobFolder, pull_request_id: str) -> Iterator[Drop]:
    path = job.path / "dropped.parquet"
    if path.exists():
        record = pc.field("record_id")
        own = (record == pull_request_id) | pc.starts_with(record, f"{pull_request_id}#")
        yield from records_of(pq.read_table(path, filters=own), Drop, path)
