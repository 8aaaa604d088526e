"""The lines of a diff as HTML: numbered, coloured, and what is flagged marked.

Takes parts of a diff, gives markup, one element a line: numbers stand in attributes, and the sign in the
text, so that what is copied is the diff. Made by hand, not by templates: a large diff has thousands.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from pullsmith.curate.items import Flag
from pullsmith.curate.web.colours import Colours
from pullsmith.curate.web.sections import LONGEST_LINE, Part, Run, Sections
from pullsmith.curate.web.seen import seen
from pullsmith.diff.shown import ShownDiff, ShownHunk, ShownLine

_KINDS = {"+": "a", "-": "d", " ": "x"}
_MOST_FLAGGED = 500  # lines of one flag: an answer may claim a million
_KEPT = 8  # diffs whose colours are remembered: the one on the page, and those before and behind it


@dataclass
class Drawing:
    """A diff that is being shown: its sections, its colours, and the lines that flags point at."""

    sections: Sections
    flagged: frozenset[int] = frozenset()
    _colours: dict[int, Colours] = field(default_factory=dict)

    def part(self, part: Part, *, apart: bool) -> Markup:
        """The rows of a part; ``apart`` puts the old side beside the new one."""
        return Markup("").join(row for run in part.runs for row in self._run(run, apart=apart))

    def _run(self, run: Run, *, apart: bool) -> Iterator[Markup]:
        if run.begins:
            yield Markup('<div class="h">%s</div>') % seen(run.hunk.header)
        colours = self._of(run.hunk)
        if not apart:
            for line in run.lines:
                yield self._row(line, colours, named=True)
            return
        for old, new in beside(run.lines):
            left = self._row(old, colours, named=new is None) if old else _EMPTY
            right = self._row(new, colours, named=True) if new else _EMPTY
            yield Markup('<div class="w">%s%s</div>') % (left, right)

    def _row(self, line: ShownLine, colours: Colours, *, named: bool) -> Markup:
        text = line.text
        if len(text) > LONGEST_LINE:
            said = f" … {len(text) - LONGEST_LINE:,} more characters"
            inside = seen(text[:LONGEST_LINE]) + Markup('<i class="m">%s</i>') % said
        else:
            inside = Markup("").join(_piece(*piece) for piece in colours.of(line))
        name = f' id="l{line.number}"' if named else ""
        marked = " q" if line.number in self.flagged else ""
        # Numbers and our own words only: everything of strangers is in ``inside``.
        head = f'<div class="r {_KINDS[line.sign]}{marked}"{name} data-o="{line.old_line or ""}" data-n="{line.new_line or ""}">'
        return Markup(f"{head}{line.sign}{inside}</div>")  # noqa: S704, RUF100

    def _of(self, hunk: ShownHunk) -> Colours:
        key = hunk.lines[0].number
        if key not in self._colours:
            self._colours[key] = Colours(hunk, hunk.lines[0].path)
        return self._colours[key]


class Drawings:
    """The diffs that were shown last, by what they belong to."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Drawing] = OrderedDict()

    def known(self, key: tuple[str, str]) -> Drawing | None:
        """The drawing of that key, if it is still remembered."""
        return self._kept.get(key)

    def of(self, key: tuple[str, str], shown: ShownDiff, flags: Sequence[Flag] = ()) -> Drawing:
        """The drawing of ``shown``, made or remembered; ``key`` changes with what is shown."""
        if key not in self._kept:
            sections = Sections.of(shown)
            self._kept[key] = Drawing(sections, frozenset(_numbers(sections, flags)))
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _numbers(sections: Sections, flags: Sequence[Flag]) -> Iterator[int]:
    """The numbers of the lines that flags speak of, as far as they are shown."""
    for flag in flags:
        last = min(max(flag.end_line, flag.start_line), flag.start_line + _MOST_FLAGGED)
        for line in range(flag.start_line, last + 1):
            place = sections.place(flag.path, line)
            if place is not None:
                yield place.number


_EMPTY = Markup('<div class="r e"></div>')
Pair = tuple[ShownLine | None, ShownLine | None]


def beside(lines: Sequence[ShownLine]) -> Iterator[Pair]:
    """Old and new lines in pairs: context on both sides, what was taken out beside what was put in."""
    olds: list[ShownLine] = []
    news: list[ShownLine] = []
    for line in lines:
        # What was put in and what is taken out behind it do not belong together.
        if line.sign == " " or (line.sign == "-" and news):
            yield from _paired(olds, news)
            olds, news = [], []
        if line.sign == " ":
            yield line, line
        else:
            (olds if line.sign == "-" else news).append(line)
    yield from _paired(olds, news)


def _paired(olds: Sequence[ShownLine], news: Sequence[ShownLine]) -> Iterator[Pair]:
    for place in range(max(len(olds), len(news))):
        yield (
            olds[place] if place < len(olds) else None,
            news[place] if place < len(news) else None,
        )


def _piece(name: str, text: str) -> Markup:
    shown = escape(text) if text.isascii() and text.isprintable() else seen(text)
    return Markup(f'<i class="{name}">{shown}</i>') if name else shown  # noqa: S704, RUF100
