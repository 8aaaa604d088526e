"""Sorting and merging rows in bounded memory: nothing lost, nothing changed, whatever the batches."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith import rows
from pullsmith.errors import RunFolderError
from pullsmith.records import (
    ChangeStatus,
    Defect,
    Drop,
    FileChange,
    HunkContext,
    LicenceEvidence,
    LicenceFile,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
    SecretScan,
    Split,
    drop,
)
from pullsmith.rows import (
    count_rows,
    merge_tables,
    read_ids,
    read_rows,
    read_some,
    read_tables,
    sum_of,
    write_rows,
    write_sorted,
)
from pullsmith.store import JobFolder

FILE = FileChange(path="a.py", status=ChangeStatus.RENAMED, old_path="b.py", flags=("docs",))
AROUND = FILE.model_copy(
    update={
        "context": (HunkContext(before=("a\r", ""), after=()), HunkContext(before=(), after=()))
    }
)


def a_record(name: str, **changes: object) -> PullRequest:
    values = {"id": name, "source": "git", "repository": "r", "group": "r", "title": "t", "files": (FILE,)}  # fmt: skip
    return PullRequest.model_validate({**values, **changes})


FULL = a_record(
    "full",
    files=(AROUND, FILE, FILE.model_copy(update={"context": ()})),
    licence=LicenceEvidence(
        spdx="MIT", files=(LicenceFile(path="L", blob_sha="0", spdx="MIT"),), found_at="c"
    ),
    reviews=(Review(author="a", state="approved", body="", written_at="now"),),
    threads=(
        ReviewThread(
            path="a.py",
            comments=(ReviewComment(author="a", body="b", written_at="", suggestions=("x",)),),
        ),
    ),
    defect=Defect(
        kind="k", path="a.py", start_line=1, end_line=1, defective=("x",), original=(), header="h", content="c",
    ),
    pool=Split.EVAL,
    split=Split.TRAIN,
    scan=SecretScan(rules_version="1"),
)  # fmt: skip


def test_every_field_comes_back_as_it_was(tmp_path: Path) -> None:
    written = [FULL, a_record("plain"), a_record("none", files=(), number=None)]
    write_rows(tmp_path / "x", PullRequest, written)
    assert list(read_rows(tmp_path / "x", PullRequest)) == written


@pytest.mark.parametrize(("start", "stop"), [(0, 3), (250, 260), (256, 512), (599, 600), (5, 5)])
def test_some_rows_are_read_wherever_the_batches_end(tmp_path: Path, start: int, stop: int) -> None:
    written = [a_record(f"{n:03d}", number=n) for n in range(600)]
    write_rows(tmp_path / "x", PullRequest, written)
    assert list(read_some(tmp_path / "x", PullRequest, start, stop)) == written[start:stop]


def test_rows_past_the_end_are_none(tmp_path: Path) -> None:
    write_rows(tmp_path / "x", PullRequest, [a_record("a"), a_record("b")])
    assert [record.id for record in read_some(tmp_path / "x", PullRequest, 1, 9)] == ["b"]


def test_a_column_is_summed_also_inside_a_record_and_where_it_is_empty(tmp_path: Path) -> None:
    write_rows(
        tmp_path / "x", PullRequest, [FULL, a_record("y", number=3), a_record("z", number=4)]
    )
    write_rows(tmp_path / "none", PullRequest, [])
    assert sum_of(tmp_path / "x", "number") == 7
    assert sum_of(tmp_path / "x", "scan.planted_kept") == 0
    assert sum_of(tmp_path / "none", "number") == 0


def test_sorting_through_spilled_runs_gives_the_bytes_of_sorting_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [a_record(f"{n:04d}", body="x" * (n % 50)) for n in range(3000)]
    random.Random(0).shuffle(records)
    assert write_sorted(tmp_path / "memory", PullRequest, iter(records)) == 3000
    monkeypatch.setattr(rows, "SPILL_BYTES", 40_000)
    assert write_sorted(tmp_path / "spilled", PullRequest, iter(records)) == 3000
    found = [list(read_rows(tmp_path / name, PullRequest)) for name in ("memory", "spilled")]
    assert found[0] == found[1] == sorted(records, key=lambda record: record.id)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["memory", "spilled"]


@pytest.mark.parametrize("spill_bytes", [1, 1 << 30])
def test_a_repeated_id_is_refused_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spill_bytes: int
) -> None:
    monkeypatch.setattr(rows, "SPILL_BYTES", spill_bytes)
    monkeypatch.setattr(rows, "BATCH_ROWS", 2)
    names = ["b", "a", "c", "d", "b", "e"]
    with pytest.raises(RunFolderError, match="two records with the id b"):
        write_sorted(tmp_path / "x", PullRequest, map(a_record, names))
    assert list(tmp_path.iterdir()) == []


def test_no_rows_are_a_file_with_the_schema(tmp_path: Path) -> None:
    assert write_sorted(tmp_path / "x", PullRequest, []) == 0
    assert pq.read_schema(tmp_path / "x") == rows.arrow_schema(PullRequest)
    assert list(read_rows(tmp_path / "x", PullRequest)) == []


@given(st.lists(st.sets(st.integers(0, 60)), max_size=5), st.integers(1, 7))
def test_merged_runs_are_all_rows_in_order_earlier_runs_first(
    runs: list[set[int]], batch: int
) -> None:
    tables = [
        rows._table(Drop, [drop(f"s{at}", a_record(f"{n:02d}"), "r") for n in sorted(run)])
        for at, run in enumerate(runs)
    ]
    cut = [
        iter([table.slice(at, batch) for at in range(0, table.num_rows, batch)]) for table in tables
    ]
    merged = [row for table in merge_tables(cut) for row in table.to_pylist()]
    expected = [row for table in tables for row in table.to_pylist()]
    assert merged == sorted(expected, key=lambda row: row["id"])
    by_record = [(row["record_id"], row["stage"]) for row in merged]
    assert sorted(by_record) == sorted((row["record_id"], row["stage"]) for row in expected)


def test_the_first_file_s_row_of_a_repeated_id_counts(tmp_path: Path) -> None:
    for name, ids in (("one", "adg"), ("two", "bdf"), ("three", "d")):
        write_sorted(tmp_path / name, PullRequest, [a_record(one, title=name) for one in ids])
    job = JobFolder(tmp_path / "job")
    job.path.mkdir()
    merged = job.merge(PullRequest, [tmp_path / name for name in ("one", "two", "three")])
    assert merged.rows == 5
    assert [(one.id, one.title) for one in merged.repeated] == [("d", "two"), ("d", "three")]
    (shard,) = job.shards()
    found = [(one.id, one.title) for one in read_rows(shard, PullRequest)]
    assert found == [("a", "one"), ("b", "two"), ("d", "one"), ("f", "two"), ("g", "one")]


def test_many_files_are_merged_some_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven files, two at a time: the earliest still counts, and nothing is lost."""
    jobs, merged = [JobFolder(tmp_path / name) for name in ("once", "some")], []
    paths = [tmp_path / str(number) for number in range(7)]
    for number, path in enumerate(paths):
        ids = ("every", f"own {number}", f"pair {number // 2}")
        write_sorted(path, PullRequest, [a_record(one, title=str(number)) for one in ids])
    for job, fan_in in zip(jobs, (32, 2), strict=True):
        monkeypatch.setattr("pullsmith.store.FAN_IN", fan_in)
        job.path.mkdir()
        merged.append(job.merge(PullRequest, paths))
    assert merged[0].rows == merged[1].rows == 1 + 7 + 4
    repeated = [sorted((one.id, one.title) for one in each.repeated) for each in merged]
    assert repeated[0] == repeated[1]
    assert repeated[0][:6] == [("every", str(number)) for number in range(1, 7)]
    assert [list(read_rows(job.shards()[0], PullRequest)) for job in jobs] == [
        list(read_rows(jobs[0].shards()[0], PullRequest))
    ] * 2


def test_ids_and_counts_of_a_file(tmp_path: Path) -> None:
    write_rows(tmp_path / "some", PullRequest, [a_record("a"), a_record("b")])
    assert list(read_ids(tmp_path / "some")) == ["a", "b"]
    assert count_rows(tmp_path / "some") == 2


def test_one_file_or_none_is_merged_too(tmp_path: Path) -> None:
    write_sorted(tmp_path / "one", PullRequest, [a_record("a"), a_record("b")])
    for paths, expected in (([tmp_path / "one"], 2), ([], 0)):
        job = JobFolder(tmp_path / f"job{expected}")
        job.path.mkdir()
        assert job.merge(PullRequest, paths).rows == expected
        (shard,) = job.shards()
        assert sum(table.num_rows for table in read_tables(shard)) == expected
    assert (tmp_path / "one").exists()  # a killed job needs it again


def test_one_file_is_copied_where_the_file_system_has_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object) -> None:
        raise PermissionError("not on this file system")

    monkeypatch.setattr("os.link", link)
    write_sorted(tmp_path / "one", PullRequest, [a_record("a")])
    job = JobFolder(tmp_path / "job")
    job.path.mkdir()
    assert job.merge(PullRequest, [tmp_path / "one"]).rows == 1
    assert job.shards()[0].read_bytes() == (tmp_path / "one").read_bytes()
