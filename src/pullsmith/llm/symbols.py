"""Which functions, classes and the like a file's patch adds, changes and removes, by name.

Takes what is shown of a file; gives names. What encloses a changed line is read from indentation: the
nearest line above that is indented less and begins a definition, else the line that git puts behind
the hunk's header. Where neither says it, nothing is said. Only shown lines count, so that whoever
reads the same diff can know the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from pullsmith.diff.shown import ShownFile, ShownHunk, ShownLine
from pullsmith.llm.definitions import Definition, definitions

_TAB = 4
_LEVEL = (
    4  # columns; deeper, something that is not shown may stand between a class and what is in it
)
_COMMENT = ("#", "//", "/*", "*", "--")
_CLOSERS = (")", "]", "}")


class Change(StrEnum):
    """What happened to a definition; as a sentence begins."""

    ADDED = "Adds"
    REMOVED = "Removes"
    CHANGED = "Changes"


class Symbol(NamedTuple):
    """``name`` has the enclosing class before a dot where that is shown."""

    change: Change
    kind: str
    name: str


class _Named(NamedTuple):
    """A definition on one side of a hunk: ``sign`` of its line, whether it is in a changed one."""

    kind: str
    name: str
    sign: str
    nested: bool


def changed_symbols(file: ShownFile, *, headings: bool = True) -> tuple[Symbol, ...]:
    """The names, added ones first, in the order they are shown; what is in an added one is not named.

    ``headings`` says that the text behind a hunk's header is git's own choice, the nearest line
    above without indentation; forges choose otherwise.
    """
    new, old = (list(_touched(file, sign, headings=headings)) for sign in "+-")
    here = {each.name for each in new if each.sign == "+"}
    gone = {each.name for each in old if each.sign == "-"}
    moved = here & gone
    unsure = _unsure(file, here - moved, "-") | _unsure(file, gone - moved, "+")
    found: dict[Symbol, None] = {}
    for each in (*new, *old):
        if each.name in unsure or (each.nested and each.name not in moved):
            continue
        change = Change.CHANGED
        if each.sign != " " and each.name not in moved:
            change = Change.ADDED if each.sign == "+" else Change.REMOVED
        found[Symbol(change, each.kind, each.name)] = None
    named = {symbol.name for symbol in found if symbol.change is not Change.CHANGED}
    kept = [s for s in found if s.change is not Change.CHANGED or s.name not in named]
    order = list(Change)
    by_name = {(s.change, s.name): s for s in reversed(kept)}
    first_seen = list(reversed(by_name.values()))
    return tuple(sorted(first_seen, key=lambda symbol: order.index(symbol.change)))


def _unsure(file: ShownFile, names: set[str], sign: str) -> set[str]:
    """Those of ``names`` that a line of the other side may define in a form nobody knows here."""
    other = "\n".join(line.text for hunk in file.hunks for line in hunk.lines if line.sign == sign)
    return {
        name for name in names if re.search(rf"\b{re.escape(name.split('.')[-1])}\s*[(<=:]", other)
    }


def _touched(file: ShownFile, sign: str, *, headings: bool) -> Iterator[_Named]:
    for hunk in file.hunks:
        lines = [line for line in hunk.lines if line.sign in (" ", sign)]
        yield from _in_side(lines, sign, file, _heading(hunk, file) if headings else None)


def _in_side(
    lines: Sequence[ShownLine], sign: str, file: ShownFile, heading: Definition | None
) -> Iterator[_Named]:
    texts = [line.text for line in lines]
    at = {each.row: each for each in definitions(texts, file.path, file.language)}
    for row, line in enumerate(lines):
        # A closing bracket belongs to what it closes, which another line opens.
        if line.sign != sign or not line.text.strip(" \t)]}{;,"):
            continue
        if line.text.lstrip().startswith(_CLOSERS):
            continue
        rows = _around(texts, _decorated(texts, row, at), at)
        path = [at[one] for one in rows]
        top = rows[-1] if rows else row
        deep = bool(path) and not 0 < _indent(texts[top]) <= _LEVEL
        if heading and not deep and _is_open(texts, top):
            path.append(heading)
        if not path:
            continue
        own = lines[rows[0]].sign if rows else " "
        nested = own == sign and any(lines[one].sign == sign for one in rows[1:])
        yield _Named(_kind(path), ".".join(_names(path)), own, nested)


def _names(path: Sequence[Definition]) -> list[str]:
    """The name, and before it that of what it is in where that is a class or the like."""
    outer = [each.name for each in path[1:2] if each.kind != "function"]
    return [*outer, path[0].name]


def _kind(path: Sequence[Definition]) -> str:
    inside = len(path) > 1 and path[1].kind in ("class", "interface", "trait", "struct", "enum")
    return "method" if inside and path[0].kind == "function" else path[0].kind


def _heading(hunk: ShownHunk, file: ShownFile) -> Definition | None:
    found = definitions([hunk.section], file.path, file.language) if hunk.section else ()
    return found[0] if found else None


def _decorated(texts: Sequence[str], row: int, at: dict[int, Definition]) -> int:
    """The definition below, for a decorator or attribute right above it; else the row itself."""
    below = row
    while below < len(texts) and texts[below].lstrip().startswith(("@", "#[")) and below not in at:
        below += 1
    return below if below in at else row


def _around(texts: Sequence[str], row: int, at: dict[int, Definition]) -> list[int]:
    """The rows of the definitions around a row, the innermost first; itself where it begins one."""
    rows = [row] if row in at else []
    least = _indent(texts[row])
    for above in range(row - 1, -1, -1):
        text = texts[above].strip()
        if not text or text.startswith(_COMMENT) or not least:
            continue
        # ") -> None:" and "} else {" stand as far left as the line that they go on with.
        indent = _indent(texts[above]) + text.startswith(_CLOSERS)
        if indent < least:
            if above in at:
                rows.append(above)
            least = indent
    return rows


def _is_open(texts: Sequence[str], row: int) -> bool:
    """Whether nothing from the hunk's begin to ``row`` stands at the very left."""
    seen = [texts[one] for one in range(row + 1) if texts[one].strip()]
    return all(_indent(text) > 0 for text in seen)


def _indent(text: str) -> int:
    return len(text[: len(text) - len(text.lstrip())].expandtabs(_TAB))
