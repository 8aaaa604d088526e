"""The journal: what is there, what survives, and who may write."""

from __future__ import annotations

import multiprocessing
import re
import sqlite3
from pathlib import Path

import pytest

from pullsmith.errors import OutsideError, RunFolderError
from pullsmith.llm import journal as journal_module
from pullsmith.llm.journal import JOURNAL_VERSION, Entry, Journal, Spent
from pullsmith.llm.protocol import AttemptError, Completion, Fault
from pullsmith.records import Outcome
from tests.llm.asked import request

TABLES = {
    "requests": ["key", "model", "checkpoint", "sample", "asked_at", "request_json"],
    "faults": ["key", "fault", "found", "at"],
    "completions": ["key", "outcome", "arrived_at", "completion_json"],
    "spending": ["model", "answers", "input_tokens", "output_tokens", "cost_usd", "unpriced"],
    "claims": ["key", "owner", "until"],
    "reservations": ["owner", "usd", "until"],
    "batches": ["token", "model", "batch_id", "state", "owner", "made_at"],
    "batch_keys": ["key", "token"],
}


def done(text: str, outcome: Outcome = Outcome.OK) -> Completion:
    return Completion(outcome=outcome, text=text, input_tokens=3, cost_usd=0.25)


def test_what_is_written_is_found_again(tmp_path: Path) -> None:
    one, two = request("one"), request("two")
    fault = AttemptError(Fault.TIMED_OUT, where="x", found="nothing")
    with Journal(tmp_path / "j") as journal:
        journal.write([Entry(one.key, one), Entry(two.key, two), Entry(two.key, fault)])
        journal.write([Entry(one.key, done("first"))])
        assert journal.find([one.key, two.key, "none"]) == {one.key: done("first")}
    with Journal(tmp_path / "j") as journal:
        kept = {asked.key: answer for asked, answer in journal.read()}
        assert kept == {one.key: done("first"), two.key: None}
        assert [asked for asked, _ in journal.read()] == sorted([one, two], key=lambda r: r.key)
        assert journal.faults() == {"timed_out": 1}


def test_the_first_completion_of_a_key_stays(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.write([Entry("k", done("first"))])
        journal.write([Entry("k", done("second"))])
        assert journal.find(["k"])["k"].text == "first"


def test_a_group_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        unwritable = AttemptError(Fault.EMPTY, where="x", found=None)  # type: ignore[arg-type]
        with pytest.raises(OutsideError, match="NOT NULL"):
            journal.write([Entry("a", done("a")), Entry("b", unwritable)])
        assert journal.find(["a", "b"]) == {}
        journal.write([Entry("a", done("a"))])
        assert set(journal.find(["a", "b"])) == {"a"}


def test_many_keys_at_once(tmp_path: Path) -> None:
    keys = [f"{number:05d}" for number in range(1201)]
    with Journal(tmp_path / "j") as journal:
        journal.write([Entry(key, done(key)) for key in keys[:-1]])
        assert len(journal.find(keys)) == 1200
        assert journal.find([]) == {}


def test_the_schema_that_is_documented(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.write([Entry("k", request("one")), Entry("k", done("first"))])
    base = sqlite3.connect(tmp_path / "j")
    try:
        (version,) = base.execute("PRAGMA user_version").fetchone()
        assert version == JOURNAL_VERSION
        (mode,) = base.execute("PRAGMA journal_mode").fetchone()
        assert mode == "wal"
        columns = {
            table: [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
            for table in TABLES
        }
    finally:
        base.close()
    assert columns == TABLES
    for table, names in columns.items():
        (line,) = re.findall(rf"\n    {table} +(.*)", journal_module.__doc__ or "")
        assert line.startswith(", ".join(names))


def write_some(path: Path, name: str) -> None:
    with Journal(path) as journal:
        for number in range(40):
            journal.write([Entry(f"{number}", done(name)), Entry(f"{name}{number}", done(name))])


def test_two_processes_on_one_journal(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=write_some, args=(tmp_path / "j", name)) for name in "ab"]
    for process in both:
        process.start()
    for process in both:
        process.join(30)
        assert process.exitcode == 0
    with Journal(tmp_path / "j") as journal:
        found = journal.find([f"{p}{n}" for p in ("", "a", "b") for n in range(40)])
    assert len(found) == 120
    assert {answer.text for answer in found.values()} <= {"a", "b"}


@pytest.mark.parametrize("content", [b"no database at all, only text" * 40, b"\0" * 4096])
def test_a_file_that_is_no_journal(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "j").write_bytes(content)
    with pytest.raises(RunFolderError, match="is no usable journal"):
        Journal(tmp_path / "j")
    assert (tmp_path / "j").read_bytes() == content


def test_a_journal_of_another_version(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "j")
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(RunFolderError, match="journal version 99, expected 3"):
        Journal(tmp_path / "j")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="cannot be opened"):
        Journal(tmp_path / "no" / "j")


def test_a_full_disk_keeps_what_is_there(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        journal.write([Entry("k", done("kept"))])
        journal._base.execute("PRAGMA max_page_count = 10")
        with pytest.raises(OutsideError, match=r"cannot be written: .*full.*run the same command"):
            journal.write([Entry("big", done("x" * 100_000))])
        assert set(journal.find(["k", "big"])) == {"k"}


def test_what_was_spent_is_summed_once_and_what_has_no_price_is_counted(tmp_path: Path) -> None:
    one, two = request("one"), request("two")
    unpriced = Completion(outcome=Outcome.OK, text="x", output_tokens=5)
    with Journal(tmp_path / "j") as journal:
        journal.write([Entry(one.key, one), Entry(one.key, done("a")), Entry(one.key, done("b"))])
        journal.write([Entry(two.key, two), Entry(two.key, unpriced)])
        assert journal.spending() == {"scripted:x": Spent(2, 3, 5, 0.25, 1)}


def test_a_journal_of_version_1_is_brought_up_to_date(tmp_path: Path) -> None:
    one = request("one")
    with Journal(tmp_path / "j") as journal:
        journal.write([Entry(one.key, one), Entry(one.key, done("kept"))])
        for table in ("spending", "claims", "batches", "batch_keys"):
            journal._base.execute(f"DROP TABLE {table}")
        journal._base.execute("PRAGMA user_version = 1")
    with Journal(tmp_path / "j") as journal:
        assert journal.find([one.key])[one.key].text == "kept"
        assert journal.spending() == {"scripted:x": Spent(1, 3, 0, 0.25, 0)}


def test_a_journal_of_version_2_keeps_its_sums(tmp_path: Path) -> None:
    one = request("one")
    with Journal(tmp_path / "j") as journal:
        journal.write([Entry(one.key, one), Entry(one.key, done("kept"))])
        journal._base.execute("DROP TABLE reservations")
        journal._base.execute("PRAGMA user_version = 2")
    with Journal(tmp_path / "j") as journal:
        assert journal.spending() == {"scripted:x": Spent(1, 3, 0, 0.25, 0)}
        assert journal._base.execute("SELECT COUNT(*) FROM reservations").fetchone() == (0,)
