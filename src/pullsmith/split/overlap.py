"""Words in a row that training shares with what is evaluated: the evaluation set, or a benchmark.

Takes pull requests and texts, says which training records share 13 words in a row of added code
with any of them. A word is a run of letters, digits and underscores, case kept; what stands between
words is passed over, so that neither layout nor punctuation hides a copy. Knows no side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pullsmith.records import PullRequest

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


def of_pull_requests(records: Iterable[PullRequest]) -> Evaluated:
    """The added code of pull requests."""
    found = Evaluated()
    for record in records:
        for words in added_words(record):
            found.add(words, record.id)
    return found


def of_texts(texts: Mapping[str, Iterable[str]]) -> Evaluated:
    """The words of the named benchmarks."""
    found = Evaluated()
    for name, each in texts.items():
        for text in each:
            found.add(_WORD.findall(text), name)
    return found


def overlap(record: PullRequest, evaluated: Evaluated) -> str | None:
    """Where a row of the record's added code was seen and what it is; None where there is none."""
    for words in added_words(record):
        if found := evaluated.shared(words):
            where, row = found
            return f"{where}: {row[:200]}"
    return None


def added_words(record: PullRequest) -> Iterator[list[str]]:
    """The words of the added lines, file by file."""
    for file in record.files:
        added = [line[1:] for line in file.patch.split("\n") if line.startswith("+")]
        if words := _WORD.findall("\n".join(added)):
            yield words


def _ends(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(words, words[WORDS - 1 :], strict=False)
