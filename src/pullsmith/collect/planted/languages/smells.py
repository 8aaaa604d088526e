"""What a clean function may not hold in any language: what is planted, and what looks like it.

Takes the text of a function; gives the name of the first thing found. It reads text, not a tree:
better a clean function left out than a doubtful one taken for clean.
"""

from __future__ import annotations

import re

from pullsmith.redact import scan_text

_SMELLS = {
    "comment": r"(?-i:\b(?:TODO|FIXME|XXX|HACK|BUG|WTF)\b)|eslint-disable|@ts-ignore|@ts-expect-error|nolint",
    "debug": r"\bconsole\.\w+\(|\bdebugger\b|\bSystem\.(?:out|err)\.|\.printStackTrace\(|"
    r"\bfmt\.Print(?:ln|f)?\(|\be?print(?:ln)?!|\bdbg!|\balert\(",
    "unfinished": r"\b(?:todo|unimplemented)!|panic\(\s*\"(?:todo|not implemented)",
    "eval": r"\beval\(|\bnew Function\(|\bexec(?:Sync|File)?\(|\bdangerouslySetInnerHTML\b|"
    r"\.innerHTML\s*=(?!=)",
    "swallowed": r"\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}",
    "secret": r"(?:passw|secret|token|credential|(?:api|access|private)_?key)\w*[\"'`\]]*\s*(?::=|[:=])"
    r"\s*[\"'`]\w",
}
_SMELL = re.compile(
    "|".join(f"(?P<{name}>{rule})" for name, rule in _SMELLS.items()), re.IGNORECASE
)


def smell(text: str) -> str | None:
    """The name of the first thing in a function that could pass for a defect; None if clean."""
    found = _SMELL.search(text)
    if found is not None:
        return found.lastgroup
    return "secret" if scan_text(text) else None
