"""One planted change of one function: what stood before, what stands after, and the truth.

Takes a function, a kind and a draw; gives an Edit, or None where the draw does not work out and
another must be made. Refuses to know files, patches and records.
"""

from __future__ import annotations

import ast
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pullsmith.collect.planted.harvest import Function
from pullsmith.collect.planted.operators import Site
from pullsmith.collect.planted.templates import TWIN_KINDS
from pullsmith.collect.planted.twins import draw_twin
from pullsmith.records import Split

Lines = tuple[str, ...]


class Change(StrEnum):
    """What happens to the function."""

    ADD = "add"  # it was not there before
    GROW = "grow"  # it had one statement less
    EDIT = "edit"  # a right line becomes a defective one
    FIX = "fix"  # a defective line becomes a right one: clean


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
    """The function with a good line and with the bad one at ``at``; ``plain`` is it untouched."""

    function: Function
    kind: str
    at: int
    plain: Lines
    good: Lines
    bad: Lines
    original: Lines


class EditMaker:
    """Draws edits of the functions of one pool."""

    def __init__(self, functions: Sequence[Function], pool: Split) -> None:
        """Index the functions by what can be planted in them."""
        self.functions = tuple(functions)
        self.pool = pool
        self._insertable = [
            each for each in functions if each.insert_at is not None and each.argument
        ]
        self._growable = [each for each in functions if each.removable]
        self._sites: defaultdict[str, list[tuple[Function, Site]]] = defaultdict(list)
        for function in functions:
            for site in function.sites:
                self._sites[site.kind].append((function, site))

    def usable(self, kinds: Sequence[str]) -> tuple[str, ...]:
        """Those of ``kinds`` for which the pool has any place."""
        return tuple(
            kind
            for kind in kinds
            if (self._insertable if kind in TWIN_KINDS else self._sites.get(kind))
        )

    def draw(self, draw: random.Random, kind: str, *, clean: bool) -> Edit | None:
        """An edit about ``kind``, defective unless ``clean``; None where the draw failed."""
        change = draw.choices(list(_MIX), list(_MIX.values()))[0]
        forms = self._inserted(draw, kind) if kind in TWIN_KINDS else self._in_place(draw, kind)
        before = _before(draw, forms, change, clean=clean)
        if before is None or not (_parses(before) and _parses(forms.good) and _parses(forms.bad)):
            return None
        truth = Truth(kind, forms.at, (forms.bad[forms.at],), forms.original)
        return Edit(
            function=forms.function,
            change=Change.FIX if clean and change is Change.EDIT else change,
            kind=kind,
            at=forms.at,
            before=before,
            after=forms.good if clean else forms.bad,
            truth=None if clean else truth,
        )

    def draw_clean_growth(self, draw: random.Random) -> Edit | None:
        """A function that gets one of its own statements; None where the draw failed."""
        if not self._growable:
            return None
        function = draw.choice(self._growable)
        start, end = draw.choice(function.removable)
        before = function.lines[:start] + function.lines[end:]
        if not _parses(before):
            return None
        return Edit(function, Change.GROW, "", start, before, function.lines)

    def _inserted(self, draw: random.Random, kind: str) -> _Forms:
        function = draw.choice(self._insertable)
        at = function.insert_at or 0
        lines = function.lines
        margin = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        twin = draw_twin(draw, kind, function.argument, self.pool)
        good, bad = ((*lines[:at], margin + text, *lines[at:]) for text in (twin.good, twin.bad))
        original = (margin + twin.fix,) if twin.fix else ()
        return _Forms(function, kind, at, lines, good, bad, original)

    def _in_place(self, draw: random.Random, kind: str) -> _Forms:
        function, site = draw.choice(self._sites[kind])
        lines = function.lines
        bad = (*lines[: site.at], site.defective, *lines[site.at + 1 :])
        return _Forms(function, kind, site.at, lines, lines, bad, (site.original,))


def _before(draw: random.Random, forms: _Forms, change: Change, *, clean: bool) -> Lines | None:
    """The function before the change; None where this change is not possible here."""
    if change is Change.ADD:
        return ()
    if change is Change.EDIT:
        return forms.bad if clean else forms.good
    if forms.kind in TWIN_KINDS:
        return forms.plain
    around = [(a, b) for a, b in forms.function.removable if a <= forms.at < b]
    if not around:
        return None
    start, end = draw.choice(around)
    return forms.plain[:start] + forms.plain[end:]


@lru_cache(maxsize=1 << 14)
def _parses(lines: Lines) -> bool:
    """Whether the lines of a function parse where they stand; no lines do."""
    text = "\n".join(lines) + "\n"
    try:
        ast.parse("if True:\n" + text if text[0] == " " else text)
    except SyntaxError:
        return False
    return True
