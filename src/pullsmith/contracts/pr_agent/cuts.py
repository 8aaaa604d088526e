"""Which hunks, and how much of the last one, a cut text of a file still shows.

Takes a file's text as PR-Agent writes it and where it is cut, gives the same place in the patch, so
that other contracts can show as much. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pullsmith.contracts.pr_agent.files import File
from pullsmith.diff.shown import hunks_of
from pullsmith.records import Cut, ShownFile

_HALF = re.compile(r"^__(new|old) hunk__$", re.MULTILINE)
_HUNK = re.compile(r"^@@ -", re.MULTILINE)


def cut_file(file: File, text: str, characters: int, hunks: Sequence[int]) -> ShownFile:
    """The file as far as ``text[:characters]`` shows it, of ``hunks``; maybe nothing but its name."""
    kept = text[:characters]
    starts = [match.start() for match in _HUNK.finditer(kept)][: len(hunks)]
    while starts:
        lines = _patch_lines(file, hunks[len(starts) - 1], kept[starts[-1] :])
        if lines:
            cut = Cut(characters=characters, lines=lines)
            return ShownFile(path=file.path, hunks=tuple(hunks[: len(starts)]), cut=cut)
        kept = kept[: starts.pop()]
    return ShownFile(path=file.path, hunks=(), cut=Cut(characters=characters, lines=0))


def _patch_lines(file: File, hunk: int, kept: str) -> int:
    """How many lines of the hunk, in the patch's order, ``kept`` has; 0 where it has none of the new."""
    signs = [line[:1] for line in hunks_of(file.change)[hunk].lines]
    halves = _HALF.split(kept)
    if len(halves) == 1:  # not split into halves
        return min(len(kept.splitlines()) - 1, len(signs))
    if "old" in halves[1::2]:  # all new lines stand before
        return len(signs)
    return next(_reaching(signs, len(halves[2].splitlines()) - 1), len(signs))


def _reaching(signs: Sequence[bytes], new_lines: int) -> Iterator[int]:
    """How many lines there are up to the ``new_lines``-th of the new side."""
    if new_lines <= 0:
        yield 0
    for number, sign in enumerate(signs, 1):
        new_lines -= sign in (b" ", b"+", b"")
        if new_lines <= 0:
            yield number
