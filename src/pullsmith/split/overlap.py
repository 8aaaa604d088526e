"""Words in a row that training shares with what is evaluated: the evaluation set, or a benchmark.

Takes patches and texts, says whether other patches share 13 words in a row of added code with any
of them. A word is a run of letters, digits and underscores, case kept; what stands between
words is passed over, so that neither layout nor punctuation hides a copy. Knows no side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

WORDS = 13
_WORD = re.compile(r"\w+")


class Evaluated:
    """Everything that is evaluated, as rows of WORDS words, and where each was seen first."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, ...], str] = {}
        # First and last word of each row: one look-up rules most of a text out.
        self._ends: set[tuple[str, str]] = set()

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, words: Sequence[str], where: str) -> None:
        """Remember every row of ``words``; ``where`` is what drops will name."""
        for at, ends in enumerate(_ends(words)):
            self._seen.setdefault(tuple(words[at : at + WORDS]), where)
            self._ends.add(ends)

    def shared(self, words: Sequence[str]) -> tuple[str, str] | None:
        """(where, the words) of the first row of ``words`` that was seen, else None."""
        for at, ends in enumerate(_ends(words)):
            if ends in self._ends:
                row = tuple(words[at : at + WORDS])
                if row in self._seen:
                    return self._seen[row], " ".join(row)
        return None


def of_patches(records: Iterable[tuple[str, Iterable[str]]]) -> Evaluated:
    """The added code of pull requests, each an id and its patches."""
    found = Evaluated()
    for name, patches in records:
        for words in added_words(patches):
            found.add(words, name)
    return found


def of_texts(texts: Mapping[str, Iterable[str]]) -> Evaluated:
    """The words of the named benchmarks."""
    found = Evaluated()
    for name, each in texts.items():
        for text in each:
            found.add(_WORD.findall(text), name)
    return found


def overlap(patches: Iterable[str], evaluated: Evaluated) -> str | None:
    """Where a row of added code was seen and what it is; None where there is none."""
    for words in added_words(patches):
        if found := evaluated.shared(words):
            where, row = found
            return f"{where}: {row[:200]}"
    return None


def added_words(patches: Iterable[str]) -> Iterator[list[str]]:
    """The words of the added lines, file by file."""
    for patch in patches:
        added = [line[1:] for line in patch.split("\n") if line.startswith("+")]
        if words := _WORD.findall("\n".join(added)):
            yield words


def _ends(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(words, words[WORDS - 1 :], strict=False)
