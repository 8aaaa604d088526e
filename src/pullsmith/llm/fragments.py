"""Pieces of Python in a hunk that parse: what a linter can be asked about.

Takes the lines of a hunk's new side; gives texts that parse, and which shown line each of their rows
is. A hunk begins and ends anywhere, so what it lacks is put around it: a header for every block that
began above, a body or a ``finally`` for what goes on below. At a line that cannot be read the hunk is
cut in two. Where the signs say that it is prose, or that it begins within a string, nothing is given.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pullsmith.diff.shown import ShownFile, ShownHunk, ShownLine

MOST_CUTS = 2  # prose fails at every line, code that is cut off only at its ends
CONTEXT = 3  # lines that git shows around a change, unless the file begins or ends
_QUOTES = re.compile(r"'''|\"\"\"")
_INDENT = re.compile(r"[ \t]*")
_HANDLERS = re.compile(r"[ \t]*(except|finally)\b")


@dataclass(frozen=True)
class Piece:
    """``rows`` has the shown line of every row of ``text``, None for a row that was put there.

    ``ends_file`` says that the file's last line is the piece's, ``whole_file`` that all are.
    """

    text: str
    rows: tuple[ShownLine | None, ...]
    tree: ast.Module
    ends_file: bool
    whole_file: bool

    def line(self, row: int) -> ShownLine | None:
        """The shown line of a row, counted from 1."""
        return self.rows[row - 1] if 1 <= row <= len(self.rows) else None

    def is_seen_to_end(self, node: ast.stmt | ast.ExceptHandler) -> bool:
        """Whether no more of ``node`` can stand below: other code follows it, or the file ends."""
        after = range((node.end_lineno or len(self.rows)) + 1, len(self.rows) + 1)
        followed = any(line is not None and line.text.strip() for line in map(self.line, after))
        return followed or self.ends_file


def pieces(file: ShownFile, hunk: ShownHunk, *, cut: bool) -> tuple[Piece, ...]:
    """The pieces of a hunk; none where nothing in it can be told apart from prose.

    ``cut`` says that more of the file's hunk is there than is shown.
    """
    lines = [line for line in hunk.lines if line.new_line is not None]
    text = "\n".join(line.text for line in lines)
    if len(_QUOTES.findall(text)) % 2 or "\r" in text:
        return ()  # part of a long string, whose prose is no code; or rows that nobody counts alike
    ends = not cut and _ends_file(hunk)
    whole = ends and not hunk.old_count and not file.old_path and len(file.hunks) == 1
    found: list[Piece] = []
    waiting, cuts = [(lines, ends)], 0
    while waiting:
        part, part_ends = waiting.pop()
        piece, row = _piece(part, ends=part_ends, whole=whole and len(part) == len(lines))
        if piece is not None:
            found.append(piece)
        elif part:
            cuts += 1
            waiting += [(part[row.after :], part_ends), (part[: row.before], False)]
        if cuts > MOST_CUTS:
            return ()
    return tuple(found)


@dataclass(frozen=True)
class _Cut:
    """Which rows of a part that does not parse may: those before, those from ``after`` on."""

    before: int
    after: int


def _ends_file(hunk: ShownHunk) -> bool:
    """Whether the file ends with the hunk: less context below than above, where that is complete."""
    signs = "".join(line.sign for line in hunk.lines)
    above, below = (len(side) - len(side.lstrip(" ")) for side in (signs, signs[::-1]))
    return below < CONTEXT and (above == CONTEXT or above == hunk.new_start - 1)


def _piece(lines: Sequence[ShownLine], *, ends: bool, whole: bool) -> tuple[Piece | None, _Cut]:
    """The piece that ``lines`` make, else where to cut them."""
    if not any(line.text.strip() for line in lines):
        return None, _Cut(0, len(lines))
    rows: list[tuple[str, ShownLine | None]] = [(line.text, line) for line in lines]
    above = [(row, None) for row in _headers(lines)]
    below = [(row, None) for row in _open_body(lines)]
    fault: SyntaxError | None = None
    for _ in range(CONTEXT):
        texts = [text for text, _ in (*above, *rows, *below)]
        tree, fault = _parsed("\n".join(texts) + "\n")
        if tree is not None:
            shown = tuple(line for _, line in (*above, *rows, *below))
            return Piece("\n".join(texts) + "\n", shown, tree, ends, whole), _Cut(0, 0)
        closing = _open_try(lines) if fault and "expected 'except'" in str(fault.msg) else []
        if not closing or closing == [text for text, _ in below][-len(closing) :]:
            break
        below += [(row, None) for row in closing]
    return None, _where(fault, len(above), len(lines))


def _parsed(text: str) -> tuple[ast.Module | None, SyntaxError | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a diff's odd escapes are its author's, not ours
        try:
            return ast.parse(text), None
        except SyntaxError as error:
            return None, error
        except (ValueError, RecursionError, MemoryError):
            return None, None


def _where(fault: SyntaxError | None, above: int, count: int) -> _Cut:
    """What is inside a bracket that is cut off is no statement, so it goes with it."""
    if fault is None or fault.lineno is None:
        return _Cut(0, count)
    row = min(max(fault.lineno - 1 - above, 0), count - 1)
    message = str(fault.msg)
    if "was never closed" in message:
        return _Cut(row, count)
    if "unmatched" in message or "does not match" in message:
        return _Cut(0, row + 1)
    return _Cut(row, row + 1)


def _headers(lines: Sequence[ShownLine]) -> Iterator[str]:
    """A header for every block above that ``lines`` come back to, the outermost first."""
    headers: list[str] = []
    least = None
    for line in lines:
        if not line.text.strip() or line.text.lstrip().startswith("#"):
            continue
        indent = _indent(line.text)
        if least is not None and len(indent) < len(least):
            headers.append(f"{indent}{'try' if _HANDLERS.match(line.text) else 'if _'}:")
        if least is None or len(indent) < len(least):
            least = indent
        if not least:
            break
    if least:
        headers.append("if _:")
    return reversed(headers)


def _open_body(lines: Sequence[ShownLine]) -> list[str]:
    """A body for a header that is the last line."""
    last = next(line.text for line in reversed(lines) if line.text.strip())
    return [f"{_indent(last)} pass"] if last.rstrip().endswith(":") else []


def _open_try(lines: Sequence[ShownLine]) -> list[str]:
    """A ``finally`` for the last try that nothing ends."""
    least = None
    for line in reversed(lines):
        indent = _indent(line.text)
        if line.text.strip() and (least is None or len(indent) < len(least)):
            least = indent
            if line.text.strip() == "try:":
                return [f"{indent}finally:", f"{indent} pass"]
    return []


def _indent(text: str) -> str:
    found = _INDENT.match(text)
    return found[0] if found else ""
