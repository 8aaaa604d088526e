"""One planted change of one function: what stood before, what stands after, and the truth.

Takes a function, a kind and a draw; gives an Edit, or None where the draw does not work out and
another must be made. Refuses to know files, patches and records.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pullsmith.collect.planted.by_language import parses, templates_of
from pullsmith.collect.planted.harvest import Function
from pullsmith.collect.planted.operators import Site
from pullsmith.collect.planted.twins import draw_twin
from pullsmith.records import Split

Lines = tuple[str, ...]


class Change(StrEnum):
    """What happens to the function."""

    ADD = "add"  # it was not there before
    GROW = "grow"  # it had one statement less
    EDIT = "edit"  # a right line becomes a defective one
    FIX = "fix"  # a defective line becomes a right one: clean


# Where a kind can be put in place and inserted: how often it is inserted.
_INSERTED = 0.5
_MIX = {Change.ADD: 0.1, Change.GROW: 0.5, Change.EDIT: 0.4}


@dataclass(frozen=True, slots=True)
class Truth:
    """The planted defect; ``at`` counts from 0 in the lines after the change."""

    kind: str
    at: int
    defective: Lines
    original: Lines


@dataclass(frozen=True, slots=True)
class Edit:
    """A function before and after; ``before`` is empty where it is new.

    ``kind`` is what the change is about: the defect's kind, or the kind a clean one is the twin of;
    ``at`` is where, counted from 0 in ``after``.
    """

    function: Function
    change: Change
    kind: str
    at: int
    before: Lines
    after: Lines
    truth: Truth | None = None


@dataclass(frozen=True, slots=True)
class _Forms:
    """The function with good lines and with bad ones at ``at``; ``plain`` is it untouched.

    ``truth`` is what is wrong in ``bad``; ``inserted`` says that ``plain`` has nothing there.
    """

    function: Function
    plain: Lines
    good: Lines
    bad: Lines
    truth: Truth
    inserted: bool = False


class EditMaker:
    """Draws edits of the functions of one pool."""

    def __init__(
        self, functions: Sequence[Function], pool: Split, *, opening: Sequence[Function] = ()
    ) -> None:
        """Index the functions by what can be planted in them.

        ``opening`` are functions that serve for their own places only, never as clean ones.
        """
        self.functions = tuple(functions)
        self.pool = pool
        self._insertable: defaultdict[str, list[Function]] = defaultdict(list)
        self._growable = [each for each in functions if each.removable]
        self._growable_in: defaultdict[str, list[Function]] = defaultdict(list)
        for function in self._growable:
            self._growable_in[function.path].append(function)
        self._sites: defaultdict[str, list[tuple[Function, Site]]] = defaultdict(list)
        for function in functions:
            if function.insert_at is not None and function.argument:
                for kind in templates_of(function.language)[pool]:
                    self._insertable[kind].append(function)
        for function in (*functions, *opening):
            for site in function.sites:
                self._sites[site.kind].append((function, site))

    def usable(self, kinds: Sequence[str]) -> tuple[str, ...]:
        """Those of ``kinds`` for which the pool has any place."""
        return tuple(kind for kind in kinds if self._insertable.get(kind) or self._sites.get(kind))

    def draw(self, draw: random.Random, kind: str, *, clean: bool) -> Edit | None:
        """An edit about ``kind``, defective unless ``clean``; None where the draw failed."""
        change = draw.choices(list(_MIX), list(_MIX.values()))[0]
        inserts = bool(self._insertable.get(kind))
        if inserts and self._sites.get(kind):
            inserts = draw.random() < _INSERTED
        forms = self._inserted(draw, kind) if inserts else self._in_place(draw, kind)
        before = _before(draw, forms, change, clean=clean)
        if before is None or not _all_parse(forms.function, before, forms.good, forms.bad):
            return None
        return Edit(
            function=forms.function,
            change=Change.FIX if clean and change is Change.EDIT else change,
            kind=kind,
            at=forms.truth.at,
            before=before,
            after=forms.good if clean else forms.bad,
            truth=None if clean else forms.truth,
        )

    def draw_clean_growth(self, draw: random.Random, path: str = "") -> Edit | None:
        """A function, of ``path`` if given, gets one of its own statements; None: the draw failed."""
        growable = self._growable_in.get(path, []) if path else self._growable
        if not growable:
            return None
        function = draw.choice(growable)
        start, end = draw.choice(function.removable)
        before = function.lines[:start] + function.lines[end:]
        if not _all_parse(function, before):
            return None
        return Edit(function, Change.GROW, "", start, before, function.lines)

    def _inserted(self, draw: random.Random, kind: str) -> _Forms:
        function = draw.choice(self._insertable[kind])
        at = function.insert_at or 0
        lines = function.lines
        margin = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        twin = draw_twin(draw, kind, function.argument, self.pool, language=function.language)
        good, bad, fix = (
            tuple(margin + line for line in text.split("\n")) if text else ()
            for text in (twin.good, twin.bad, twin.fix)
        )
        return _Forms(
            function=function,
            plain=lines,
            good=(*lines[:at], *good, *lines[at:]),
            bad=(*lines[:at], *bad, *lines[at:]),
            truth=Truth(kind, at, defective=bad, original=fix),
            inserted=True,
        )

    def _in_place(self, draw: random.Random, kind: str) -> _Forms:
        function, site = draw.choice(self._sites[kind])
        lines = function.lines
        bad, original = tuple(site.defective.split("\n")), tuple(site.original.split("\n"))
        return _Forms(
            function=function,
            plain=lines,
            good=lines,
            bad=(*lines[: site.at], *bad, *lines[site.at + len(original) :]),
            truth=Truth(kind, site.at, defective=bad, original=original),
        )


def _before(draw: random.Random, forms: _Forms, change: Change, *, clean: bool) -> Lines | None:
    """The function before the change; None where this change is not possible here."""
    if change is Change.ADD:
        return ()
    if change is Change.EDIT:
        return forms.bad if clean else forms.good
    if forms.inserted:
        return forms.plain
    first, end = forms.truth.at, forms.truth.at + len(forms.truth.original)
    around = [(a, b) for a, b in forms.function.removable if a <= first and end <= b]
    if not around:
        return None
    start, stop = draw.choice(around)
    return forms.plain[:start] + forms.plain[stop:]


def _all_parse(function: Function, *versions: Lines) -> bool:
    """Whether all these versions of a function parse where they stand; no lines do."""
    return all(not lines or _parses(lines, function.language) for lines in versions)


@lru_cache(maxsize=1 << 14)
def _parses(lines: Lines, language: str) -> bool:
    return parses("\n".join(lines) + "\n", language)
