"""decisions.jsonl: appended whole, replayed in order, never given to other content."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

from pullsmith.decisions import (
    ON_EXAMPLES,
    Action,
    Decision,
    decide,
    decided,
    in_short,
    matched,
    read_decisions,
    said_of_pairs,
)
from pullsmith.errors import DecisionError, RunFolderError


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


def test_a_line_of_before_there_were_reasons_and_scores_still_reads(path: Path) -> None:
    old = (
        '{"schema_version":1,"id":"ID","at":"2026-11-28T10:00:00Z","who":"ada","action":"verdict",'
        '"record_id":"a / b","of":"d","text":"win candidate-first"}\n'
    )
    # The digest of those fields with an empty id, as it was computed when the line was written.
    path.write_text(old.replace("ID", "b0491e202377ce0a"))
    (line,) = read_decisions(path).lines
    assert (line.why, line.scores) == ("", ())


def test_a_verdict_has_a_reason_and_scores_and_they_are_part_of_what_was_said(path: Path) -> None:
    add(path, Action.VERDICT, "p", text="win candidate-first")
    bare = said_of_pairs(read_decisions(path))
    decide(
        path, at="now", who="ada", action=Action.VERDICT, record_id="p", of="d",
        text="win candidate-first", why="it is true", scores=(8, 3),
    )  # fmt: skip
    read = read_decisions(path)
    assert [(one.why, one.scores) for one in read.verdicts()] == [("it is true", (8, 3))]
    assert said_of_pairs(read) != bare


def test_what_each_person_said_stands_beside_what_counts(path: Path) -> None:
    add(path, Action.KEEP, "r")
    last = add(path, Action.REJECT, "r", who="bob")
    read = read_decisions(path)
    assert [(one.who, one.action) for one in read.by_person(ON_EXAMPLES)] == [
        ("ada", Action.KEEP), ("bob", Action.REJECT),
    ]  # fmt: skip
    assert read.standing(ON_EXAMPLES) == {"r": last}
    add(path, Action.UNDO, last.id, who="bob")
    assert [one.who for one in read_decisions(path).by_person(ON_EXAMPLES)] == ["ada"]


def test_what_is_said_again_after_an_undo_counts_even_in_the_same_second(path: Path) -> None:
    first = add(path, Action.KEEP, "a")
    add(path, Action.UNDO, first.id)
    assert add(path, Action.KEEP, "a").id == first.id
    assert standing(path) == {"a": Action.KEEP}
    add(path, Action.UNDO, first.id)
    add(path, Action.UNDO, first.id)  # two servers, one thought
    assert standing(path) == {}


def test_an_undo_takes_back_the_persons_own_last_line(path: Path) -> None:
    first = add(path, Action.KEEP, "a")
    second = add(path, Action.REJECT, "b")
    add(path, Action.KEEP, "c", who="bob")
    assert read_decisions(path).last_of("ada") == second
    add(path, Action.UNDO, second.id)
    assert read_decisions(path).last_of("ada") == first
    add(path, Action.UNDO, first.id)
    assert read_decisions(path).last_of("ada") is None


def _append_many(path: Path, who: str) -> None:
    for n in range(300):
        add(path, Action.KEEP, f"{who}{n}", who=who, text="x" * (n * 20))


def test_four_at_once_lose_nothing(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    people = ("ada", "bob", "cyd", "dan")
    writers = [spawn.Process(target=_append_many, args=(path, who)) for who in people]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    read = read_decisions(path)
    assert read.unreadable == ()
    assert {line.record_id for line in read.lines} == {
        f"{who}{n}" for who in people for n in range(300)
    }
    assert len(read.lines) == path.read_bytes().count(b"\n") == 1200


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.test_decisions import Action, add
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
add(path, Action.KEEP, "fits")
size = path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))
try:
    add(path, Action.FIX, "too long", text="x" * 1000)
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_line_that_does_not_fit_on_the_disk_leaves_nothing_behind(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert "RunFolderError" in done.stdout
    assert "cannot be written: File too large; the decision on too long is not kept" in done.stdout
    assert [line.record_id for line in read_decisions(path).lines] == ["fits"]
    assert read_decisions(path).unreadable == ()  # not even a part of the line
    add(path, Action.KEEP, "next")
    assert len(read_decisions(path).lines) == 2


def test_half_a_character_is_refused_before_it_is_written(path: Path) -> None:
    add(path, Action.KEEP, "a")
    with pytest.raises(DecisionError, match="reject on b: half a character"):
        add(path, Action.REJECT, "b", text="\ud800")
    add(path, Action.REJECT, "c", text="null \x00, \u202e and 🐈")
    assert [line.text for line in read_decisions(path).lines] == ["", "null \x00, \u202e and 🐈"]


def test_thousands_of_lines_of_another_run_are_counted_and_not_listed() -> None:
    said = [f"keep by ada does not count: r{n} is not there any more" for n in range(12)]
    assert in_short(said[:10]) == said[:10]
    assert in_short(said) == [*said[:10], "… and 2 more decisions that do not count"]


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="cannot be written"):
        add(tmp_path / "gone" / "decisions.jsonl", Action.KEEP, "a")
