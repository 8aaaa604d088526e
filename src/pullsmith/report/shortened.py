"""Long texts on a page: their beginning, and how much of them is not shown.

Takes any text, gives shorter ones. Knows no record; what cannot be seen is ``visible``'s work.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_CHARACTERS = 4_000  # of a text in running words
LINE_CHARACTERS = 240


@dataclass(frozen=True)
class Cut:
    """The beginning of a text of several lines, and how many lines more it has."""

    lines: tuple[str, ...]
    more_lines: int = 0


def shortened(text: str, most: int = MOST_CHARACTERS) -> str:
    """``text``, or its beginning and how many characters more there are."""
    if len(text) <= most:
        return text
    return f"{text[:most]} … {len(text) - most:,} more characters"


def cut(text: str, most_lines: int, line_characters: int = LINE_CHARACTERS) -> Cut:
    """The first lines of ``text``, each shortened; lines end at newlines only. None for no text."""
    lines = text.rstrip("\n").split("\n") if text.strip("\n") else []
    shown = tuple(shortened(line, line_characters) for line in lines[:most_lines])
    return Cut(shown, max(0, len(lines) - most_lines))
