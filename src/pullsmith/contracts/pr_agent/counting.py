"""Counting and cutting texts by tokens, as PR-Agent does both.

Takes a counter and texts, gives numbers and shorter texts. PR-Agent's tokenizer refuses a text that
spells one of its special tokens, save where it counts a file's diff: a whole prompt then counts as
nothing, and a text that should be cut stays whole.
"""

from __future__ import annotations

import re

from pullsmith.contracts.pr_agent.texts import CLIPPED
from pullsmith.tokens import Counter

_SPECIAL = re.compile(r"<\|(?:endoftext|fim_prefix|fim_middle|fim_suffix|endofprompt)\|>")
_CAUTION = 0.9  # of the characters that the average token has


def refused(text: str) -> bool:
    """Whether PR-Agent's tokenizer gives up on the text."""
    return "<|" in text and _SPECIAL.search(text) is not None


def kept_characters(
    text: str, most: int, count: Counter, *, counted: int | None = None
) -> int | None:
    """How many characters PR-Agent keeps of a text to have at most ``most`` tokens; None for all.

    ``counted`` spares counting again; without it a text that is refused stays whole.
    """
    if not text or (counted is None and refused(text)):
        return None
    # No vocabulary has a token for less than a byte, so a short text need not be counted.
    if counted is None and len(text.encode("utf-8", "surrogatepass")) <= most:
        return None
    tokens = count(text) if counted is None else counted
    if tokens <= most:
        return None
    return 0 if most < 0 else max(0, int(_CAUTION * (len(text) / tokens) * most))


def clipped(text: str, characters: int | None) -> str:
    """The text up to there, and PR-Agent's mark for what is missing; empty for no characters."""
    if characters is None:
        return text
    return text[:characters] + CLIPPED if characters else ""
