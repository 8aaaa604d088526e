"""Which line of a YAML text a field stands on.

Takes the text of an answer and the dotted paths that faults name (``code_suggestions.0.label``); gives
lines from 1. Reads the parser's events as far as they go, so that a text that breaks off, or is made
to break a parser, has the lines of what is before.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE = re.compile(r"line (\d+): ")
_DEEPEST = 16  # no answer is half as deep


@dataclass
class _Open:
    """A mapping or list that has begun: its path, and what comes next in it."""

    path: str
    is_list: bool
    place: int = 0
    key: str | None = None
    key_line: int = 1


class Lines:
    """The lines of one text."""

    def __init__(self, text: str) -> None:
        """Costs one pass over the text, whatever is in it."""
        self._count = text.count("\n") + 1
        self._lines: dict[str, int] = {}
        self._stack: list[_Open] = []
        with suppress(yaml.YAMLError, ValueError):  # told by whoever reads it; half a character, …
            for event in yaml.parse(text, Loader=_LOADER):
                if not self._take(event) or len(self._stack) > _DEEPEST:
                    break

    def of(self, path: str) -> int:
        """The line of the deepest part of ``path`` that is there; the first one of the text where none is."""
        while path and path not in self._lines:
            path = path.rpartition(".")[0]
        return min(self._lines.get(path, 1), self._count)

    def of_message(self, message: str) -> int:
        """The line that a fault names as ``line 3: …``, or that of the path before its first colon."""
        named = _LINE.match(message)
        if named:
            return min(max(int(named[1]), 1), self._count)
        return self.of(message.partition(":")[0])

    def _take(self, event: yaml.Event) -> bool:
        """Whether to read on; not behind a key that is no word, which no answer has."""
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            line = event.start_mark.line + 1 if event.start_mark else 1
            parent = self._stack[-1] if self._stack else None
            if parent is not None and not parent.is_list and parent.key is None:
                parent.key, parent.key_line = getattr(event, "value", None), line
                return parent.key is not None
            path = self._place(parent, line)
            if isinstance(event, yaml.CollectionStartEvent):
                self._stack.append(_Open(path, isinstance(event, yaml.SequenceStartEvent)))
        return True

    def _place(self, parent: _Open | None, line: int) -> str:
        """The path of the value that begins here; it is on the line of its key."""
        if parent is None:
            return ""
        name = str(parent.place) if parent.is_list else str(parent.key)
        path = f"{parent.path}.{name}" if parent.path else name
        self._lines[path] = line if parent.is_list else parent.key_line
        parent.place, parent.key = parent.place + 1, None
        return path
