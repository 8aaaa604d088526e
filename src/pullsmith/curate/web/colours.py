"""Syntax colours of a diff's lines, found as far as they are wanted.

Takes a shown hunk, gives for each line its pieces with a class each. Both sides are read by Pygments,
each as the text it is, so a line in a long string is coloured as one; the lines come one by one, so the
top of a large diff costs what the top costs. What cannot be coloured is one piece without a class:
another language, very long lines, a lexer that does not give back what it read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_for_filename
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

from pullsmith.diff.shown import ShownHunk, ShownLine

Piece = tuple[str, str]  # a class of our style sheet, or nothing; and the text
LONGEST_COLOURED = 1_000  # characters of a line: minified code is no pleasure in colour either
_MOST_CHARACTERS = 2_000_000  # of a hunk's side
_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "c"),
    (Keyword, "k"),
    (Name.Builtin.Pseudo, "k"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Decorator, "f"),
    (Name.Tag, "k"),
    (Name.Attribute, "f"),
    (String, "s"),
    (Number, "n"),
    (Literal, "n"),
    (Operator.Word, "k"),
)


class Colours:
    """The pieces of one hunk's lines, by their place in the hunk; each side is read once."""

    def __init__(self, hunk: ShownHunk, path: str) -> None:
        self._new = _Side([line for line in hunk.lines if line.sign != "-"], path)
        self._old = _Side([line for line in hunk.lines if line.sign != "+"], path)

    def of(self, line: ShownLine) -> Sequence[Piece]:
        """The pieces of ``line``; joined they are its text."""
        return (self._old if line.sign == "-" else self._new).of(line)


class _Side:
    """The lines of one side, coloured from the first one on as they are asked for."""

    def __init__(self, lines: Sequence[ShownLine], path: str) -> None:
        self._place = {line.number: place for place, line in enumerate(lines)}
        self._lines = lines
        self._done: list[Sequence[Piece]] = []
        self._rest = self._begin(path)

    def of(self, line: ShownLine) -> Sequence[Piece]:
        place = self._place[line.number]
        while self._rest is not None and len(self._done) <= place:
            self._take(next(self._rest, None))
        pieces = self._done[place] if place < len(self._done) else [("", line.text)]
        # A lexer that changes what it reads must not change what people see.
        return pieces if "".join(text for _, text in pieces) == line.text else [("", line.text)]

    def _begin(self, path: str) -> Iterator[Sequence[Piece]] | None:
        text = "\n".join(line.text for line in self._lines)
        longest = max((len(line.text) for line in self._lines), default=0)
        lexer = _lexer(path.rpartition("/")[2])
        if lexer is None or longest > LONGEST_COLOURED or len(text) > _MOST_CHARACTERS:
            return None
        return _coloured(lexer, text)

    def _take(self, pieces: Sequence[Piece] | None) -> None:
        if pieces is None:
            self._rest = None
        else:
            self._done.append(pieces)


@lru_cache(maxsize=256)
def _lexer(name: str) -> Lexer | None:
    """A lexer for a file of that name, None where there is none."""
    try:
        found = find_lexer_class_for_filename(name)
    except ClassNotFound:
        return None
    return None if found is None else found()


@lru_cache(maxsize=1024)
def _class(token: _TokenType) -> str:
    return next((name for kind, name in _CLASSES if token in kind), "")


def _coloured(lexer: Lexer, text: str) -> Iterator[Sequence[Piece]]:
    """The lines of ``text`` in pieces, neighbours of one class joined."""
    line: list[Piece] = []
    for _, token, value in lexer.get_tokens_unprocessed(text):
        name = _class(token)
        first, *others = value.split("\n")
        _add(line, name, first)
        for other in others:
            yield line
            line = []
            _add(line, name, other)
    yield line


def _add(line: list[Piece], name: str, text: str) -> None:
    if not text:
        return
    # Blanks have no colour: they need no element of their own.
    if line and (line[-1][0] == name or text.isspace()):
        line[-1] = (line[-1][0], line[-1][1] + text)
    else:
        line.append((name, text))
