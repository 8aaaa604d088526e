"""A table in the columns of a terminal: whole intervals, and several parts where it is too wide.

Takes a Table and a width; gives tables for rich. Every part repeats the names in front.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich import box
from rich.cells import cell_len
from rich.table import Table as RichTable
from rich.text import Text

from pullsmith.report.table import Table
from pullsmith.visible import visible

_BETWEEN = 3  # a blank on both sides of what divides two columns
_EDGES = 2
_NAMES_SHARE = 0.45  # of the width, for the names in front: longer ones go on below


def fitted(table: Table, width: int) -> Iterator[RichTable]:
    """``table`` in as few parts as ``width`` characters allow; one that is narrow enough stays whole."""
    header = [visible(name) for name in table.header]
    rows = [[_lined(cell) if place else visible(cell) for place, cell in enumerate(row)]
            for row in table.rows]  # fmt: skip
    widths = [_width(name, [row[place] for row in rows]) for place, name in enumerate(header)]
    most = max(1, int(width * _NAMES_SHARE))
    widths[0] = min(max([widths[0], *map(cell_len, header[:1])]), most)
    rest = width - _EDGES - widths[0] - _BETWEEN
    widths[1:] = [max(1, min(each, rest)) for each in widths[1:]]
    for places in _parts(widths, width):
        yield _made(
            [header[place] for place in places],
            [[row[place] for place in places] for row in rows],
            [widths[place] for place in places],
        )


def _parts(widths: list[int], width: int) -> Iterator[list[int]]:
    """The places of the columns of each part, the first column in all of them."""
    part, used = [0], _EDGES + widths[0]
    for place in range(1, len(widths)):
        needed = _BETWEEN + widths[place]
        if len(part) > 1 and used + needed > width:
            yield part
            part, used = [0], _EDGES + widths[0]
        part.append(place)
        used += needed
    yield part


def _lined(cell: str) -> str:
    """The interval on a line of its own, whole: broken in the middle it cannot be read."""
    return visible(cell).replace(" [", "\n[").replace(" to ", "\u00a0to\u00a0")


def _width(name: str, cells: list[str]) -> int:
    """Of the widest line, and of the longest word of the column's name."""
    lines = [line for cell in cells for line in cell.split("\n")]
    return max(map(cell_len, [*lines, *(name.split() or [""])]))


def _made(header: list[str], rows: list[list[str]], widths: list[int]) -> RichTable:
    made = RichTable(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for place, (name, width) in enumerate(zip(header, widths, strict=True)):
        lines = textwrap.wrap(name, width) or [""]
        made.add_column(
            Text("\n".join(lines)), justify="right" if place else "left", width=width,
            overflow="fold", vertical="top",
        )  # fmt: skip
    for row in rows:
        made.add_row(*map(Text, row))
    return made
