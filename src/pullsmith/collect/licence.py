"""Which licence a text is, or that we cannot say. Fails closed: one word more or less is unknown.

Takes the texts of a repository's licence files, gives ``LicenceEvidence``. Refuses to know which
licences are allowed. Texts to compare with come from the installed ``identify`` package; a text is
recognised when, without copyright lines, headings and layout, its words are exactly theirs. So a
known licence with a restriction added, left out or changed is unknown.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from identify.vendor.licenses import LICENSES

from pullsmith.records import LicenceEvidence, LicenceFile

MAX_BYTES = 200_000
_NAME = re.compile(
    r"^(?:un)?licen[cs]e(?:[._-].*)?$|^copying(?:[._-].*)?$|^copyright$|^mit-licen[cs]e(?:\..*)?$",
    re.IGNORECASE,
)
_CODE_SUFFIX = re.compile(r"\.(?:py|pyc|js|ts|go|rs|rb|java|c|h|cc|cpp|cs|sh|json|ya?ml)$", re.I)
# A restriction written into a copyright line would vanish with it: long lines stay, and do not
# match. A sentence that wraps before the word is told from such a line by the word after it.
_COPYRIGHT = re.compile(
    r"^(?!copyright (?:holders?|notices?|licen[cs]es?|owners?|laws?|statements?|interests?)\b)"
    r"(?:portions )?(?:copyright|\(c\)|©)(?:\W+\w+){0,14}\W*$",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"^(?:all|some) rights reserved\.?$", re.IGNORECASE)
_HEADING = re.compile(
    r"^(?:the )?(?:(?:mit|isc|zlib|postgresql|bsd|new bsd|modified bsd|simplified bsd|boost software)"
    r"(?: [0-9]-clause| zero[- ]clause)?|[0-9]-clause bsd|unlicense|apache)(?: software)? licen[cs]e"
    r"(?: \((?:mit|isc|bsd-[0-9]-clause|bsd)\))?\W*$",
    re.IGNORECASE,
)
_LAYOUT = re.compile(r"^[\s#/*;>|=~_-]+|[\s#*|=~_-]+$")
_NUMERAL = re.compile(r"^(?:\(?(?:[0-9]{1,2}|[a-z])[.)]\s+|[-*•]\s+)")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_URL = re.compile(r"<?https?://\S+>?")
# Names that licences leave open, in the few places where they do.
_OPEN_NAMES = (
    (re.compile(r"neither the names? of (?:\w+ ){1,8}?nor the names of"),
     "neither the name of NAME nor the names of"),
    (re.compile(r"nor the names of (?:its|their|the|any) contributors"), "nor the names of contributors"),
    (re.compile(r"by the (?:copyright holders?|authors?|regents|author and contributors) and contributors as is"),
     "by the copyright holders and contributors as is"),
    (re.compile(r"shall the (?:copyright (?:holder|owner)s?|authors?|regents) or contributors be"),
     "shall the copyright holder or contributors be"),
)  # fmt: skip
_NOTICE = "licensed under the apache license"  # the short notice alone is a grant as well
_APPENDIX = "end of terms and conditions"


def is_licence_name(name: str) -> bool:
    """Whether a file of this name in a repository's root states its licence."""
    return bool(_NAME.match(name)) and not _CODE_SUFFIX.search(name)


def recognise(text: str) -> str | None:
    """The SPDX id of a licence text, None where it is not exactly a known one; empty text is None."""
    words = _words(text)
    known = _known()
    found = known.get(words)
    if found is None and _APPENDIX in words:  # the how-to at the end is no part of the licence
        found = known.get(words.partition(_APPENDIX)[0].strip())
        tail = words.partition(_APPENDIX)[2].strip()
        if tail not in _tails():
            return None
    return found


def blob_sha(content: bytes) -> str:
    """Git's id (SHA-1) of a file with that content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def read_evidence(files: Mapping[str, bytes], found_at: str) -> LicenceEvidence | None:
    """The evidence of a repository's licence files (by path); None where it has none.

    Several files count together: an unknown one makes the whole unknown, different ones are
    joined with AND, which grants no more than any of them.
    """
    if not files:
        return None
    found = tuple(
        LicenceFile(
            path=path,
            blob_sha=blob_sha(content),
            spdx=recognise(content.decode("utf-8", "surrogateescape")),
        )
        for path, content in sorted(files.items())
    )
    return LicenceEvidence(
        spdx=_together([one.spdx for one in found]), files=found, found_at=found_at
    )


def _together(ids: Sequence[str | None]) -> str | None:
    known = {spdx for spdx in ids if spdx is not None}
    return " AND ".join(sorted(known)) if ids and None not in ids else None


def _words(text: str) -> str:
    """The words of a text that must be there, in order, in one spelling."""
    kept: list[str] = []
    for raw in text[:MAX_BYTES].replace("\u2019", "'").splitlines():
        line = _LAYOUT.sub("", " ".join(raw.split()))
        if _COPYRIGHT.match(line) or _RIGHTS.match(line) or _HEADING.match(line):
            continue
        line = _URL.sub("", _NUMERAL.sub("", line)).lower()
        kept += _WORD.findall(line.replace("licence", "license"))
    joined = " ".join(kept)
    for pattern, instead in _OPEN_NAMES:
        joined = pattern.sub(instead, joined)
    return joined


@lru_cache(maxsize=1)
def _known() -> Mapping[str, str]:
    texts = {_words(text): spdx for spdx, text in LICENSES}
    heads = {words.partition(_APPENDIX)[0].strip(): spdx for words, spdx in texts.items()}
    notices = {
        words[words.rindex(_NOTICE) :]: spdx
        for words, spdx in texts.items()
        if spdx == "Apache-2.0" and _NOTICE in words
    }
    return {**heads, **texts, **notices}


@lru_cache(maxsize=1)
def _tails() -> frozenset[str]:
    """What may follow the terms: nothing, or the how-to of a known text."""
    return frozenset({"", *(_words(text).partition(_APPENDIX)[2].strip() for _, text in LICENSES)})
