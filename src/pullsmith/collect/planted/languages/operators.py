"""In-place defects of languages other than Python: one line of a file made wrong.

Takes the text of a file; gives FileSites. Each is checked: the line differs and the file still
parses. Refuses to know whether the code was right before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from pullsmith.collect.planted.languages.bounds import (
    longer_loop,
    lost_one,
    other_range,
    other_start,
)
from pullsmith.collect.planted.languages.conditions import boundary, inverted
from pullsmith.collect.planted.languages.places import Place, Span, walk
from pullsmith.collect.planted.languages.returns import lost_return
from pullsmith.collect.planted.languages.scopes import Scopes
from pullsmith.collect.planted.languages.swaps import swapped
from pullsmith.collect.planted.sites import FileSite
from pullsmith.grammars import grammar_of, language_of, parse, parser

if TYPE_CHECKING:
    from tree_sitter import Tree

_Operator = Callable[[Place, Scopes], Iterator[Span]]
_OPERATORS: dict[str, tuple[tuple[str, _Operator], ...]] = {
    "if_statement": (("inverted", inverted),),
    "if_expression": (("inverted", inverted),),
    "ternary_expression": (("inverted", inverted),),
    "binary_expression": (
        ("boundary", boundary),
        ("off_by_one", lost_one),
        ("off_by_one", longer_loop),
    ),
    "for_statement": (("off_by_one", other_start),),
    "for_clause": (("off_by_one", other_start),),
    "range_expression": (("off_by_one", other_range),),
    "return_statement": (("lost_return", lost_return),),
    "return_expression": (("lost_return", lost_return),),
    "arguments": (("swapped", swapped),),
    "argument_list": (("swapped", swapped),),
}
OPERATOR_KINDS: frozenset[str] = frozenset(
    kind for operators in _OPERATORS.values() for kind, _ in operators
)
MAX_BYTES = 500_000
_MAX_COLUMNS = 1_000  # a line nobody has typed: minified


class SourceFile:
    """The text of one file with its tree, of which many sites may be asked."""

    def __init__(self, source: bytes, grammar: str, language: str) -> None:
        """Parse ``source``; MissingExtraError without the extra."""
        self.source = source
        self.lines = source.split(b"\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self.tree: Tree = parse(source, grammar)
        self.scopes = Scopes(self.tree.root_node, language)
        self._parser = parser(grammar)

    @property
    def is_whole(self) -> bool:
        """Whether the file parses, and no program packed it into long lines."""
        packed = any(len(line) > _MAX_COLUMNS for line in self.lines)
        return not packed and not self.tree.root_node.has_error

    def sites(self, root: Place, lines: Sequence[int] | None = None) -> Iterator[FileSite]:
        """The sites under ``root`` in the order of the text, each line's each wrong form once.

        With ``lines``, sorted and counted from 1, only those of these lines.
        """
        seen: set[tuple[int, bytes]] = set()
        for place in walk(root, lines=lines):
            for kind, operator in _OPERATORS.get(place.node.type, ()):
                for span in operator(place, self.scopes):
                    row, line = self._changed(span)
                    wanted = lines is None or row + 1 in lines
                    if wanted and (row, line) not in seen and self._holds(span, row, line):
                        seen.add((row, line))
                        yield FileSite(kind, row + 1, line.decode(), self.lines[row].decode())

    def _changed(self, span: Span) -> tuple[int, bytes]:
        """The row in which a span begins, from 0, and the line with the span's text in it."""
        row = bisect_right(self._starts, span.start) - 1
        line, first = self.lines[row], self._starts[row]
        return row, line[: span.start - first] + span.text + line[span.end - first :]

    def _holds(self, span: Span, row: int, line: bytes) -> bool:
        """Whether a span stays within its line, changes it and leaves a file that parses."""
        if b"\n" in self.source[span.start : span.end] + span.text or line == self.lines[row]:
            return False
        column, width = span.start - self._starts[row], span.end - span.start
        edited = self.tree.copy()
        edited.edit(
            start_byte=span.start,
            old_end_byte=span.end,
            new_end_byte=span.start + len(span.text),
            start_point=(row, column),
            old_end_point=(row, column + width),
            new_end_point=(row, column + len(span.text)),
        )
        source = self.source[: span.start] + span.text + self.source[span.end :]
        return not self._parser.parse(source, edited).root_node.has_error


def file_sites(
    path: str, text: str, *, lines: Collection[int] | None = None
) -> tuple[FileSite, ...]:
    """Every place of a whole file where one line can be made wrong, in the order of the text.

    ``lines``, counted from 1, asks for these lines only. Lines end at a newline: a carriage return
    before it belongs to the line. Nothing for a file of no known language, one that does not parse,
    or one too large or too wide for a person to have written. MissingExtraError without the extra.
    """
    grammar, language = grammar_of(path), language_of(path)
    if grammar is None or language is None or len(text) > MAX_BYTES:
        return ()
    try:
        source = text.encode()
    except UnicodeEncodeError:  # half a surrogate: it came from no UTF-8 file
        return ()
    file = SourceFile(source, grammar, language)
    if not file.is_whole:
        return ()
    wanted = None if lines is None else sorted(set(lines))
    return tuple(file.sites(Place(file.tree.root_node, None), wanted))
