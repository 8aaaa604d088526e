"""The stage: counts add up, the first reason counts, and a killed run goes on to the same bytes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pullsmith.errors import SourceError
from pullsmith.records import Drop, PullRequest
from pullsmith.rows import read_rows
from pullsmith.select.choose import choose as choose_among
from pullsmith.select.looks import Looks, look_at
from pullsmith.select.stage import run
from tests.curated import context, file, finish, planted, real, study, written

RECORDS = [
    real("1", file("a")),
    real("2", file(" a")),
    real("3", file("a"), flags=("bot",)),
    real("4", file("b", "jane@acme.io")),
    real("5", file("-----BEGIN " + "PRIVATE KEY-----")),
    planted("6", file("a")),
]


def selected(folder: Path, records: list[PullRequest]) -> tuple[list[PullRequest], list[Drop]]:
    made = context(folder, "select", study())
    finish(made.run, "collect", PullRequest, records)
    result = run(made)
    result.tally.check()
    drops = list(read_rows(made.job.path / "dropped.parquet", Drop))
    assert result.tally.records_in == len(records)
    assert sum(result.tally.dropped.values()) == len(drops)
    assert result.tally.steps[-1].records_out == len(written(made, PullRequest))
    return written(made, PullRequest), drops


def test_in_is_out_plus_dropped_and_every_record_is_scanned(tmp_path: Path) -> None:
    kept, drops = selected(tmp_path, RECORDS)
    assert [record.id for record in kept] == ["forge.test/a/b@1", "forge.test/a/b@4"]
    assert all(record.scan is not None for record in kept)
    assert {(d.record_id.rpartition("@")[2], d.reason, d.detail) for d in drops} == {
        ("2", "exact_duplicate", "of forge.test/a/b@1"),
        ("3", "bot", "author ''"),  # not a duplicate: bots are dropped before
        ("5", "private_key", "a private key cannot be masked; drop the text"),
        ("planted:6", "exact_duplicate", "of forge.test/a/b@1"),
    }


def test_a_killed_run_goes_on_and_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pullsmith.engine.steps.SLICE_BYTES", 700)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    selected(whole, RECORDS)
    shutil.copytree(whole, cut)
    counts = sorted((cut / "select" / "work").rglob("*.counts.json"))
    assert len(counts) == 6
    for shard in [counts[0], counts[-1], *(cut / "select").glob("*.parquet")]:
        shard.unlink()
    selected(cut, RECORDS)
    for name in ("rows-00000.parquet", "dropped.parquet"):
        assert (cut / "select" / name).read_bytes() == (whole / "select" / name).read_bytes()


def test_nothing_left_is_an_error_that_names_the_rule(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError,
        match=r"all 2 pull requests were dropped \(2 bot\), most by the rule bot, for example "
        r"forge.test/a/b@1: author ''; forge.test/a/b@2: author ''; change \[select\]",
    ):
        selected(tmp_path, [real("1", flags=("bot",)), real("2", flags=("bot",))])
    assert len(list(read_rows(tmp_path / "select" / "dropped.parquet", Drop))) == 2


def test_nothing_collected(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="collect gave no pull requests"):
        selected(tmp_path, [])


LONG = [f"value_{n} = compute(value_{n - 1}, {n})" for n in range(40)]


def test_a_near_duplicate_goes_and_its_cluster_is_on_record(tmp_path: Path) -> None:
    copy = real("2", file(*LONG, "print(value_39)", path="b.py"), repository="forge.test/fork/b")
    other = real("3", file(*LONG[:30], path="c.py"))
    twin = planted("4", file(*LONG, path="d.py"))
    records = [real("1", file(*LONG)), copy, other, twin]
    kept, drops = selected(tmp_path, records)
    assert [(d.record_id, d.reason, d.detail) for d in drops] == [
        ("forge.test/fork/b@2", "near_duplicate", "of forge.test/a/b@1 (0.99)"),
    ]
    assert '"cluster":"forge.test/a/b@1"' in drops[0].record_json
    assert {r.id: r.cluster for r in kept} == {
        "forge.test/a/b@1": "forge.test/a/b@1",
        "forge.test/a/b@3": "",
        "planted:4": "forge.test/a/b@1",  # planted ones are variations on purpose
    }


@pytest.mark.parametrize("setting", ["mark", "off"])
def test_near_duplicates_can_be_marked_or_left_alone(tmp_path: Path, setting: str) -> None:
    pair = [real("1", file(*LONG)), real("2", file(*LONG, "x = 1"))]
    made = context(tmp_path, "select", study(select={"near_duplicates": setting}))
    finish(made.run, "collect", PullRequest, pair)
    run(made)
    cluster = pair[0].id if setting == "mark" else ""
    assert [record.cluster for record in written(made, PullRequest)] == [cluster] * 2


def test_the_excluded_go_first_and_are_named(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("author Jane Doe\n")
    made = context(tmp_path, "select", study(select={"exclude": str(tmp_path / "list.txt")}))
    rows = [real("1", author="Jane Doe", flags=("bot",)), real("2", author="Joe")]
    finish(made.run, "collect", PullRequest, rows)
    assert run(made).tally.steps[0].dropped == {"excluded": 1}
    assert [(d.reason, d.detail) for d in made.job.drops()] == [("excluded", "author Jane Doe")]


def test_quotas_and_the_most_count_real_ones_only(tmp_path: Path) -> None:
    rows = [real(str(n), file(f"x{n}")) for n in range(1, 9)]
    made = [planted(str(n), file(f"p{n}")) for n in range(4)]
    settings = {"max_per_repository": 6, "max_pull_requests": 4, "choose": "diverse"}
    asked = context(tmp_path, "select", study(select=settings))
    finish(asked.run, "collect", PullRequest, [*rows, *made])
    tally = run(asked).tally
    assert tally.dropped == {"not_chosen": 2, "over_quota": 2}
    details = {d.reason: d.detail for d in asked.job.drops()}
    assert details["over_quota"] == "repository forge.test/a/b: 6 are there"
    assert details["not_chosen"] == "6 are left, 4 wanted (diverse)"


@pytest.mark.parametrize("choose", ["seed", "diverse"])
def test_the_order_of_the_input_changes_nothing(tmp_path: Path, choose: str) -> None:
    rows = [real(str(n), file(*LONG[n % 5 :], f"x{n}")) for n in range(1, 25)]
    settings = {"max_pull_requests": 3, "choose": choose, "near_duplicate_similarity": 0.9}
    left = []
    for number, order in enumerate((rows, rows[::-1], rows[7:] + rows[:7])):
        looks = Looks([look_at(order[:11]), look_at(order[11:])])
        asked = study(select=settings, seed=5).select
        choice = choose_among(looks, asked, seed=5)
        left.append((dict(choice.reasons), dict(choice.clusters), number == 0 or choice.steps))
    assert left[0][:2] == left[1][:2] == left[2][:2]
