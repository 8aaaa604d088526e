"""Decisions through files: what is written out comes back, and nothing is ever misattached."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pullsmith.curate.book import Book
from pullsmith.curate.desk import Desk
from pullsmith.curate.exchange.files import FORMS, export_file, import_file
from pullsmith.curate.exchange.lines import lines_of
from pullsmith.curate.items import Filter, Queue, Vote
from pullsmith.decisions import FILE_NAME, Action, Decision, read_decisions
from pullsmith.errors import DecisionError, PeopleNeededError, RunFolderError
from pullsmith.records import Answer
from pullsmith.study import Study
from tests.clean.made import improve
from tests.curate.made import (
    answer,
    clean_again,
    desk,
    requests,
    run_of,
    to_choose,
    to_clean,
    to_judge,
)
from tests.curate.test_choose import PLANTED, REAL, SETTINGS, TRAIN
from tests.curated import finish

SUFFIXES = {"csv": "csv", "jsonl": "jsonl", "label-studio": "json", "argilla": "json"}


def twin(asked: Study, folder: Path) -> Study:
    """The same run somewhere else, without anybody's decisions."""
    shutil.copytree(asked.runs, folder / "runs")
    other = asked.model_copy(update={"runs": folder / "runs"})
    (run_of(other).path / FILE_NAME).unlink(missing_ok=True)
    return other


def said(asked: Study) -> list[tuple[object, ...]]:
    """What stands, but for when it was said."""
    lines = read_decisions(run_of(asked).path / FILE_NAME).lines
    return sorted((d.who, d.action, d.record_id, d.of, d.text, d.why, d.scores) for d in lines)


def decide_examples(made: Desk) -> None:
    one, other, third, *_ = made.clean.names()
    made.clean.keep(one, who="ada", digest=made.clean.item(one).digest)
    made.clean.reject(one, "=cmd|'/C calc'!A0", who="bob", digest=made.clean.item(one).digest)
    made.clean.reject(other, '\'- "wrong",\nlines', who="ada", digest=made.clean.item(other).digest)
    item = made.clean.item(third)
    made.clean.fix(
        third, item.text.replace("Better.", "Ünique \u202e."), who="ada", digest=item.digest
    )


def decide_picks(made: Desk) -> None:
    one, other, *_ = made.choose.names()
    made.choose.pick(one, who="ada", digest=made.choose.item(one).digest, why="rare")
    made.choose.unpick(other, who="bob", digest=made.choose.item(other).digest)


def decide_pairs(made: Desk) -> None:
    for at, name in enumerate(made.judge.names("ada")[:3]):
        for who in ("ada", "bob"):
            vote = Vote(at, 3 + at, 7, f"why {at}")
            made.judge.vote(name, vote, who=who, digest=made.judge.item(name, who).digest)


MAKERS: dict[Queue, tuple[Callable[[Path], Study], Callable[[Desk], None]]] = {
    Queue.CLEAN: (to_clean, decide_examples),
    Queue.CHOOSE: (lambda f: to_choose(f, [*PLANTED, *TRAIN, *REAL], **SETTINGS), decide_picks),
    Queue.JUDGE: (to_judge, decide_pairs),
}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("queue", list(Queue))
def test_what_is_written_out_comes_back_in_the_same_words(
    tmp_path: Path, queue: Queue, form: str
) -> None:
    make, decide = MAKERS[queue]
    asked = make(tmp_path / "a")
    made = desk(asked)
    decide(made)
    path = tmp_path / f"file.{form}"
    count = export_file(made, queue, path, who="cyd")
    assert count == len(list(lines_of(made, queue, "cyd")))
    other = twin(asked, tmp_path / "b")
    found = import_file(desk(other), path)
    assert said(other) == said(asked)
    assert (found.refused, found.there_already) == ([], 0)
    assert found.without_a_decision > 0
    again = import_file(desk(other), path)  # twice is once
    assert (again.written.total(), again.refused) == (0, [])
    assert again.there_already == found.written.total()
    assert said(other) == said(asked)


def test_a_cell_that_a_spreadsheet_would_run_is_a_text(tmp_path: Path) -> None:
    made = desk(to_clean(tmp_path))
    decide_examples(made)
    path = tmp_path / "file.csv"
    export_file(made, Queue.CLEAN, path)
    with path.open(newline="") as handle:
        rows = list(csv.reader(handle))
    assert not [
        cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")
    ]
    assert "'=cmd|'/C calc'!A0" in {cell for row in rows for cell in row}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_that_a_spreadsheet_saved_is_read(tmp_path: Path, separator: str) -> None:
    asked = to_clean(tmp_path)
    made = desk(asked)
    name = next(n for n in made.clean.names() if "#improve/" in n)
    item = made.clean.item(name)
    text = item.text.replace("Better.", "Much better.").replace("\n", "\r\n")
    path = tmp_path / "saved.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle, delimiter=separator)
        head = ["digest", "name", "queue", "decision", "text", "who", "a note of mine"]
        writer.writerow(head)
        writer.writerow([item.digest, name, "clean", " Fix ", text, "Ada", "x"])
        writer.writerow(["", "", "", "", "", "", ""])
    found = import_file(made, path)
    assert (dict(found.written), found.refused) == ({"fix": 1}, [])
    assert "Much better." in made.clean.item(name).fixed


def refused(made: Desk, path: Path, *rows: dict[str, object]) -> list[str]:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = import_file(made, path)
    assert found.written.total() == 0
    return found.refused


def test_lines_that_cannot_count_are_refused_by_name(tmp_path: Path) -> None:
    asked, other = to_clean(tmp_path / "a"), to_clean(tmp_path / "b", count=3)
    made, path = desk(asked), tmp_path / "file.jsonl"
    item = made.clean.item(made.clean.names()[0])
    good = {"queue": "clean", "name": item.name, "digest": item.digest, "who": "ada"}
    stranger = next(n for n in desk(other).clean.names() if n.startswith(requests(3)[2].id))
    rows: list[tuple[dict[str, object], str]] = [
        ({**good, "name": stranger, "decision": "keep"}, f"there is no example '{stranger}'"),
        ({**good, "digest": "old", "decision": "keep"}, f"{item.name} has changed since it was shown"),
        ({**good, "decision": "maybe"}, "the decision is 'maybe', not one of keep, fix, reject"),
        ({**good, "decision": "reject"}, "a rejected example needs a reason"),
        ({**good, "decision": "fix", "text": "a: ["}, "the edit cannot be kept: line 1"),
        ({**good, "decision": "keep", "who": None}, "the name '' is none"),
        ({**good, "decision": "keep", "queue": "sort"}, "there is no queue 'sort'; known: clean, choose, judge"),
        ({**good, "decision": ["keep"]}, "decision: Input should be a valid string"),
    ]  # fmt: skip
    told = refused(made, path, *(row for row, _ in rows))
    assert len(told) == len(rows)
    for number, (line, (_, why)) in enumerate(zip(told, rows, strict=True), 1):
        assert line.startswith(f"line {number}: ")
        assert why in line
    with path.open("ab") as handle:
        handle.write(b'{"queue": "clean", "na')  # broken off
    assert import_file(made, path).refused[-1] == "line 9: no JSON; it may be broken off"
    assert not (run_of(asked).path / FILE_NAME).exists()


def test_lines_on_what_the_teacher_answered_anew_are_refused(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    made, path = desk(asked), tmp_path / "file.jsonl"
    decide_examples(made)
    for name in made.clean.names()[3:]:
        made.clean.keep(name, who="ada", digest=made.clean.item(name).digest)
    export_file(made, Queue.CLEAN, path)
    (run_of(asked).path / FILE_NAME).unlink()
    new = [answer(one, improve("b = 2", "b = 9")) for one in requests(2)]
    finish(run_of(asked), "generate", Answer, new)
    with pytest.raises(PeopleNeededError):
        clean_again(asked)
    found = import_file(desk(asked), path)
    assert found.written.total() == 0
    whys = Counter("changed" if "has changed since" in one else "gone" for one in found.refused)
    # Four suggestions were answered anew, four reviews are not answered any more, one has two lines.
    assert whys["changed"] >= 4
    assert whys["gone"] >= 4
    assert whys.total() == 9
    assert not (run_of(asked).path / FILE_NAME).exists()


def test_a_pair_filled_in_by_somebody_else_is_refused(tmp_path: Path) -> None:
    made, path = desk(to_judge(tmp_path)), tmp_path / "pairs.jsonl"
    with pytest.raises(DecisionError, match="add --as NAME"):
        export_file(made, Queue.JUDGE, path)
    export_file(made, Queue.JUDGE, path, who="ada")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert "tiny" not in path.read_text()
    assert "rules" not in path.read_text()
    said = {"decision": "first", "first_score": "7.0", "second_score": 4, "text": ""}
    (why,) = refused(made, path, {**rows[0], **said, "who": "bob"})
    assert "has changed since it was shown to bob" in why
    (why,) = refused(made, path, {**rows[0], **said, "first_score": "high"})
    assert "a score is 'high', not a whole number from 1 to 10" in why
    path.write_text(json.dumps({**rows[0], **said}))
    assert dict(import_file(made, path).written) == {"verdict": 1}
    assert made.judge.item(rows[0]["name"], "ada").decided


@pytest.mark.parametrize("form", ["label-studio", "argilla"])
@pytest.mark.parametrize("queue", list(Queue))
def test_tasks_of_other_tools_hold_what_a_person_needs_and_come_back(
    tmp_path: Path, queue: Queue, form: str
) -> None:
    make, decide = MAKERS[queue]
    asked = make(tmp_path / "a")
    made = desk(asked)
    decide(made)
    path = tmp_path / "tasks.json"
    export_file(made, queue, path, form=form, who="cyd")
    tasks = json.loads(path.read_text())
    assert len(tasks) == len(list(lines_of(made, queue, "cyd")))
    # What was filled in beforehand is submitted as it is, by whoever it was exported for.
    path.write_text(json.dumps([submitted(task, form) for task in tasks]))
    other = twin(asked, tmp_path / "b")
    found = import_file(desk(other), path, form=form)
    assert found.refused == []
    assert said(other) == said(asked)


def submitted(task: dict[str, Any], form: str) -> dict[str, Any]:
    """A task as its tool gives it back once somebody has submitted what was filled in."""
    if form == "label-studio":
        predictions = task["predictions"]
        result = predictions[0]["result"] if predictions else []
        skipped = {"result": [], "was_cancelled": True, "completed_by": 2}
        done = {"result": result, "was_cancelled": False, "completed_by": {"id": 1, "email": "x@y"}}
        return {"id": 1, **task, "annotations": [skipped, done]}
    said = {
        name: [{"value": told["value"], "user_id": "11111111-2222"}]
        for name, told in task["suggestions"].items()
    }
    return {**task, "responses": said}


@pytest.mark.parametrize("form", ["label-studio", "argilla"])
def test_whoever_annotated_counts_where_nobody_was_named(tmp_path: Path, form: str) -> None:
    made, path = desk(to_clean(tmp_path)), tmp_path / "tasks.json"
    export_file(made, Queue.CLEAN, path, form=form)
    tasks = json.loads(path.read_text())[:2]
    for task in tasks:
        if form == "label-studio":
            choice = {"from_name": "decision", "type": "choices", "value": {"choices": ["keep"]}}
            task["annotations"] = [{"result": [choice], "completed_by": 7}]
        else:
            user = "9f8e7d6c-5b4a"
            task["responses"] = {"decision": [{"value": "keep", "user_id": user}]}
    path.write_text(json.dumps(tasks))
    assert dict(import_file(made, path, form=form).written) == {"keep": 2}
    who = {"label-studio": "label-studio-7", "argilla": "argilla-9f8e7d6c"}[form]
    assert made.clean.choices().annotators == ((who, 2),)


def test_the_labelling_configuration_asks_for_what_the_queue_decides(tmp_path: Path) -> None:
    made, path = desk(to_judge(tmp_path)), tmp_path / "pairs.json"
    export_file(made, Queue.JUDGE, path, form="label-studio", who="ada")
    form = (tmp_path / "pairs.json.xml").read_text()
    assert all(f'<Choice value="{each}"/>' for each in ("first", "second", "equal"))
    assert form.count("<Number ") == 2
    assert 'value="$second_answer"' in form
    made = desk(to_clean(tmp_path / "clean"))
    export_file(made, Queue.CLEAN, tmp_path / "tasks.json", form="label-studio")
    form = (tmp_path / "tasks.json.xml").read_text()
    assert '<TextArea name="fixed"' in form
    assert "<Number " not in form


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_is_none_is_said(tmp_path: Path, form: str) -> None:
    made, path = desk(to_clean(tmp_path)), tmp_path / f"file.{SUFFIXES[form]}"
    with pytest.raises(RunFolderError, match="cannot be read"):
        import_file(made, path, form=form)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RunFolderError, match="not UTF-8 at byte 0; save it as UTF-8"):
        import_file(made, path, form=form)
    with pytest.raises(RunFolderError, match="is there already; name another file or remove it"):
        export_file(made, Queue.CLEAN, path, form=form)
    with pytest.raises(RunFolderError, match="cannot be written"):
        export_file(made, Queue.CLEAN, tmp_path / "gone" / path.name, form=form)
    if form != "jsonl":
        path.write_text("a,b\n1,2\n" if form == "csv" else '{"a": 1}')
        wanted = "no column 'queue'" if form == "csv" else "expected a list of"
        with pytest.raises(RunFolderError, match=wanted):
            import_file(made, path, form=form)
    with pytest.raises(RunFolderError, match="nothing to choose: split makes a short-list where"):
        export_file(made, Queue.CHOOSE, tmp_path / f"new.{SUFFIXES[form]}", form=form)
    with pytest.raises(RunFolderError, match=r"which form\? name it \*\.csv or \*\.jsonl"):
        export_file(made, Queue.CLEAN, tmp_path / "file.txt")


def test_an_export_for_somebody_has_what_they_shall_still_look_at(tmp_path: Path) -> None:
    made = desk(to_clean(tmp_path, count=8, curate={"twice": 0.5}))
    for name in made.clean.names():
        made.clean.keep(name, who="ada", digest=made.clean.item(name).digest)
    left = set(made.clean.names(Filter(undecided_by="bob")))
    assert 0 < len(left) < 32
    lines = list(lines_of(made, Queue.CLEAN, "bob"))
    assert {line.name for line in lines if not line.decision} == left
    assert {line.who for line in lines if not line.decision} == {"bob"}
    assert all(line.decision == "keep" for line in lines_of(made, Queue.CLEAN))  # nobody else asked
    assert all(line.diff for line in lines)


class FullBook(Book):
    """One that has room for two lines."""

    def write(self, action: Action, record_id: str, **said: Any) -> Decision:
        if len(self.read().lines) == 2:
            raise RunFolderError(f"{self.path}: cannot be written: No space left on device")
        return super().write(action, record_id, **said)


def test_what_is_written_before_the_disk_is_full_is_told(tmp_path: Path) -> None:
    asked, path = to_clean(tmp_path), tmp_path / "file.jsonl"
    made = desk(asked)
    full = Desk(asked, run_of(asked), FullBook(run_of(asked).path / FILE_NAME))
    rows = [
        {"queue": "clean", "name": n, "digest": made.clean.item(n).digest, "who": "ada", "decision": "keep"}
        for n in made.clean.names()[:3]
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(
        RunFolderError, match=r"line 3: .*No space left.*; 2 lines before it are kept"
    ):
        import_file(full, path)
    found = import_file(made, path)
    assert (found.there_already, dict(found.written)) == (2, {"keep": 1})
