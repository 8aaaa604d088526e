"""Chains of record steps: order, counts after every step, and going on after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from pullsmith.engine import Chain, Chains, StageContext, Step, read_looks, run_chain
from pullsmith.errors import RunFolderError
from pullsmith.records import Drop, PullRequest, drop
from pullsmith.rows import read_rows
from pullsmith.store import JobKey
from tests.curated import context, finish, study
from tests.test_store import a_pull_request

RECORDS = [a_pull_request(number) for number in range(5)]


def titled(record: PullRequest) -> PullRequest | Drop:
    return record.model_copy(update={"title": record.title + "!"})


def odd_only(record: PullRequest) -> PullRequest | Drop:
    return record if int(record.id[-1]) % 2 else drop("s", record, "even")


def three_steps() -> Sequence[Step[PullRequest]]:
    return [Step("titled", titled), Step("odd_only", odd_only), Step("again", titled)]


def titles(records: Sequence[PullRequest]) -> pa.Table:
    return pa.table({"title": pa.array([record.title for record in records], type=pa.string())})


CHAIN = Chain(PullRequest, 1, three_steps, titles)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pullsmith.engine.steps.SLICE_BYTES", 1)


@pytest.fixture
def made(tmp_path: Path) -> StageContext:
    made = replace(context(tmp_path, "select", study()), workers=1)
    finish(made.run, "collect", PullRequest, RECORDS)
    return made


def chained(made: StageContext, chain: Chain[PullRequest] = CHAIN) -> Chains[PullRequest]:
    return run_chain(chain, made.run.job(JobKey("collect")), made)


def kept(chains: Chains[PullRequest]) -> list[PullRequest]:
    return [row for path in chains.files("kept.parquet") for row in read_rows(path, PullRequest)]


def test_every_record_is_kept_or_dropped_in_order(made: StageContext) -> None:
    chains = chained(made)
    assert len(chains.shards) == len(RECORDS)
    assert [record.id[-1] for record in kept(chains)] == ["1", "3"]
    assert {record.title for record in kept(chains)} == {"Añade!!"}
    drops = [row for path in chains.files("drops.parquet") for row in read_rows(path, Drop)]
    assert [d.record_id[-1] for d in drops] == ["0", "2", "4"]
    # The dropped row is kept as the step saw it, not as it came in.
    assert '"Añade!"' in drops[0].record_json


def test_in_is_out_plus_drops_after_every_step(made: StageContext) -> None:
    chains = chained(made)
    assert chains.records_in == len(RECORDS)
    assert [(s.name, s.records_in, s.records_out, s.dropped) for s in chains.steps] == [
        ("titled", 5, 5, {}),
        ("odd_only", 5, 2, {"even": 3}),
        ("again", 2, 2, {}),
    ]


def test_a_look_is_of_what_was_kept(made: StageContext) -> None:
    looks = [read_looks(path) for path in chained(made).files("looks.arrow")]
    assert pa.concat_tables(looks).column("title").to_pylist() == ["Añade!!"] * 2


def seen_steps(log: Path) -> Sequence[Step[PullRequest]]:
    def dies_at_3(record: PullRequest) -> PullRequest:
        seen = log.read_text() if log.exists() else ""
        log.write_text(seen + record.id[-1])
        if record.id[-1] == "3" and len(seen) < 4:
            raise KeyboardInterrupt
        return record

    return [Step("dies_at_3", dies_at_3)]


def test_finished_slices_are_not_done_again(made: StageContext, tmp_path: Path) -> None:
    chain = Chain(PullRequest, 1, partial(seen_steps, tmp_path / "log"))
    with pytest.raises(KeyboardInterrupt):
        chained(made, chain)
    assert kept(chained(made, chain)) == RECORDS
    assert (tmp_path / "log").read_text() == "012334"


@pytest.mark.parametrize("kind", ["kept.parquet", "drops.parquet"])
def test_a_slice_without_its_counts_is_made_again(made: StageContext, kind: str) -> None:
    """What a kill leaves under other names, cut short or whole, is never read."""
    shard = chained(made).shards[1]
    before = shard.file(kind).read_bytes()
    shard.file(kind).write_bytes(b"PAR1 cut short")
    shard.file("counts.json").unlink()
    assert [record.id[-1] for record in kept(chained(made))] == ["1", "3"]
    assert shard.file(kind).read_bytes() == before


def no_steps() -> Sequence[Step[PullRequest]]:
    return []


def test_other_settings_steps_or_input_share_nothing(made: StageContext) -> None:
    first = chained(made)
    other_key = chained(made, Chain(PullRequest, 2, no_steps))
    assert kept(other_key) == RECORDS
    finish(made.run, "collect", PullRequest, RECORDS[:2])
    other_input = chained(made)
    assert [record.id[-1] for record in kept(other_input)] == ["1"]
    assert len({chains.shards[0].folder for chains in (first, other_key, other_input)}) == 3


def test_an_unfinished_job_says_which_command_makes_it(made: StageContext) -> None:
    (made.run.job(JobKey("collect")).path / "manifest.json").unlink()
    with pytest.raises(RunFolderError, match=r"not finished; pullsmith collect STUDY\.toml does"):
        chained(made)


def test_records_with_empty_texts_are_not_lost(made: StageContext) -> None:
    """Trap 1: a reader that skips what has no text, without a drop."""
    empty = [record.model_copy(update={"title": "", "files": ()}) for record in RECORDS]
    finish(made.run, "collect", PullRequest, empty)
    chains = chained(made, Chain(PullRequest, 1, no_steps))
    assert kept(chains) == empty
    assert chains.records_in == len(empty)
