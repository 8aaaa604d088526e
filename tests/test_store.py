"""Parquet rows, manifests and what a kill may leave behind."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pullsmith import rows, store
from pullsmith.errors import RunFolderError
from pullsmith.records import (
    ChangeStatus,
    Defect,
    Drop,
    FileChange,
    LicenceEvidence,
    PullRequest,
    drop,
)
from pullsmith.store import JobFolder, JobKey, Manifest, RunFolder
from pullsmith.tally import Tally


def a_pull_request(commit: int, **changes: object) -> PullRequest:
    values = {
        "id": f"local:x@{commit:040d}", "source": "git", "repository": "local:x", "group": "local:x",
        "title": "Añade", "files": (FileChange(path="a.py", status=ChangeStatus.ADDED, patch="@@ -0,0 +1 @@\n+x\r\n"),),
    }  # fmt: skip
    return PullRequest.model_validate({**values, **changes})


def a_manifest(**changes: object) -> Manifest:
    values = {
        "pullsmith_version": "0", "stage": "collect", "cell": None, "settings": {"seed": 0}, "inputs": {},
        "tally": Tally(records_in=1, records_out=1, dropped={}, rows=1), "output_digest": "d", "versions": {}, "measured": {},
    }  # fmt: skip
    return Manifest.model_validate({**values, **changes})


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    folder = tmp_path / "collect"
    folder.mkdir()
    return JobFolder(folder)


FULL = a_pull_request(
    2,
    licence=LicenceEvidence(spdx=None, files=(), found_at="c"),
    defect=Defect(kind="k", path="a.py", start_line=1, end_line=1, defective=("x",), original=(), header="h", content="c"),
)  # fmt: skip


def test_rows_come_back_equal_and_sorted_by_id(job: JobFolder) -> None:
    rows = [FULL, a_pull_request(1, number=7)]
    assert job.write(PullRequest, rows) == 2
    job.finish(a_manifest())
    assert list(job.read(PullRequest)) == [rows[1], FULL]


def test_shards_have_one_schema_whatever_they_hold(
    job: JobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "ROWS_PER_SHARD", 1)
    job.write(PullRequest, [a_pull_request(1), FULL])
    schemas = [pq.read_schema(shard) for shard in job.shards()]
    assert len(schemas) == 2
    assert schemas[0] == schemas[1] == rows.arrow_schema(PullRequest)
    assert schemas[0].field("number").type == pa.int64()


def test_no_rows_are_a_file_too(job: JobFolder) -> None:
    job.write(PullRequest, [])
    job.finish(a_manifest())
    assert len(job.shards()) == 1
    assert list(job.read(PullRequest)) == []


def test_a_repeated_id_is_refused(job: JobFolder) -> None:
    with pytest.raises(RunFolderError, match="two records with the id local:x"):
        job.write(PullRequest, [a_pull_request(1), a_pull_request(1)])


def test_an_unfinished_job_gives_nothing(job: JobFolder) -> None:
    job.write(PullRequest, [FULL])
    with pytest.raises(RunFolderError, match="not finished"):
        list(job.read(PullRequest))


def test_a_failed_write_leaves_no_file(job: JobFolder) -> None:
    def broken_write() -> None:
        with rows.written_aside(job.path / "x") as aside:
            aside.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(RunFolderError, match="No space left"):
        broken_write()
    assert list(job.path.iterdir()) == []


def test_another_schema_version_is_refused_by_name(job: JobFolder) -> None:
    job.finish(a_manifest())
    path = job.path / "manifest.json"
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 99'))
    with pytest.raises(RunFolderError, match=r"manifest\.json: not a manifest of this version"):
        job.manifest()


def test_output_digest_sees_content_and_names_but_not_work(job: JobFolder) -> None:
    job.write(PullRequest, [FULL])
    before = job.output_digest()
    (job.work("w") / "scratch").write_text("x")
    assert job.output_digest() == before
    job.write_drops([drop("collect", FULL, "too_small")])
    assert job.output_digest() != before
    assert [dropped.reason for dropped in job.drops()] == ["too_small"]


def test_finish_removes_work_and_clear_rows_keeps_it(job: JobFolder) -> None:
    job.write(PullRequest, [FULL])
    job.write_drops([])
    work = job.work("w")
    job.clear_rows()
    assert work.exists()
    assert job.shards() == []
    job.finish(a_manifest())
    assert not work.exists()


def test_rows_of_another_type_are_refused(job: JobFolder) -> None:
    rows.write_rows(job.path / "rows-00000.parquet", Drop, [drop("s", FULL, "r")])
    with pytest.raises(RunFolderError, match="is no PullRequest of this version"):
        list(rows.read_rows(job.path / "rows-00000.parquet", PullRequest))


def test_cells_are_folders_of_their_stage(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert run.job(JobKey("train", "tiny")).path == tmp_path / "train" / "tiny"
    assert str(JobKey("train", "tiny")) == "train/tiny"


def test_changed_settings_names_the_keys() -> None:
    before = {"train": {"steps": 1, "lr": 2}, "seed": 0}
    now = {"train": {"steps": 3, "lr": 2}, "seed": 0, "new": True}
    assert store.changed_settings(before, now) == ["new (None → True)", "train.steps (1 → 3)"]
    assert store.changed_settings(before, before) == []
