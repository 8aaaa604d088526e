"""Which language a text is in, by its script and by its small words; None where it cannot be told.

Takes prose, gives a Language. Small and cautious on purpose: it tells texts that are clearly not
English apart, and says nothing of names, code and half a sentence. The word lists are ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

_LEAST_LETTERS = 12
_LEAST_WORDS = 8
_LEAST_SMALL_WORDS = 3
_SCRIPT_SHARE = 0.3  # quoted words of another script are no text in it
# A script's first word in the names of its characters, and the languages written in it.
_SCRIPTS = {
    "CYRILLIC": "ru uk bg sr",
    "GREEK": "el",
    "HEBREW": "he",
    "ARABIC": "ar fa",
    "DEVANAGARI": "hi",
    "THAI": "th",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh ja",
}
# Words that carry a sentence in one of these languages and are rare in the others and in code.
_SMALL_WORDS = {
    "en": "the of and to is are that this it be not should with when which by from can would has was",
    "de": "der die das und ist nicht ein eine einen wird werden mit auf für dass oder sich beim wenn auch dem",
    "fr": "le la les des une est dans pour pas que qui sur avec cette ce sont être doit aux par",
    "es": "el los las una es en para por con que se del esta este como debe puede más pero sin",
    "pt": "os uma não para com que do da em por se mais deve pode esta este são ao pela quando",
    "it": "il lo gli una è di per con che non del della sono questo questa deve può più nel alla",
    "nl": "het een van en niet dat deze wordt worden met voor zijn moet kan bij door als ook naar maar",
}
_WORDS_OF = {code: frozenset(words.split()) for code, words in _SMALL_WORDS.items()}
_WORD = re.compile(r"(?<![\w.$@/])[^\W\d_]+(?![\w.$@/(]*[\w(])")


@dataclass(frozen=True)
class Language:
    """What a text is in: ``codes`` are the languages it may be, ``because`` is what was seen."""

    name: str
    codes: frozenset[str]
    because: str


def language_of(text: str) -> Language | None:
    """The language of a text; None where it is too short, or nothing is clear."""
    return by_script(text) or _by_small_words(text)


def by_script(text: str) -> Language | None:
    """The language of a text that is largely in one of the scripts known here; else None."""
    letters = [c for c in text if c.isalpha()]
    if all(ord(c) < 0x250 for c in letters):
        return None
    scripts = Counter(unicodedata.name(c, "?").split()[0] for c in letters)
    known = Counter({name: count for name, count in scripts.items() if name in _SCRIPTS})
    share = known.total() / len(letters)
    if len(letters) < _LEAST_LETTERS or share < _SCRIPT_SHARE:
        return None
    kana = known["HIRAGANA"] + known["KATAKANA"]
    name = "HIRAGANA" if kana else max(sorted(known), key=lambda each: known[each])
    return Language(
        name.lower(), frozenset(_SCRIPTS[name].split()), f"{share:.0%} of {len(letters)} letters"
    )


def _by_small_words(text: str) -> Language | None:
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < _LEAST_WORDS:
        return None
    counts = {code: sum(word in known for word in words) for code, known in _WORDS_OF.items()}
    best = max(sorted(counts), key=lambda code: counts[code])
    if best != "en" and counts[best] <= 2 * counts["en"]:
        best = "en" if counts["en"] >= _LEAST_SMALL_WORDS else ""
    if not best or counts[best] < _LEAST_SMALL_WORDS:
        return None
    return Language(best, frozenset({best}), f"{counts[best]} of {len(words)} words")
