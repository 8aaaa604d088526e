"""What the API adds to a clone's records, and whose words are never believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.errors import OutsideError, SourceError
from pullsmith.records import PullRequest
from tests.collect.github.asking import Asker
from tests.collect.github.forge import Forge, changing, once, say, without
from tests.collect.github.told import BY_BOT, MERGE, ODD, SQUASH, Told
from tests.collect.reading import collected

FILLED = {"body", "labels", "reviews", "threads", "closes"}


@pytest.fixture
def records(told: Told) -> list[PullRequest]:
    return list(collected(told.folder).pull_requests)


def by_number(records: list[PullRequest]) -> dict[int, PullRequest]:
    return {one.number or 0: one for one in records}


def test_only_what_git_lacks_is_filled_in(
    forge: Forge, work: Path, tmp_path: Path, records: list[PullRequest]
) -> None:
    asker = Asker(forge, work)
    after = asker.hydrated(records)
    for one, other in zip(records, after, strict=True):
        assert one.model_dump(exclude=FILLED) == other.model_dump(exclude=FILLED)
    assert forge.count("/compare/|/git/|/commits") == 0
    (tmp_path / "api").mkdir()
    from_api = Asker(forge, tmp_path / "api").records()
    for number, record in by_number(after).items():
        other = from_api[number]
        assert record.model_dump(include=FILLED) == other.model_dump(include=FILLED)
    assert by_number(after)[MERGE].labels == ("bug", "easy")


def test_a_body_of_git_stays_where_the_api_has_none(
    forge: Forge, work: Path, records: list[PullRequest]
) -> None:
    records = [one.model_copy(update={"body": "of git"}) for one in records]
    after = by_number(Asker(forge, work).hydrated(records))
    assert after[SQUASH].body == "of git"
    assert after[MERGE].body == "Because.\n\nIt is right."


def test_a_number_is_believed_by_its_commits(
    forge: Forge, told: Told, work: Path, records: list[PullRequest]
) -> None:
    """Another repository's number, an issue's, and one landed by hand under a sure number."""
    theirs = {"merge_commit_sha": "a" * 40, "head": {"ref": "x", "sha": "b" * 40}}
    forge.pulls[MERGE].changes = theirs
    forge.pulls[SQUASH].changes = {**theirs, "merged_at": None}
    forge.pulls[ODD].changes = {**theirs, "merged_at": None}
    del forge.pulls[BY_BOT]
    records = [
        one.model_copy(update={"confidence": 0.3 if one.number == ODD else 0.95}) for one in records
    ]
    asker = Asker(forge, work)
    after = by_number(asker.hydrated(records))
    before = by_number(records)
    assert {number for number in before if before[number] != after[number]} == set()
    assert "left as they are: not_found 1, other_commits 2" in asker.said[-1]
    assert forge.count(f"/pulls/{SQUASH}/reviews") == 1
    assert forge.count(f"/pulls/{MERGE}/reviews") == 0


def test_one_that_fails_stays_as_it_is_and_is_counted(
    forge: Forge, work: Path, records: list[PullRequest]
) -> None:
    forge.tricks = [
        changing(f"/pulls/{MERGE}$", without("title")),
        once(f"/pulls/{ODD}$", say(500), times=0),
    ]
    asker = Asker(forge, work)
    after = by_number(asker.hydrated(records))
    assert after[MERGE] == by_number(records)[MERGE]
    assert after[BY_BOT].body == "A body"
    assert "left as they are: missing_field 1, server_error 1" in asker.said[-1]


def test_cut_talk_is_flagged(forge: Forge, work: Path, records: list[PullRequest]) -> None:
    forge.tricks = [changing("/1/comments$", lambda rows: rows[:1])]
    after = by_number(Asker(forge, work).hydrated(records))
    assert after[MERGE].flags == ("talk_cut",)


def test_nothing_is_asked_twice_nor_for_nothing(
    forge: Forge, work: Path, records: list[PullRequest]
) -> None:
    assert Asker(forge, work).hydrated([]) == []
    without_number = [one.model_copy(update={"number": None}) for one in records]
    assert Asker(forge, work).hydrated(without_number) == without_number
    assert forge.log == []
    first = Asker(forge, work).hydrated(records)
    asked = len(forge.log)
    assert Asker(forge, work).hydrated(records) == first
    assert len(forge.log) == asked
    mixed = [*without_number[:1], *records]
    asker = Asker(forge, work)
    assert asker.hydrated(mixed) == [*without_number[:1], *first]
    assert "no_number 1" in asker.said[-1]


def test_a_repository_that_is_not_there_and_a_server_that_goes_away(
    forge: Forge, work: Path, records: list[PullRequest]
) -> None:
    forge.name = "ada/other"
    with pytest.raises(SourceError, match="no repository ada/tool"):
        Asker(forge, work).hydrated(records)
    forge.name = "ada/tool"
    forge.tricks = [once("/pulls/|rate_limit", say(500), times=0)]
    with pytest.raises(OutsideError, match="does not answer"):
        Asker(forge, work).hydrated(records)
    forge.tricks = []
    assert by_number(Asker(forge, work).hydrated(records))[MERGE].labels == ("bug", "easy")
