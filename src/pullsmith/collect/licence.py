"""Which licence a text is, or that we cannot say. Fails closed: one word more or less is unknown.

Takes the texts of a repository's licence files, gives ``LicenceEvidence``. A text is recognised when
its words, in order, are those of known passages and of nothing else, save titles that name the same
licence. There is no score and no threshold: what remains of a text over, however short, makes it
unknown. Refuses to know which licences are allowed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pullsmith.collect.licence_texts import (
    Passage,
    Passages,
    all_passages,
    common_passages,
    passage_at,
)
from pullsmith.collect.licence_words import words_of
from pullsmith.records import LicenceEvidence, LicenceFile

MAX_BYTES = 200_000
MOST_TITLE_WORDS = 20
_NAME = re.compile(
    r"^(?:(?:un)?licen[cs]e|copying|(?:mit|apache|bsd|gpl|lgpl)[-_]licen[cs]e|patents|copyright)"
    r"(?:[._-].*)?$",
    re.IGNORECASE,
)
_CODE_SUFFIX = re.compile(
    r"\.(?:py|pyc|js|mjs|ts|go|rs|rb|java|kt|c|h|cc|cpp|cs|sh|pl|php|json|ya?ml|toml|gradle)$",
    re.IGNORECASE,
)
# A note that lets choose among licences whose texts lie beside it: names, and words that limit nothing.
_NOTE_NAMES = (
    (re.compile(r"\bapache(?: software)?(?: license)?(?: version)?\b"), "Apache-2.0"),
    (re.compile(r"\bmit\b"), "MIT"),
    (re.compile(r"\b(?:the )?unlicense\b"), "Unlicense"),
    (re.compile(r"\bisc\b"), "ISC"),
    (re.compile(r"\bzlib\b"), "Zlib"),
)  # fmt: skip
_NOTE_WORDS = frozenset({
    "and", "are", "as", "at", "available", "both", "can", "choice", "code", "copy", "crate",
    "details", "distributed", "dual", "either", "file", "files", "found", "in", "is", "it",
    "library", "license", "licensed", "licenses", "made", "may", "md", "of", "opensource",
    "option", "or", "org", "package", "project", "see", "software", "source", "terms", "the",
    "this", "to", "txt", "under", "use", "version", "work", "you", "your",
})  # fmt: skip
_CONTRIBUTION = re.compile(
    r"contributions to (?:\w+ ){0,3}?(?:is|are) made under the terms of both these licenses"
    r"|(?:contributions? )?unless you explicitly state otherwise any contribution intentionally submitted"
    r" for inclusion in (?:the work|this project|this crate|\w+) by you as defined in the apache license"
    r" shall be dual licensed as above without any additional terms or conditions"
)
_MOST_NOTE_WORDS = 120


def is_licence_name(name: str) -> bool:
    """Whether a file of this name in a repository's root states its licence."""
    return bool(_NAME.match(name)) and not _CODE_SUFFIX.search(name)


def is_licence_folder(name: str) -> bool:
    """Whether a folder of this name in a repository's root holds one licence a file, each counting."""
    return name.upper() in ("LICENSES", "LICENCES")


def recognise(text: str) -> str | None:
    """The SPDX expression of a text, None where it is not exactly known licences; empty text is None.

    Several licences in one text are joined with AND; a note that lets choose is joined with OR.
    """
    if len(text) > MAX_BYTES:  # what lies beyond would go unread
        return None
    words = words_of(text)
    ids = _granted(words, common_passages()) or _granted(words, all_passages())
    return _joined(ids) if ids else _choice(" ".join(words))


@lru_cache(maxsize=1 << 12)
def recognise_blob(content: bytes) -> str | None:
    """The same for the bytes of a file; what is not UTF-8 is read as Latin-1."""
    try:
        return recognise(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return recognise(content.decode("latin-1"))


def blob_sha(content: bytes) -> str:
    """Git's id (SHA-1) of a file with that content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def read_evidence(files: Mapping[str, bytes], found_at: str) -> LicenceEvidence | None:
    """The evidence of licence files (by path) that come from no repository; None without files."""
    found = [
        LicenceFile(path=path, blob_sha=blob_sha(content), spdx=recognise_blob(content))
        for path, content in sorted(files.items())
    ]
    return evidence_of(found, found_at)


def evidence_of(files: Sequence[LicenceFile], found_at: str) -> LicenceEvidence | None:
    """What several files say together; None where there are none.

    An unknown one makes the whole unknown; different ones are joined with AND, which grants no more
    than any of them. A note that lets choose counts where the texts it names are there.
    """
    if not files:
        return None
    return LicenceEvidence(
        spdx=_together([one.spdx for one in files]), files=tuple(files), found_at=found_at
    )


def _together(expressions: Sequence[str | None]) -> str | None:
    known = {one for one in expressions if one is not None}
    if None in expressions:
        return None
    notes = {one for one in known if " OR " in one}
    texts = {spdx for one in known - notes for spdx in one.split(" AND ")}
    chosen = {spdx for note in notes for spdx in note.split(" OR ")}
    if not chosen <= texts or len(notes) > 1:
        return None
    rest = sorted(texts - chosen)
    if not notes:
        return _joined(rest)
    (note,) = notes
    return " AND ".join([f"({note})", *rest]) if rest else note


def _joined(ids: Sequence[str]) -> str:
    return " AND ".join(sorted(set(ids)))


def _granted(words: list[str], passages: Passages) -> list[str]:
    """The licences whose passages make up all the words; none where a word is left over."""
    ids: list[str] = []
    title: set[str] = set()
    at = begun = 0
    while at < len(words):
        passage = passage_at(passages, words, at)
        if passage is None:
            title.add(words[at])
            at += 1
            if at - begun > MOST_TITLE_WORDS:
                return []
        elif _fits(passage, title, ids):
            ids.append(passage.spdx)
            at = begun = at + len(passage.words)
            title = set()
        else:
            return []
    return [] if title else ids


def _fits(passage: Passage, title: set[str], before: Sequence[str]) -> bool:
    return title <= passage.title and (passage.grants or passage.spdx in before[-1:])


def _choice(words: str) -> str | None:
    """The expression of a note that names licences and lets choose, None for anything else."""
    rest = _CONTRIBUTION.sub(" ", words)
    if len(rest.split()) > _MOST_NOTE_WORDS or not re.search(r"\b(?:either|or)\b", rest):
        return None
    ids = []
    for pattern, spdx in _NOTE_NAMES:
        rest, times = pattern.subn(" ", rest)
        ids += [spdx] if times else []
    if len(ids) < 2 or not set(rest.split()) <= _NOTE_WORDS:
        return None
    return " OR ".join(sorted(ids))
