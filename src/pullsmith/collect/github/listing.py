"""Which pull requests were merged, the newest merge first, though the API cannot sort by that.

Takes the pages of closed pull requests by last update, gives a queue of numbers. A merge is an
update, so whatever the list has not shown yet was merged no later than its last row was updated:
all that was merged later than that is known. While pages are read, rows move: those that come twice
count once, and those that jump to the front are looked for there at the end. Every page is kept
with what it changes, so a killed run goes on with the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from pullsmith.collect.github.client import Broken, Refused
from pullsmith.collect.github.door import Ask, Door
from pullsmith.collect.github.wire import Damaged, Listed, reader
from pullsmith.errors import OutsideError

PAGES_WITHOUT_NEWS = 20  # then the server is going round in circles
_PAGE, _LOW, _NEWEST, _LAST = "list_page", "list_low", "list_newest", "list_last"
_DONE, _UNSORTED = "list_done", "list_unsorted"
_read_rows = reader(list[Listed])


class Listing:
    """The queue of one repository, made longer as it is wanted."""

    def __init__(self, door: Door, path: str, *, report: Callable[[str], None]) -> None:
        """``path`` is the repository's own, ``/repos/OWNER/NAME``."""
        self.door, self.kept = door, door.kept
        self._ask = Ask(
            f"{path}/pulls", (("state", "closed"), ("sort", "updated"), ("direction", "desc"))
        )
        self._report = report
        self._without_news = 0

    @property
    def whole(self) -> bool:
        """Whether every merged pull request is in the queue."""
        return self.kept.fact(_DONE) is not None

    async def extend(self, length: int | None, since: str) -> None:
        """Make the queue at least so long, or as long as it can be; None means all of it.

        Pull requests merged before ``since`` (an hour as GitHub writes it) need not be in it.
        Raises OutsideError where a page cannot be read.
        """
        if self.whole:
            return
        first = int(self.kept.fact(_PAGE) or 1)
        last = await self._read_until(length, since)
        if last > first or first > 1:
            await self._catch_up()
        with self.kept.transaction():
            self.kept.queue_settled(self._low())
            if self._low() == "":
                self.kept.learn(_DONE, "yes")

    def _low(self) -> str:
        """All merges later than this are listed; empty means all there are."""
        return self.kept.fact(_LOW) or ""

    async def _read_until(self, length: int | None, since: str) -> int:
        """Read pages until enough is settled; the number of the last one."""
        number = int(self.kept.fact(_PAGE) or 1)
        while not self._enough(length, since):
            more = await self._read_page(number)
            if not more:
                with self.kept.transaction():
                    self.kept.learn(_LOW, "")
                break
            number += 1
        return number

    def _enough(self, length: int | None, since: str) -> bool:
        low = self.kept.fact(_LOW)
        if low is None or self.kept.fact(_UNSORTED):
            return low == ""
        if low == "" or low < since:
            return True
        return length is not None and self.kept.settled(low) >= length

    async def _read_page(self, number: int) -> bool:
        rows, more = await self._page(number)
        new = [row for row in rows if not self.kept.is_listed(row.number)]
        self._without_news = 0 if new else self._without_news + 1
        if self._without_news == PAGES_WITHOUT_NEWS:
            raise OutsideError(
                f"{self._ask.path}: {PAGES_WITHOUT_NEWS} pages up to {number} hold nothing new, and "
                "still more are said to follow; run the same command again later to go on"
            )
        with self.kept.transaction():
            self.kept.list_closed([(row.number, row.merged_at or "") for row in rows])
            if rows:
                self.kept.learn(_LOW, rows[-1].updated_at)
                self.kept.learn(_LAST, _numbers(rows))
                self.kept.learn(_NEWEST, max(self.kept.fact(_NEWEST) or "", rows[0].updated_at))
            self.kept.learn(_PAGE, str(number + 1))
        return more

    async def _page(self, number: int) -> tuple[list[Listed], bool]:
        try:
            try:
                return await self.door.page(self._ask, number, self._checked)
            except Damaged as fault:
                if fault.reason != "page_out_of_order":
                    raise
                self._report(f"{self._ask.path}: {fault}; reading the whole list")
                self.kept.learn(_UNSORTED, "yes")
                return await self.door.page(self._ask, number, _read_rows, fresh=True)
        except (Damaged, Broken, Refused) as fault:
            raise OutsideError(
                f"{self.door.base_url}{self._ask.path}: page {number} cannot be read: {fault}; "
                "what was fetched is kept: run the same command again to go on"
            ) from None

    def _checked(self, body: bytes) -> list[Listed]:
        """The rows of the next page; raises Damaged where it is no next page."""
        rows = _read_rows(body)
        if rows and _numbers(rows) == self.kept.fact(_LAST):
            raise Damaged("page_repeated", "the page before once more")
        if self.kept.fact(_UNSORTED):
            return rows
        for one, other in pairwise(rows):
            if one.updated_at < other.updated_at:
                raise Damaged("page_out_of_order", f"#{other.number} comes after #{one.number}")
        low = self.kept.fact(_LOW)
        for row in rows:
            if low is not None and row.updated_at > low and not self.kept.is_listed(row.number):
                raise Damaged("page_out_of_order", f"#{row.number} belongs on an earlier page")
        return rows

    async def _catch_up(self) -> None:
        """Read the front again, as far as it was updated since the list was begun."""
        begun = self.kept.fact(_NEWEST) or ""
        number, more = 1, True
        while more:
            try:
                rows, more = await self.door.page(self._ask, number, _read_rows)
            except (Damaged, Broken, Refused) as fault:
                raise OutsideError(
                    f"{self.door.base_url}{self._ask.path}: page {number} cannot be read: {fault}; "
                    "run the same command again to go on"
                ) from None
            fresh = [row for row in rows if row.updated_at >= begun]
            with self.kept.transaction():
                self.kept.list_closed([(row.number, row.merged_at or "") for row in fresh])
            more = more and len(fresh) == len(rows)
            number += 1


def _numbers(rows: list[Listed]) -> str:
    return " ".join(str(row.number) for row in rows)
