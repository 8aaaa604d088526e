"""What a rule found: on which lines, in which words, and what should stand there instead."""

from __future__ import annotations

from dataclasses import dataclass

from pullsmith.diff.shown import ShownLine


@dataclass(frozen=True)
class Finding:
    """Something found on ``lines``, at least one.

    ``instead`` has the lines that should stand there: None where that is not sure, none to remove.
    """

    code: str
    lines: tuple[ShownLine, ...]
    header: str
    content: str
    label: str
    instead: tuple[str, ...] | None = None
    security: bool = False
