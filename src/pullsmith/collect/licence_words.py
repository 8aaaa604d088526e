"""The words of a licence text that must be there, in order, whatever its layout.

Takes a text, gives its words in lower case: without comment leaders, list numerals, digits and
copyright lines, and with the few phrases that mean the same in one form. Every rule here is a place
where words can vanish, so each is as narrow as real texts allow. Knows no licence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pullsmith.collect.licence_names import is_name, is_party

_ENTITIES = {
    "quot": '"', "amp": "&", "lt": "<", "gt": ">", "copy": "©", "nbsp": " ", "apos": "'",
    "mdash": " ", "ndash": " ", "lsquo": "'", "rsquo": "'", "ldquo": '"', "rdquo": '"',
    "#39": "'", "#34": '"', "#169": "©", "#8217": "'", "#8220": '"', "#8221": '"',
}  # fmt: skip
# Well-formed and listed ones only: in HTML "&not" alone is a sign, and a word would be gone.
_ENTITY = re.compile(f"&({'|'.join(_ENTITIES)});", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:p|br|pre|b|i|em|strong|code|tt|center|h[1-6]|html|body|ul|ol|li)\s*/?>", re.I
)
_LEADER = re.compile(r"^[^\w©(<~]+")
_SCHEME = re.compile(r"\bhttps?://(?:www\.)?|\bwww\.")
_SUFFIX = re.compile(r"(?<=[a-z0-9])\.(?:txt|html|php)(?![a-z])")
_NUMERAL = re.compile(r"(?<!\w)\(?(?:[a-z]|[ivx]{1,4})[.)](?!\w)")
_WORD = re.compile(r"~~(?=\w)|[^\W\d_]+")  # words struck through are no longer said
# What follows tells a notice from a sentence that wraps before the word.
_COPYRIGHT = re.compile(
    r"(?:(?i:portions|parts|modifications)(?: are)?:? )?"
    r"(?:(?i:copyright)[ :,]*(?:(?i:\(c\))|©|(?i:by\b|19yy|yyyy)|(?:19|20)\d\d|[<\[{]|(?i:the )?[A-Z][a-z])"
    r"|(?:(?i:\(c\))|©)[ ,]*(?i:copyright|(?:19|20)\d\d|[<\[{])|© ?[A-Z]"
    r"|Copyright (?!holder|owner|notice|licen|law|statement|interest|and |or )[a-z])"
)
# A name that wraps: it ends in a comma, or inside brackets.
_GOES_ON = re.compile(r"(?:[,&]|\b(?:and|by)|[<\[({][^>\])}]*)$", re.IGNORECASE)
# Below a notice: another year, or the address that belongs to it.
_YEAR = re.compile(r"(?:\(c\)|©)? ?(?:19|20)\d\d\b|<[\w.+-]+@[\w.-]+>$", re.IGNORECASE)
_STATEMENT = re.compile(r"(?:copyright|\(c\)|©)+", re.IGNORECASE)
_RIGHTS = re.compile(r"\b(?:all|some)[\s#/*;>|-]+rights[\s#/*;>|-]+reserved\b\.?", re.IGNORECASE)
_POINTER = re.compile(
    r"[,(\s]*\b(?:see|as shown by)\s+(?:the\s+)?(?:file\s+)?`*(?:AUTHORS|CONTRIBUTORS|CREDITS)(?:\.\w+)?`*"
    r"(?:\s+file)?(?:\s+for\s+(?:(?:more|further)\s+(?:details|information)|(?:(?:a|the)\s+)?"
    r"(?:(?:full|complete)\s+)?list(?:\s+of\s+(?:authors|contributors|names))?|names))?\b[.)]*",
    re.IGNORECASE,
)
# From here on: words in lower case with one blank before and after each. Every pattern begins with
# plain letters, which `re` finds twenty times faster than a word boundary.
# Where licences leave a place for a name: what stands before it and after it.
_SLOTS = tuple(
    re.compile(rf"( {before} )((?:[^\W\d_]+ ){{1,10}}?)(?={after} )")
    for before, after in (
        ("neither the names?(?: of)?", "nor the names?"),
        ("nor the names? of", "may be used to endorse"),
        ("the names? of", "(?:may|shall) not be used"),
        ("provided by", "as is"),
        ("in no event (?:shall|will)", "be (?:held )?liable"),
        ("bsd license for", "software redistribution"),
        ("as is and", "disclaims? all warranties"),
    )
)
# Where a part of the work comes from: four names and a file.
_ORIGIN = re.compile(
    r"(\w+) uses parts of ((?:\w+ ){1,3}?)written by ((?:\w+ ){1,4}?)and maintained by "
    r"((?:\w+ ){1,4}?)this is limited to code in (?:the )?((?:\w+ ){1,3}?)(?:py|js|rb|go|rs|c) (?:module )?"
)
# What is said in several ways and means the same, and how it is said here.
_SAME = tuple(
    (re.compile(f" {pattern}(?= )"), f" {instead}" if instead else "")
    for pattern, instead in (
        ("all rights reserved", ""),
        ("some rights reserved", ""),
        ("end of terms and conditions", ""),
        (r"sub (licens\w+)", r"sub\1"),
        ("non (infringement|exclusive|transferable|commercial|profit)", r"non\1"),
        ("and or distribute this software for any", "and distribute this software for any"),
        ("acknowledgement", "acknowledgment"),
        ("copyright owner", "copyright holder"),
        ("disclaim all warranties", "disclaims all warranties"),
        ("including the next paragraph shall be included", "shall be included"),
        ("gnu (?:lesser |library |affero )?general public license terms and conditions", "terms and conditions"),
        ("forms of the software as well as documentation with", "forms with"),
        ("this software and documentation (is provided|even if)", r"this software \1"),
        ("neither the names?(?: of)? NAME nor the names? of NAME may be", "no name may be"),
        ("the names? of NAME may not be used to endorse", "no name may be used to endorse"),
        ("a brief idea", "an idea"),
        ("bsd license for NAME software", "bsd license"),
        (r"(?:this|the) (?:gnu )?general public license does not permit (?:\w+ ){20,60}?instead of this license", ""),
        ("copyright (?:yyyy|yy|year) (?:name of author|your name)", ""),
        ("gnu org (?:copyleft|philosophy)", "gnu org licenses"),
        ("franklin st(?:reet)?(?: fifth floor)? boston ma(?: usa)?", ""),
        ("temple place(?: suite)? boston ma(?: usa)?", ""),
    )
)  # fmt: skip


def words_of(text: str) -> list[str]:
    """The words in order; none for an empty text, or one of copyright lines alone."""
    plain = _SUFFIX.sub("", _SCHEME.sub("", " ".join(_lines(text)).lower()))
    plain = plain.replace("licence", "license")
    joined = f" {' '.join(_WORD.findall(_NUMERAL.sub(' ', plain)))} "
    for place in _SLOTS:
        joined = place.sub(_name, joined)
    for pattern, instead in _SAME:
        joined = pattern.sub(instead, joined)
    if " uses parts of " in joined:
        joined = _ORIGIN.sub(_origin, joined)
    return joined.split()


def _name(found: re.Match[str]) -> str:
    return f"{found[1]}NAME " if is_party(found[2]) else found[0]


def _origin(found: re.Match[str]) -> str:
    return "" if all(is_party(name) for name in found.groups()) else found[0]


def _lines(text: str) -> Iterator[str]:
    """Lines without leaders, and without those that only say whose the work is."""
    text = _ENTITY.sub(lambda found: _ENTITIES[found.group(1).lower()], text)
    text = _RIGHTS.sub("", _POINTER.sub("", _TAG.sub(" ", text)))
    goes_on = after_one = False
    for raw in text.splitlines():
        line = _LEADER.sub("", " ".join(raw.split()))
        starts = _COPYRIGHT.match(line) is not None
        if (starts or goes_on or (after_one and _YEAR.match(line))) and _is_notice(line):
            after_one, goes_on = True, _GOES_ON.search(line) is not None
            continue
        after_one = goes_on = False
        yield line


def _is_notice(line: str) -> bool:
    """Whether every statement in it is a name; a line can hold several."""
    return all(is_name(statement) for statement in _STATEMENT.split(line))
