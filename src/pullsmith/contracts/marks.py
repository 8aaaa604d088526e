"""Marks that set texts of other people apart in a prompt.

Takes the texts, gives a mark that stands in none of them. Knows no prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from pullsmith.records import digest


def free_mark(texts: Sequence[str]) -> str:
    """A mark that stands in none of ``texts``, the same for the same texts.

    It hangs on all of them together, so nobody who writes one of them can know it beforehand.
    """
    marks = (digest(["mark", salt, *texts])[:12] for salt in count())
    return next(mark for mark in marks if not any(mark in text for text in texts))
