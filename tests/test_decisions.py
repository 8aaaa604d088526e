"""decisions.jsonl: appended whole, replayed in order, never given to other content."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from pullsmith.decisions import (
    ON_EXAMPLES,
    Action,
    Decision,
    decide,
    decided,
    matched,
    read_decisions,
)
from pullsmith.errors import RunFolderError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "decisions.jsonl"


def add(
    path: Path, action: Action, record: str, *, who: str = "ada", of: str = "d", text: str = ""
) -> Decision:
    return decide(path, at="2026-11-28T10:00:00Z", who=who, action=action, record_id=record, of=of, text=text)  # fmt: skip


def standing(path: Path) -> dict[str, Action]:
    return {n: d.action for n, d in read_decisions(path).standing(ON_EXAMPLES).items()}


def test_nothing_is_decided_where_there_is_no_file(path: Path) -> None:
    assert read_decisions(path).lines == ()
    assert decided(read_decisions(path), ON_EXAMPLES) == ""


def test_a_line_says_who_when_what_and_on_what(path: Path) -> None:
    made = add(path, Action.FIX, "r", text="new\ntext")
    (line,) = path.read_text().splitlines()
    assert json.loads(line) == {
        "schema_version": 1, "id": made.id, "at": "2026-11-28T10:00:00Z", "who": "ada",
        "action": "fix", "record_id": "r", "of": "d", "text": "new\ntext",
    }  # fmt: skip
    assert read_decisions(path).lines == (made,)


def test_the_last_decision_counts_and_undo_takes_it_back(path: Path) -> None:
    add(path, Action.KEEP, "r")
    rejected = add(path, Action.REJECT, "r", text="wrong line")
    add(path, Action.PICK, "r")  # about something else
    assert standing(path) == {"r": Action.REJECT}
    undo = add(path, Action.UNDO, rejected.id, of="")
    assert standing(path) == {"r": Action.KEEP}
    add(path, Action.UNDO, undo.id, of="")
    assert standing(path) == {"r": Action.REJECT}


def test_verdicts_are_kept_apart_by_person(path: Path) -> None:
    add(path, Action.VERDICT, "p", text="win")
    add(path, Action.VERDICT, "p", text="tie")
    add(path, Action.VERDICT, "p", who="bob", text="loss")
    assert [(d.who, d.text) for d in read_decisions(path).verdicts()] == [
        ("ada", "tie"), ("bob", "loss"),
    ]  # fmt: skip


def test_a_decision_on_content_that_changed_does_not_count(path: Path) -> None:
    for name in ("same", "changed", "gone"):
        add(path, Action.KEEP, name)
    found = matched(read_decisions(path).standing(ON_EXAMPLES), {"same": "d", "changed": "e"}.get)
    assert list(found.applied) == ["same"]
    assert found.passed_over == (
        "keep by ada does not count: changed has changed since",
        "keep by ada does not count: gone is not there any more",
    )


@pytest.mark.parametrize("cut", [1, 30, 60])
def test_a_line_broken_off_by_a_kill_is_ignored_and_said(path: Path, cut: int) -> None:
    add(path, Action.KEEP, "a")
    whole = path.read_bytes()
    add(path, Action.FIX, "b", text="d = {1: {}}é}")
    path.write_bytes(path.read_bytes()[:-cut])
    read = read_decisions(path)
    assert [line.record_id for line in read.lines] == ["a"] if cut > 1 else ["a", "b"]
    assert read.unreadable == ((2,) if cut > 1 else ())
    add(path, Action.REJECT, "c")  # goes on a line of its own
    assert [line.record_id for line in read_decisions(path).lines][-1] == "c"
    assert path.read_bytes().startswith(whole)
    assert read_decisions(path).said() == (
        ["decisions.jsonl: line 2 is broken off and does not count"] if cut > 1 else []
    )


def test_an_edited_line_is_an_error(path: Path) -> None:
    add(path, Action.KEEP, "a")
    good = path.read_text()
    path.write_text(good.replace('"keep"', '"reject"'))
    with pytest.raises(RunFolderError, match="line 1: was edited"):
        read_decisions(path)
    path.write_text(good + '{"at": "now"}\n')
    with pytest.raises(RunFolderError, match="line 2: no decision of this version"):
        read_decisions(path)


def test_the_digest_of_what_stands_changes_with_it_and_comes_back(path: Path) -> None:
    add(path, Action.KEEP, "a")
    first = decided(read_decisions(path), ON_EXAMPLES)
    add(path, Action.PICK, "a")
    assert decided(read_decisions(path), ON_EXAMPLES) == first
    second = add(path, Action.REJECT, "a")
    assert decided(read_decisions(path), ON_EXAMPLES) not in ("", first)
    add(path, Action.UNDO, second.id)
    assert decided(read_decisions(path), ON_EXAMPLES) == first


def _append_many(path: Path, who: str) -> None:
    for n in range(40):
        add(path, Action.KEEP, f"{who}{n}", who=who, text="x" * 5000)


def test_two_at_once_lose_nothing(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_append_many, args=(path, who)) for who in ("ada", "bob")]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    read = read_decisions(path)
    assert len(read.lines) == 80
    assert read.unreadable == ()


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="cannot be written"):
        add(tmp_path / "gone" / "decisions.jsonl", Action.KEEP, "a")
