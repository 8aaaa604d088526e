"""Whether words are somebody's name, and say nothing else.

Takes what stands where licences name a person or a body: copyright lines and a few open places.
What passes here is left out of the comparison, so a restriction must not: words that grant or
limit never pass, nor do sentences. Knows no licence.
"""

from __future__ import annotations

import re

MOST_WORDS = 12
# A site without its scheme counts in brackets only: elsewhere it may be a sentence that lacks a blank.
_LINK = re.compile(
    r"[\w.+-]+@[\w.-]+|https?://[^\s<>()]+|www\.[^\s<>()]+"
    r"|(?<=[(<\[])(?:[a-z\d-]+\.)+[a-z]{2,}(?:/[^\s<>()\[\]]*)?(?=[)>\]])",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# No name is made of these; each of them could turn a name into a condition.
_SAYS = re.compile(
    r"(?<![^\W_])(?:no|not|non|none|nor|never|only|just|except\w*|exclud\w*|unless|without|must|shall|"
    r"cannot|should|would|if|when|while|where|provid\w*|subject|condition\w*|clause\w*|terms?|unde?r|"
    r"grants|granted|granting|permi\w*|allow\w*|forbid\w*|prohibit\w*|restrict\w*|limit\w*|den(?:y|ied|ies)|refus\w*|"
    r"ban|bans|banned|revok\w*|terminat\w*|us(?:e|es|ed|er|ers|ing|age|able)|cop(?:y|ies|ying)|"
    r"modif\w*|distribut\w*|redistribut\w*|sublicen\w*|licen[cs]\w*|sell\w*|sold|sale\w*|resell\w*|"
    r"resale|buy\w*|purchas\w*|pay\w*|paid|fees?|royalt\w*|charg\w*|commerc\w*|noncommerc\w*|profit\w*|"
    r"nonprofit\w*|purpos\w*|personal\w*|private\w*|internal\w*|educational\w*|academic\w*|evaluat\w*|"
    r"propriet\w*|confidential\w*|secret\w*|milit\w*|weapon\w*|warfare|army|evil|harm\w*|nuclear|"
    r"surveil\w*|warrant\w*|liab\w*|claim\w*|damage\w*|notices?|patent\w*|require\w*|consent\w*|approv\w*|"
    r"agree\w*|written|saas|host(?:s|ed|ing)?|compet\w*|employ\w*|train(?:s|ed|ing)?|scrap(?:e|ing))(?![^\W_])",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:may|might|will|can|could|is|are|be|been|was|has|have|had|do|does|did|to|on|in|with|from|at|as|any|"
    r"you|your|we|it|they|this|that|these|those|which|who|whom|nobody|nothing|but|so|than)\b"
)
_FOR = re.compile(r"(?<!institute )(?<!cent(?:er|re) )\bfor\b", re.IGNORECASE)
_SMALL = frozenset({
    "a", "affiliates", "al", "and", "author", "authors", "by", "collaborators", "community",
    "contributor", "contributors", "copyright", "core", "de", "del", "den", "der", "developer",
    "developers", "di", "dos", "email", "et", "fullname", "group", "holder", "holders", "http",
    "individual", "its", "la", "le", "maintainers", "members", "name", "of", "or", "original",
    "other", "others", "owner", "owners", "present", "project", "respective", "team", "teams",
    "the", "to", "und", "van", "von", "www", "x", "y", "year", "yyyy",
})  # fmt: skip
_LATIN_END = "\u0250"


def is_name(line: str) -> bool:
    """Whether a line (or the rest of one) is names, years and addresses; true for an empty one.

    At most MOST_WORDS words, Latin letters, and hardly a word in lower case: sentences have many.
    """
    if _SAYS.search(line) or _FOR.search(line) or "~~" in line:
        return False
    words = _NAME.findall(_LINK.sub(" ", line))
    if len(words) > MOST_WORDS or any(max(word) >= _LATIN_END for word in words):
        return False
    lower = [word for word in words if word.islower() and word not in _SMALL]
    capital = any(not word.islower() and word.lower() not in _SMALL for word in words)
    return len(lower) <= (1 if capital else 2)


def is_party(words: str) -> bool:
    """Whether words in lower case, from the middle of a licence, name who speaks in it."""
    return not (_SAYS.search(words) or _VERB.search(words) or _FOR.search(words))
