"""People's picks replayed: those on the very records they saw, until there are enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.decisions import FILE_NAME, Action, decide, read_decisions
from pullsmith.errors import PeopleNeededError
from pullsmith.records import digest
from pullsmith.rows import read_rows
from pullsmith.short_list import SHORT_LIST_NAME, Listed
from pullsmith.split.choice import people_choose
from tests.curated import context, defect, planted, study
from tests.split.made import lights


def test_people_are_asked_until_enough_is_picked_and_only_for_what_they_saw(tmp_path: Path) -> None:
    made = context(tmp_path, "split", study(eval={"per_tool": 2, "chosen_by": "human"}))
    said: list[str] = []
    made = made.__class__(made.study, made.run, made.job, report=said.append)
    records, path = (
        [*(planted(f"d{n}", defect=defect("x")) for n in (0, 1)), planted("c0"), planted("c1")],
        tmp_path / FILE_NAME,
    )
    digests = {record.id: digest(record) for record in records}

    def pick(name: str, of: str, action: Action = Action.PICK) -> None:
        decide(path, at="2026-01-01", who="ada", action=action, record_id=name, of=of)

    with pytest.raises(PeopleNeededError, match=r"0 of 2 .* pullsmith curate"):
        people_choose(made, lights(records), read_decisions(path), digests=digests)
    listed = list(read_rows(made.job.path / SHORT_LIST_NAME, Listed))
    assert {each.id for each in listed} == {record.id for record in records}
    pick(records[0].id, digest(records[0]))
    pick(records[1].id, "what it was before")
    pick("planted:gone", "x")
    with pytest.raises(PeopleNeededError, match="1 of 2"):
        people_choose(made, lights(records), read_decisions(path), digests=digests)
    assert said == [
        f"pick by ada does not count: {records[1].id} has changed since",
        "pick by ada does not count: planted:gone is not there any more",
    ]
    pick(records[2].id, digest(records[2]))
    picked = people_choose(made, lights(records), read_decisions(path), digests=digests)
    assert [one.id for one in picked] == [records[0].id, records[2].id]
    pick(records[0].id, digest(records[0]), Action.UNPICK)
    with pytest.raises(PeopleNeededError, match="1 of 2"):
        people_choose(made, lights(records), read_decisions(path), digests=digests)
