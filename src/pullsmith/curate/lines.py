"""Which line of a YAML text a field stands on.

Takes the text of an answer and the dotted paths that faults name (``code_suggestions.0.label``); gives
lines from 1. A text that cannot be read has one line for all.
"""

from __future__ import annotations

import re

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE = re.compile(r"line (\d+): ")


class Lines:
    """The lines of one text."""

    def __init__(self, text: str) -> None:
        """Composing expands nothing, so a text that refuses to be read costs no more than its size."""
        self._count = text.count("\n") + 1
        try:
            self._top = yaml.compose(text, Loader=_LOADER)
        except (yaml.YAMLError, ValueError):  # half a character, a control character, …
            self._top = None

    def of(self, path: str) -> int:
        """The line of the deepest part of ``path`` that is there; the first one of the text where none is."""
        node, line = self._top, 1
        for part in path.split("."):
            found = _step(node, part)
            if found is None:
                break
            node, line = found
        return min(line, self._count)

    def of_message(self, message: str) -> int:
        """The line that a fault names as ``line 3: …``, or that of the path before its first colon."""
        named = _LINE.match(message)
        if named:
            return min(max(int(named[1]), 1), self._count)
        return self.of(message.partition(":")[0])


def _step(node: yaml.Node | None, part: str) -> tuple[yaml.Node, int] | None:
    """The value under a key or place, and the line where it begins."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if getattr(key, "value", None) == part:
                return value, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        value = node.value[int(part)]
        return value, value.start_mark.line + 1
    return None
