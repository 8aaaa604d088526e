"""The queue: newest merge first out of lists by last update, which move while they are read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from pullsmith.collect.github.door import Door
from pullsmith.collect.github.kept import Kept
from pullsmith.collect.github.listing import Listing
from pullsmith.errors import OutsideError
from tests.collect.github.asking import Asker
from tests.collect.github.forge import Asked, Forge, Json, Pull, Reply, changing, say

PAGE = "/pulls$"


def minute(number: int) -> str:
    return f"2026-01-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z"


def many(count: int, **later: int) -> dict[int, Pull]:
    """Pull requests merged one a minute; ``n7=200`` was updated once more in minute 200."""
    return {
        n: Pull(n, "", "", "", merged_at=minute(n), updated_at=minute(later.get(f"n{n}", n)))
        for n in range(1, count + 1)
    }


def queue(
    forge: Forge,
    work: Path,
    length: int | None = None,
    since: str = "",
    said: list[str] | None = None,
) -> list[int]:
    """The queue that a listing makes, in order."""
    asker = Asker(forge, work)

    async def extend(kept: Kept) -> None:
        report = (said if said is not None else []).append
        async with Door(forge.url, kept, outside=asker.outside, report=report) as door:
            await Listing(door, "/repos/ada/tool", report=report).extend(length, since)

    with Kept(work / "github.sqlite") as kept:
        asyncio.run(extend(kept))
        return [number for _, number, _ in kept.queued(0, 10_000)]


@pytest.fixture(params=[True, False], ids=["links", "no_links"])
def big(forge: Forge, request: pytest.FixtureRequest) -> Forge:
    """350 pull requests: four pages, said by Link headers or not."""
    forge.pulls = many(350)
    forge.links = bool(request.param)
    return forge


def test_all_of_them_newest_first(big: Forge, work: Path) -> None:
    assert queue(big, work) == list(range(350, 0, -1))


def test_a_limit_reads_no_page_more_than_it_needs(big: Forge, work: Path) -> None:
    assert queue(big, work, 30)[:30] == list(range(350, 320, -1))
    assert big.count(PAGE, 200) == 1


def test_a_day_ends_the_reading(big: Forge, work: Path) -> None:
    assert queue(big, work, None, minute(200))[:151] == list(range(350, 199, -1))
    assert big.count(PAGE) <= 3


def test_an_old_merge_that_was_updated_lately_waits_for_its_turn(forge: Forge, work: Path) -> None:
    forge.pulls = many(350, n7=900)
    assert queue(forge, work, 5)[:5] == [350, 349, 348, 347, 346]
    assert queue(forge, work)[-7:] == [7, 6, 5, 4, 3, 2, 1]


def test_unmerged_ones_are_never_queued(forge: Forge, work: Path) -> None:
    forge.pulls = many(120)
    for number in range(1, 120, 2):
        forge.pulls[number].updated_at = minute(number)
        forge.pulls[number].merged_at = None
    assert queue(forge, work) == list(range(120, 0, -2))


def test_none_at_all(forge: Forge, work: Path) -> None:
    forge.pulls = {}
    assert queue(forge, work) == []


# --- lists that move, repeat themselves or end too early -----------------------------------------


def moving(forge: Forge, change: Callable[[], None]) -> Callable[[Asked, Reply], None]:
    """Change something after the first page was made."""
    seen = [0]

    def trick(asked: Asked, _: Reply) -> None:
        if asked.path.endswith("/pulls"):
            seen[0] += 1
            if seen[0] == 1:
                change()

    return trick


def test_one_that_jumps_to_the_front_is_not_lost_nor_counted_twice(
    forge: Forge, work: Path
) -> None:
    forge.pulls = many(350)

    def jump() -> None:
        forge.pulls[120].updated_at = minute(800)
        forge.pulls[5].updated_at = minute(801)

    forge.tricks = [moving(forge, jump)]
    assert sorted(queue(forge, work)) == list(range(1, 351))


def test_one_merged_meanwhile_counts_once(forge: Forge, work: Path) -> None:
    forge.pulls = many(350)

    def merge() -> None:
        forge.pulls[351] = many(351)[351]

    forge.tricks = [moving(forge, merge)]
    found = queue(forge, work)
    assert sorted(found) == list(range(1, 352))


def test_a_page_once_more_is_asked_for_again(forge: Forge, work: Path) -> None:
    forge.pulls = many(350)
    first: list[Json] = []

    def again(rows: Json) -> Json:
        first.append(rows)
        return first[0] if len(first) == 2 else rows

    forge.tricks = [changing(PAGE, again)]
    assert queue(forge, work) == list(range(350, 0, -1))


def test_a_page_that_is_always_the_same_ends_the_run(forge: Forge, work: Path) -> None:
    forge.pulls = many(350)
    first: list[Json] = []

    def same(rows: Json) -> Json:
        first.append(rows)
        return first[0]

    forge.tricks = [changing(PAGE, same)]
    with pytest.raises(OutsideError, match=r"page 2 cannot be read: page_repeated.*to go on"):
        queue(forge, work)


def test_a_list_that_is_not_sorted_is_read_whole(forge: Forge, work: Path) -> None:
    forge.pulls = many(350)
    forge.tricks = [changing(PAGE, lambda rows: rows[::-1])]
    said: list[str] = []
    assert queue(forge, work, 5, said=said) == list(range(350, 0, -1))
    assert "page_out_of_order" in said[0]


def test_an_empty_page_that_is_not_the_last(forge: Forge, work: Path) -> None:
    forge.pulls = many(350)
    forge.tricks = [changing(PAGE, lambda _: [], times=1)]
    assert len(queue(forge, work)) == 350
    forge.tricks = [changing(PAGE, lambda _: [])]
    other = work / "other"
    other.mkdir()
    with pytest.raises(OutsideError, match=r"page_empty: .*page 1 is empty and not the last"):
        queue(forge, other)


def test_a_row_without_a_field(forge: Forge, work: Path) -> None:
    forge.pulls = many(3)
    forge.tricks = [changing(PAGE, lambda rows: [{"number": 1}, *rows])]
    with pytest.raises(OutsideError, match=r"missing_field: 0\.updated_at is not there"):
        queue(forge, work)


# --- stopped and gone on --------------------------------------------------------------------------


@pytest.mark.parametrize("page", [1, 2, 4])
def test_a_stopped_list_goes_on_with_its_page(forge: Forge, work: Path, page: int) -> None:
    forge.pulls = many(350)

    def stop(asked: Asked, _: Reply) -> Reply | None:
        asked_for = dict(asked.query).get("page")
        return say(401, "stop") if asked_for == str(page) else None

    forge.tricks = [stop]
    with pytest.raises(OutsideError):
        queue(forge, work)
    forge.tricks = []
    assert queue(forge, work) == list(range(350, 0, -1))
    assert forge.twice() == []


def test_a_longer_queue_begins_where_the_shorter_ended(forge: Forge, work: Path) -> None:
    forge.pulls = many(350)
    short = queue(forge, work, 150)
    whole = queue(forge, work)
    assert whole[: len(short)] == short
    assert whole == list(range(350, 0, -1))
    assert forge.twice() == []
