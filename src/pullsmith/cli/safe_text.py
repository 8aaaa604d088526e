"""Text of strangers on a terminal: what could steer the terminal is shown, not sent."""

from __future__ import annotations


def printable(text: str) -> str:
    """``text`` with every character that is no visible one (but tab) written as its escape."""
    return "".join(
        c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode() for c in text
    )
