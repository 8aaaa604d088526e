"""What split needs of the selected records, read without holding their text.

Takes a finished job's folder, gives records without patches and prose, the patches of some, the
digests of some. A study of many thousand pull requests fits into memory that way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pullsmith.records import PullRequest, digest
from pullsmith.rows import BATCH_ROWS, records_of
from pullsmith.split.light import Light
from pullsmith.store import JobFolder

# Left out: prose, talk, evidence and the patches, which are nearly all there is.
_HEAVY = (
    "body",
    "branch",
    "commit_messages",
    "labels",
    "licence",
    "reviews",
    "threads",
    "closes",
    "scan",
)
_PATCH = ".patch"


def read_light(job: JobFolder) -> list[Light]:
    """Every record, by id, without its text."""
    return [Light.of(record) for path in _shards(job) for record in _light(path)]


def read_patches(job: JobFolder, ids: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """(id, patches) of the records with these ids."""
    for path in _shards(job):
        for table in _tables(
            path, _paths(path, lambda name: name == "id" or name.endswith(_PATCH))
        ):
            yield from ((name, some) for name, some in patches_of(table) if name in ids)


def patches_of(table: pa.Table) -> Iterator[tuple[str, list[str]]]:
    """(id, patches) of every row of a table of pull requests."""
    files = table.column("files").combine_chunks()
    texts = iter(pc.struct_field(files.flatten(), "patch").to_pylist())
    for name, count in zip(
        table.column("id").to_pylist(), pc.list_value_length(files).to_pylist(), strict=True
    ):
        yield name, [next(texts) for _ in range(count)]


def digests_of(job: JobFolder, ids: Collection[str]) -> dict[str, str]:
    """The digest of each whole record with one of these ids."""
    return {record.id: digest(record) for record in job.read(PullRequest) if record.id in ids}


def read_copies(job: JobFolder) -> list[Light]:
    """What select dropped as duplicates, as far as a fork can be told by it: where, and which commit.

    Only commits tell a fork: sister projects make the same small change a dozen times.
    """
    return [
        Light.of(PullRequest(files=(), title="", **{name: told[name] for name in _TOLD}))
        for dropped in job.drops()
        if "duplicate" in dropped.reason and (told := json.loads(dropped.record_json))["merge_sha"]
    ]


_TOLD = ("id", "source", "repository", "group", "evidence", "merge_sha")


def _shards(job: JobFolder) -> list[Path]:
    next(job.read(PullRequest), None)  # raises for a job that is not finished
    return job.shards()


def _light(path: Path) -> Iterator[PullRequest]:
    wanted = _paths(
        path, lambda name: name.partition(".")[0] not in _HEAVY and not name.endswith(_PATCH)
    )
    for table in _tables(path, wanted):
        yield from records_of(table, PullRequest, path)


def _tables(path: Path, columns: list[str]) -> Iterable[pa.Table]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=columns):
            yield pa.Table.from_batches([batch])


def _paths(path: Path, wanted: Callable[[str], bool]) -> list[str]:
    """The leaves of a file's columns that are wanted, as Parquet names them."""
    schema = pq.read_metadata(path).schema
    names = [schema.column(place).path for place in range(len(schema))]
    return [name for name in names if wanted(name)]
