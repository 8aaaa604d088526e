"""How it was made: every role, every job that is done with its digest, and nothing of this machine."""

from __future__ import annotations

from pathlib import Path

from pullsmith.records import PullRequest
from pullsmith.report.method import method
from pullsmith.store import JobKey, RunFolder
from pullsmith.tally import Tally
from tests.judged import finish, pull_request, store, study


def test_roles_settings_and_digests(tmp_path: Path) -> None:
    made = study(student=[{"model": "tiny", "name": "mine"}], judge=[{"model": "openai:one", "orders": "random"}])  # fmt: skip
    run = RunFolder(tmp_path)
    store(run, "split", PullRequest, [pull_request()])
    found = method(made, run)
    assert ("mine (tiny)", "student, full", "native-1") in found.roles.rows
    assert ("openai:one", "judge", "pair-1, one order, drawn") in found.roles.rows
    assert ("rubric", "judge", "pair-1, both orders") in found.roles.rows
    manifest = run.job(JobKey("split")).manifest()
    assert manifest is not None
    assert found.records.rows == (("split", manifest.output_digest, "1"),)
    assert ("seed", "0") in found.settings.rows
    assert found.versions == "pullsmith 0"


def test_no_path_is_told(tmp_path: Path) -> None:
    made = study(collect={"sources": [{"git": str(tmp_path / "secret-place")}]})
    found = method(made, RunFolder(tmp_path))
    assert "secret-place" not in repr(found)
    assert str(tmp_path) not in repr(found)


def test_who_ranks_again_with_another_version_and_other_bytes_gets_the_same_page(
    tmp_path: Path,
) -> None:
    run = RunFolder(tmp_path)
    store(run, "split", PullRequest, [pull_request()])
    finish(run, "rank", None, Tally(records_in=0, records_out=0, dropped={}, rows=0))
    before = method(study(), run)
    job = run.job(JobKey("rank"))
    manifest = job.manifest()
    assert manifest is not None
    other = {
        "pullsmith_version": "9",
        "versions": {"numpy": "9"},
        "output_digest": "another pyarrow",
    }
    job.finish(manifest.model_copy(update=other))
    assert method(study(), run) == before
    assert [name for name, *_ in before.records.rows] == ["split"]
