"""The queue of pull requests: picks are what split replays, the gauge says what is covered."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.curate.items import Filter
from pullsmith.decisions import Action
from pullsmith.errors import ChangedSinceError, DecisionError, PeopleNeededError
from pullsmith.records import PullRequest, Split, digest
from tests.curate.made import desk, run_of, split_again, to_choose
from tests.curated import defect, file, finish, planted, real

PLANTED = [planted(f"e{n}", pool=Split.EVAL, defect=defect("x")) for n in range(3)]
TRAIN = [planted(f"t{n}", pool=Split.TRAIN) for n in range(2)]


def go(name: str, path: str, **changes: str) -> PullRequest:
    """A real one in Go; every one of a repository of its own, so that some are held out."""
    changed = file("x", path=path).model_copy(update={"language": "go"})
    return real(name, changed, repository=f"forge.test/o/{name}", **changes)


REAL = [
    *(real(f"p{n}", repository=f"forge.test/o/p{n}") for n in range(12)),
    *(go(f"g{n}", f"{n}.go", title="Fix it") for n in range(8)),
]
SETTINGS = {"split": {"eval_share": 0.5}}


def test_people_pick_to_the_target_and_split_evaluates_just_that(tmp_path: Path) -> None:
    asked = to_choose(tmp_path, [*PLANTED, *TRAIN, *REAL], **SETTINGS)
    queue = desk(asked).choose
    names = queue.names()
    ranks = [(queue.item(name).rank, queue.item(name).planted) for name in names[:4]]
    assert ranks == [(1, True), (1, False), (2, True), (2, False)]
    assert queue.missing().needed == 2
    assert not queue.missing().complete
    first, second = names[1], names[2]
    made = queue.pick(first, who="ada", digest=queue.item(first).digest, why="the only one in Go")
    assert (made.action, made.text) == (Action.PICK, "the only one in Go")
    missing = queue.missing()
    assert (missing.wanted, missing.picked, missing.needed) == (2, 1, 1)
    assert (missing.planted_room, missing.real_room) == (2, 1)
    with pytest.raises(PeopleNeededError, match="1 of 2"):
        split_again(asked)
    queue.pick(second, who="ada", digest=queue.item(second).digest)
    assert queue.missing().complete
    assert queue.progress("ada").enough
    assert {each.id for each in split_again(asked) if each.split is Split.EVAL} == {first, second}
    assert queue.frozen
    with pytest.raises(DecisionError, match=r"the split 'main' is frozen; .* --new-split NAME"):
        queue.unpick(first, who="ada", digest=queue.item(first).digest)


def test_the_gauge_counts_against_what_the_seed_would_take(tmp_path: Path) -> None:
    asked = to_choose(tmp_path, [*PLANTED, *TRAIN, *REAL], **SETTINGS)
    queue = desk(asked).choose
    cells = {(cell.trait, cell.value): cell for cell in queue.gauge()}
    assert list(dict.fromkeys(trait for trait, _ in cells)) == [
        "language", "size", "kind", "repository", "all",
    ]  # fmt: skip
    # Two planted ones in Python, and of two real ones one in each language.
    assert {v: c.target for (t, v), c in cells.items() if t == "language"} == {"python": 3, "go": 1}
    assert sum(c.listed for (t, _), c in cells.items() if t == "language") == len(queue.names())
    gopher = next(name for name in queue.names() if queue.item(name).language == "go")
    assert ("language", "go") in {(c.trait, c.value) for c in queue.missing().cells}
    queue.pick(gopher, who="ada", digest=queue.item(gopher).digest)
    cells = {(cell.trait, cell.value): cell for cell in queue.gauge()}
    assert cells["language", "go"].picked == cells["kind", "fix"].picked == 1
    assert cells["language", "python"].picked == 0
    assert ("language", "go") not in {(c.trait, c.value) for c in queue.missing().cells}


def test_it_stops_at_the_target_of_each_kind(tmp_path: Path) -> None:
    asked = to_choose(tmp_path, [*PLANTED, *TRAIN, *REAL], **SETTINGS)
    queue = desk(asked).choose
    defective = [name for name in queue.names() if queue.item(name).planted]
    for name in defective[:2]:
        queue.pick(name, who="ada", digest=queue.item(name).digest)
    last = queue.item(defective[2])
    with pytest.raises(
        DecisionError, match=r"per_tool = 2 planted .* are picked; unpick one first"
    ):
        queue.pick(last.name, who="ada", digest=last.digest)
    again = queue.item(defective[0])
    queue.pick(again.name, who="bob", digest=again.digest)  # one that is picked may be confirmed
    queue.unpick(again.name, who="bob", digest=again.digest, why="too easy")
    assert [one.action for one in queue.item(again.name).decisions] == [Action.PICK, Action.UNPICK]
    assert queue.progress().disagreed == 1
    said: list[str] = []
    with pytest.raises(PeopleNeededError):
        split_again(asked, said)
    assert [line.partition(", for")[0] for line in said] == [
        "people say different things of 1 pull requests"
    ]
    queue.pick(last.name, who="ada", digest=last.digest)
    one = next(name for name in queue.names() if not queue.item(name).planted)
    queue.pick(one, who="ada", digest=queue.item(one).digest)  # real ones have their own target
    assert queue.names(Filter(undecided_by="ada"))
    assert again.name not in queue.names(Filter(undecided_by="ada"))
    assert queue.names(Filter(reason="EASY")) == [again.name]


def test_a_pick_of_what_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    asked = to_choose(tmp_path, PLANTED[:2] + TRAIN)
    queue = desk(asked).choose
    item = queue.item(PLANTED[0].id)
    assert item.digest == digest(PLANTED[0])
    changed = PLANTED[0].model_copy(update={"title": "Another"})
    finish(run_of(asked), "select", PullRequest, [changed, PLANTED[1], *TRAIN])
    with pytest.raises(ChangedSinceError, match="look at it again"):
        queue.pick(item.name, who="ada", digest=item.digest)
    assert queue.item(item.name).pull_request.title == "Another"
    with pytest.raises(DecisionError, match="the short-list has no pull request 'gone'"):
        queue.item("gone")
    finish(run_of(asked), "select", PullRequest, [PLANTED[1], *TRAIN])
    with pytest.raises(DecisionError, match="is not in select any more; run pullsmith split again"):
        queue.item(item.name)
