"""Record steps: order, drops, and going on after a kill."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.engine import Step, run_steps
from pullsmith.records import Drop, PullRequest, drop
from pullsmith.store import JobFolder
from tests.test_store import a_pull_request


def titled(record: PullRequest) -> PullRequest | Drop:
    return record.model_copy(update={"title": record.title + "!"})


def odd_only(record: PullRequest) -> PullRequest | Drop:
    return record if int(record.id[-1]) % 2 else drop("s", record, "even")


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    return JobFolder(tmp_path)


RECORDS = [a_pull_request(number) for number in range(5)]


def test_every_record_is_kept_or_dropped_in_order(job: JobFolder) -> None:
    kept, drops = run_steps(
        RECORDS, [titled, odd_only, titled], record_type=PullRequest, job=job, key=1
    )
    assert [record.id[-1] for record in kept] == ["1", "3"]
    assert {record.title for record in kept} == {"Añade!!"}
    assert [d.record_id[-1] for d in drops] == ["0", "2", "4"]
    # The dropped row is kept as the step saw it, not as it came in.
    assert '"Añade!"' in drops[0].record_json


def test_finished_shards_are_not_done_again(
    job: JobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pullsmith.engine.steps.ROWS_PER_TASK", 2)
    seen: list[str] = []

    def dies_at_3(record: PullRequest) -> PullRequest | Drop:
        seen.append(record.id[-1])
        if record.id[-1] == "3" and len(seen) <= 4:
            raise KeyboardInterrupt
        return record

    steps: list[Step[PullRequest]] = [dies_at_3]
    with pytest.raises(KeyboardInterrupt):
        run_steps(RECORDS, steps, record_type=PullRequest, job=job, key=1)
    kept, _ = run_steps(RECORDS, steps, record_type=PullRequest, job=job, key=1)
    assert kept == RECORDS
    assert seen == ["0", "1", "2", "3", "2", "3", "4"]


def test_other_settings_or_input_share_nothing(job: JobFolder) -> None:
    run_steps(RECORDS, [titled], record_type=PullRequest, job=job, key=1)
    other_key, _ = run_steps(RECORDS, [], record_type=PullRequest, job=job, key=2)
    other_input, _ = run_steps(RECORDS[:2], [], record_type=PullRequest, job=job, key=1)
    assert other_key == RECORDS
    assert other_input == RECORDS[:2]
