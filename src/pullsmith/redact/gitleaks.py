"""Secret rules of the user's own, from a file in the gitleaks format; patterns run in linear time.

Takes a TOML file with ``[[rules]]`` (id, regex, secretGroup, entropy, keywords) and allowlists of
``regexes`` and ``stopwords``, of the file or of one rule; gives rules for the scan. A rule without a
``regex``, which is about paths alone, says nothing about text and is left out. ``path`` limits and
``commits`` are not looked at: what might be a secret in one file is one in any.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import re2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pullsmith.errors import StudyError
from pullsmith.records import digest


class _Allowlist(BaseModel):
    model_config = ConfigDict(extra="ignore")
    regexes: list[str] = []
    stopwords: list[str] = []


class _Rule(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)
    id: str
    regex: str = ""
    secret_group: int = Field(default=0, alias="secretGroup", ge=0)
    entropy: float = 0.0
    keywords: list[str] = []
    allowlist: _Allowlist = _Allowlist()
    allowlists: list[_Allowlist] = []


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")
    rules: list[_Rule] = []
    allowlist: _Allowlist = _Allowlist()
    allowlists: list[_Allowlist] = []


@dataclass(frozen=True)
class FileRule:
    """One rule of a file. ``spans`` gives where it finds something; never over a line's end."""

    id: str
    pattern: Any
    group: int
    entropy: float
    keywords: tuple[str, ...]
    allowed: tuple[Any, ...]
    stopwords: tuple[str, ...]

    def spans(self, text: str, folded: str) -> Iterator[tuple[int, int]]:
        """Start and end of every secret; ``folded`` is the text in lower case."""
        if self.keywords and not any(word in folded for word in self.keywords):
            return
        for match in self.pattern.finditer(text):
            start, end = match.span(self._group(match))
            secret = text[start:end]
            if secret.strip() and "\n" not in secret and not self._is_allowed(secret, match[0]):
                yield start, end

    def _group(self, match: Any) -> int:  # noqa: ANN401  # re2 has no types
        """The group that holds the secret: the one that is named, else the first that took part."""
        if self.group:
            return self.group
        groups = match.groups()
        return next((number for number, text in enumerate(groups, start=1) if text), 0)

    def _is_allowed(self, secret: str, match: str) -> bool:
        if secret.startswith("<masked-"):
            return True  # masked already
        if self.entropy and _entropy(secret) < self.entropy:
            return True
        folded = secret.lower()
        return any(word in folded for word in self.stopwords) or any(
            pattern.search(secret) or pattern.search(match) for pattern in self.allowed
        )


@dataclass(frozen=True)
class FileRules:
    """All rules of the named files, and a digest of what they say; none by default."""

    rules: tuple[FileRule, ...] = ()
    version: str = ""
    _sources: tuple[str, ...] = field(default=(), compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        # Patterns of re2 cannot be sent to another process: their text is.
        return parse_rules, (self._sources,)


NO_RULES = FileRules()


def read_rules(paths: Iterable[Path]) -> FileRules:
    """The rules of ``paths``; raises StudyError naming the file, the rule and what is wrong with it."""
    texts = []
    for path in paths:
        try:
            texts.append(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(f"select.secret_rules: {path}: cannot be read ({error})") from error
        parse_rules([texts[-1]], str(path))
    return parse_rules(texts)


def parse_rules(texts: Iterable[str], source: str = "secret rules") -> FileRules:
    """The rules in ``texts``, one file each."""
    sources = tuple(texts)
    rules: list[FileRule] = []
    for text in sources:
        try:
            file = _File.model_validate(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise StudyError(f"{source}: no rules in the gitleaks format: {error}") from error
        shared = [file.allowlist, *file.allowlists]
        rules += [_compiled(rule, shared, source) for rule in file.rules if rule.regex]
    return FileRules(tuple(rules), digest(sources) if sources else "", sources)


def _compiled(rule: _Rule, shared: Iterable[_Allowlist], source: str) -> FileRule:
    lists = [*shared, rule.allowlist, *rule.allowlists]
    pattern = _pattern(rule.regex, rule.id, source)
    if rule.secret_group > pattern.groups:
        raise StudyError(
            f"{source}: rule {rule.id!r}: secretGroup is {rule.secret_group} and its regex has "
            f"{pattern.groups} groups"
        )
    return FileRule(
        id=rule.id,
        pattern=pattern,
        group=rule.secret_group,
        entropy=rule.entropy,
        keywords=tuple(word.lower() for word in rule.keywords),
        allowed=tuple(_pattern(text, rule.id, source) for each in lists for text in each.regexes),
        stopwords=tuple(word.lower() for each in lists for word in each.stopwords),
    )


def _pattern(text: str, rule_id: str, source: str) -> Any:  # noqa: ANN401  # re2 has no types
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        raise StudyError(f"{source}: rule {rule_id!r}: {text!r}: {error}") from error


def _entropy(text: str) -> float:
    """Shannon's, in bits a character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
