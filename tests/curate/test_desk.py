"""The desk: several people and several servers on one file, and what is told of lines that do not count."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.curate.items import Filter, Queue
from pullsmith.decisions import FILE_NAME, Action, decide, read_decisions
from pullsmith.errors import DecisionError, RunFolderError
from tests.curate.made import clean_again, desk, run_of, study, to_clean


def test_a_run_without_anything_to_decide_on_says_what_to_run(tmp_path: Path) -> None:
    asked = study(tmp_path)
    with pytest.raises(RunFolderError, match=r"runs/test: nothing to clean yet: pullsmith run .*; nothing to choose: .*; no pairs"):  # fmt: skip
        desk(asked)
    assert not asked.runs.exists()  # opening writes nothing


def test_an_undo_takes_back_ones_own_last_word(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    made = desk(asked)
    one, other, third, *_ = made.clean.names()
    made.clean.keep(one, who="ada", digest=made.clean.item(one).digest)
    made.clean.reject(other, "wrong", who="ada", digest=made.clean.item(other).digest)
    made.clean.keep(third, who="bob", digest=made.clean.item(third).digest)
    undone = made.undo("ada")
    assert undone is not None
    assert (undone.action, undone.record_id) == (Action.REJECT, other)
    assert made.clean.item(other).standing is None
    assert made.clean.item(one).standing is not None
    assert other in made.clean.names(Filter(undecided_by="ada"))
    again = made.undo("ada")
    assert again is not None
    assert again.record_id == one
    assert made.undo("ada") is None
    assert made.undo("cyd") is None
    assert len(read_decisions(run_of(asked).path / FILE_NAME).lines) == 5  # an undo is a line too
    with pytest.raises(DecisionError, match="the name ' ' is none"):
        made.undo(" ")


def test_two_servers_see_each_others_decisions(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    here, there = desk(asked), desk(asked)
    name = here.clean.names()[0]
    assert there.clean.item(name).standing is None
    here.clean.keep(name, who="ada", digest=here.clean.item(name).digest)
    standing = there.clean.item(name).standing
    assert standing is not None
    assert standing.who == "ada"
    there.clean.reject(name, "wrong", who="bob", digest=there.clean.item(name).digest)
    assert [one.who for one in here.clean.item(name).decisions] == ["ada", "bob"]
    here.undo("ada")
    assert [one.who for one in there.clean.item(name).decisions] == ["bob"]


def test_half_a_line_is_kept_and_told_and_the_next_one_is_whole(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    made = desk(asked)
    path = run_of(asked).path / FILE_NAME
    one, other, *_ = made.clean.names()
    made.clean.keep(one, who="ada", digest=made.clean.item(one).digest)
    with path.open("ab") as handle:
        handle.write(b'{"schema_version":1,"id":"12')  # somebody was killed here
    assert made.said() == ["decisions.jsonl: line 2 is broken off and does not count"]
    assert made.clean.item(one).standing is not None
    made.clean.keep(other, who="bob", digest=made.clean.item(other).digest)
    assert made.clean.item(other).standing is not None
    assert made.said() == ["decisions.jsonl: line 2 is broken off and does not count"]
    assert b'"id":"12\n' in path.read_bytes()  # kept as it is


def test_a_file_of_another_run_is_told_and_not_applied(tmp_path: Path) -> None:
    asked, other = to_clean(tmp_path / "a"), to_clean(tmp_path / "b", count=9)
    theirs = desk(other)
    for name in theirs.clean.names()[8:]:
        theirs.clean.keep(name, who="ada", digest=theirs.clean.item(name).digest)
    content = (run_of(other).path / FILE_NAME).read_bytes()
    (run_of(asked).path / FILE_NAME).write_bytes(content)
    made = desk(asked)
    said = made.said()
    assert len(said) == 11
    assert all(one.endswith("is not there any more") for one in said[:10])
    assert said[10] == "… and 18 more decisions that do not count"
    assert made.progress()[0].decided == 0
    assert made.clean.choices().annotators == ()


def test_another_file_in_its_place_is_read_from_its_beginning(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    made = desk(asked)
    path = run_of(asked).path / FILE_NAME
    one, other, *_ = made.clean.names()
    made.clean.keep(one, who="ada", digest=made.clean.item(one).digest)
    assert made.progress()[0].decided == 1
    aside = path.with_name("from-git.jsonl")
    for name in (one, other):
        of = made.clean.item(name).digest
        decide(aside, at="now", who="bob", action=Action.KEEP, record_id=name, of=of)
    aside.replace(path)
    assert made.progress()[0].decided == 2
    assert {one.who for one in made.clean.item(one).decisions} == {"bob"}
    path.unlink()
    assert made.progress()[0].decided == 0


def test_an_edited_line_is_an_error_that_names_it(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    made = desk(asked)
    name = made.clean.names()[0]
    made.clean.keep(name, who="ada", digest=made.clean.item(name).digest)
    path = run_of(asked).path / FILE_NAME
    path.write_text(path.read_text().replace('"keep"', '"reject"'))
    with pytest.raises(RunFolderError, match="line 1: was edited"):
        desk(asked).said()


def test_agreement_of_two_people_is_a_share_and_kappa_with_intervals(tmp_path: Path) -> None:
    asked = to_clean(tmp_path, count=10)
    made = desk(asked)
    names = made.clean.names()
    for at, name in enumerate(names):
        of = made.clean.item(name).digest
        made.clean.keep(name, who="ada", digest=of)
        if at % 2:
            made.clean.keep(name, who="bob", digest=of)
        else:
            made.clean.reject(name, "wrong", who="bob", digest=of)
    made.clean.reject(names[1], "wrong", who="ada", digest=made.clean.item(names[1]).digest)
    (found,) = made.agreement()
    assert (found.queue, found.one, found.other, found.items) == (Queue.CLEAN, "ada", "bob", 40)
    # They say the same of 19 of 40: 20 odd ones are kept by both, but one of them Ada rejects now.
    assert found.raw.value == pytest.approx(19 / 40)
    # Ada keeps 39 of 40, Bob 20: by chance they agree on 39/40 * 1/2 + 1/40 * 1/2 = 1/2 of all.
    assert found.kappa.value == pytest.approx((19 / 40 - 1 / 2) / (1 - 1 / 2))
    for bound in (found.raw, found.kappa):
        assert bound.low is not None
        assert bound.high is not None
        assert bound.value is not None
        assert bound.low <= bound.value <= bound.high
    assert len(found.differ) == made.progress()[0].disagreed == 21
    assert desk(asked).agreement() == made.agreement()


def test_agreement_is_not_told_of_people_who_met_nowhere(tmp_path: Path) -> None:
    made = desk(to_clean(tmp_path))
    one, other, *_ = made.clean.names()
    made.clean.keep(one, who="ada", digest=made.clean.item(one).digest)
    made.clean.keep(other, who="bob", digest=made.clean.item(other).digest)
    assert made.agreement() == []


def test_clean_goes_on_once_the_desk_says_enough(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    made = desk(asked)
    assert next((p.queue.value, p.total, p.wanted, p.enough) for p in made.progress()) == (
        "clean", 8, 2, False,
    )  # fmt: skip
    for name in made.clean.names()[:2]:
        made.clean.keep(name, who="ada", digest=made.clean.item(name).digest)
    assert made.progress()[0].enough
    assert len(clean_again(asked)) == 8
