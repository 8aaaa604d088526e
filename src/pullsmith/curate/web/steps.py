"""From one thing to the next: which item of a queue follows which, whatever is filtered.

Takes a desk, a filter and where a person is; gives a name. Steps go by the order of the whole queue, so
an item that the filter has since lost still has a next and a last one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum

from pullsmith.curate.desk import Desk
from pullsmith.curate.items import Filter, Queue


class Step(StrEnum):
    """Where to go."""

    HERE = "here"
    NEXT = "next"
    BACK = "back"
    OPEN = "open"  # the next one that this person shall still look at


@dataclass(frozen=True)
class Wish:
    """What a person looks at: a queue, their name, a filter and a word to search for."""

    queue: Queue
    who: str
    wanted: Filter = field(default_factory=Filter)
    search: str = ""

    @classmethod
    def of(cls, queue: Queue, who: str, asked: Mapping[str, str]) -> Wish:
        """What a query says; ``show=open`` leaves only what is still to be looked at."""
        told = {each.name: asked.get(each.name, "") for each in fields(Filter)}
        told["undecided_by"] = who if asked.get("show") == "open" else ""
        return cls(queue, who, Filter(**told), asked.get("search", ""))

    @property
    def open(self) -> Wish:
        """The same, of what is still to be looked at."""
        return replace(self, wanted=replace(self.wanted, undecided_by=self.who))


@dataclass(frozen=True, slots=True)
class Found:
    """The name, None where there is none that way; its place among those that fit, from 1, and how many do."""

    name: str | None
    place: int
    count: int


def names(desk: Desk, wish: Wish) -> list[str]:
    """Everything that fits, in the queue's order."""
    if wish.queue is Queue.JUDGE:
        return desk.judge.names(wish.who, wish.wanted, wish.search)
    queue = desk.clean if wish.queue is Queue.CLEAN else desk.choose
    return queue.names(wish.wanted, wish.search)


class Steps:
    """Steps over the queues of a desk; the order of each is asked for once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ranks: dict[tuple[Queue, str], dict[str, int]] = {}

    def find(self, wish: Wish, step: Step, origin: str = "") -> Found:
        """Where ``step`` leads from ``origin``; without one to the first that is open, else to the first."""
        listed = names(self._desk, wish)
        if not origin:
            open_ones = names(self._desk, wish.open)
            return _found(next(iter(open_ones or listed), None), listed)
        if step is Step.HERE:
            return _found(origin, listed)
        among = names(self._desk, wish.open) if step is Step.OPEN else listed
        ranks = self._ranked(wish)
        here, rank = ranks.get(origin, -1), ranks.__getitem__
        if step is Step.BACK:
            place = bisect_left(among, here, key=rank) - 1
            return _found(among[place] if place >= 0 else None, listed)
        place = bisect_right(among, here, key=rank)
        after = [*among[place : place + 1], *(among[:1] if step is Step.OPEN else ())]
        return _found(next((name for name in after if name != origin), None), listed)

    def _ranked(self, wish: Wish) -> dict[str, int]:
        key = (wish.queue, wish.who if wish.queue is Queue.JUDGE else "")
        if key not in self._ranks:
            everything = names(self._desk, Wish(wish.queue, wish.who))
            self._ranks[key] = {name: rank for rank, name in enumerate(everything)}
        return self._ranks[key]


def _found(name: str | None, listed: list[str]) -> Found:
    place = listed.index(name) + 1 if name is not None and name in listed else 0
    return Found(name, place, len(listed))
