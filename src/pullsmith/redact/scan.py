"""Running the rules over a text; e-mail addresses, which have no anchor at their start.

Takes text, gives spans in order and apart from each other. No span holds a line break.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from pullsmith.errors import SecretError
from pullsmith.redact.gitleaks import NO_RULES, FileRules
from pullsmith.redact.rules import EMAIL, PERSON, RULES, Rule

SCAN_LIMIT_CHARACTERS = 4_000_000


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A span of a text, ``start`` to ``end`` in characters, and the rule that found it."""

    start: int
    end: int
    rule_id: str


def scan_text(text: str, more: FileRules = NO_RULES) -> tuple[Finding, ...]:
    """What the rules find, ours and ``more``; empty for a clean text.

    Raises SecretError("too_long_to_scan") over SCAN_LIMIT_CHARACTERS.
    """
    if len(text) > SCAN_LIMIT_CHARACTERS:
        raise SecretError(
            "too_long_to_scan",
            f"{len(text)} characters; at most {SCAN_LIMIT_CHARACTERS} are scanned",
        )
    folded = _folded(text)
    found: list[Finding] = []
    for looked_at, anchors in ((text, _EXACT), (folded, _FOLDED)):
        for rule, anchor in anchors.in_text(looked_at):
            found.extend(_apply(rule, anchor, text, looked_at))
    found.extend(_addresses(text))
    for added in more.rules:
        found.extend(Finding(start, end, added.id) for start, end in added.spans(text, folded))
    return tuple(_apart(text, found))


_SHORT = 200  # characters: up to here looking one by one is faster
_END = "\x00\x00the end"


class _Anchors:
    """All anchors looked for in one pass: hardly a text has any, and looking one by one is slow."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.pairs = [(rule, anchor) for rule in rules for anchor in rule.anchors]
        options = re2.Options()
        options.literal = True
        self.all = re2.Set.SearchSet(options)
        for anchor in [*(anchor for _rule, anchor in self.pairs), _END]:
            self.all.Add(anchor)
        self.all.Compile()

    def in_text(self, text: str) -> list[tuple[Rule, str]]:
        """Every anchor that stands in the text, and its rule; perhaps others, never fewer."""
        if len(text) < _SHORT:
            return [pair for pair in self.pairs if pair[1] in text]
        found = self.all.Match(text.encode("utf-8", "surrogatepass") + _END.encode())
        if not found or len(self.pairs) not in found:
            return self.pairs  # re2 gave up, because even the end was not found
        return [self.pairs[number] for number in sorted(found) if number < len(self.pairs)]


_EXACT = _Anchors(rule for rule in RULES if not rule.folded)
_FOLDED = _Anchors(rule for rule in RULES if rule.folded)


def _folded(text: str) -> str:
    """``text`` in lower case, position by position; letters beyond ASCII become question marks."""
    if text.isascii():
        return text.lower()
    for line_break in "\x85\u2028\u2029":
        text = text.replace(line_break, "\n")
    # Not str.lower(), for which "İ" has two characters.
    return text.encode("ascii", "replace").decode("ascii").lower()


def _apply(rule: Rule, anchor: str, text: str, looked_at: str) -> Iterator[Finding]:
    at = looked_at.find(anchor)
    while at >= 0:
        match = rule.pattern.match(looked_at, at)
        if match:
            start, end = match.span(match.lastindex or 0)
            value = text[start:end].rstrip()  # a name ends before the blanks behind it
            if rule.accepts(value, match):
                yield Finding(start, start + len(value), rule.id)
        at = looked_at.find(anchor, at + 1)


_LOCAL = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-"
_DOMAIN = re.compile(r"@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9_(\[])")
_NOBODY = frozenset({"git", "noreply", "no-reply"})
# Reserved for examples (RFC 2606), and pictures such as icon@2x.png: nobody's addresses.
_NO_HOST = re.compile(
    r"(?:.+\.)?(?:example\.(?:com|org|net)|[^.]+\.(?:example|invalid|test|local))|\dx\.[a-z]+"
)
_WORD = r"[^\W\d_][\w.'\u2019-]{0,40}"
_NAME_BEFORE = re.compile(rf"({_WORD}(?:[ \t]{_WORD}){{0,3}})[ \t]{{0,2}}<\Z")


def _addresses(text: str) -> Iterator[Finding]:
    """E-mail addresses, and the capitalised name in front of one in angle brackets."""
    at = text.find("@")
    while at >= 0:
        match = _DOMAIN.match(text, at)
        if match and not _NO_HOST.fullmatch(match[1].lower()):
            before = text[max(0, at - 64) : at]
            local = before[len(before.rstrip(_LOCAL)) :].lstrip(".%+-")
            if local and local.lower() not in _NOBODY:
                yield Finding(at - len(local), match.end(1), EMAIL)
                yield from _name_before(text, at - len(local))
        at = text.find("@", at + 1)


def _name_before(text: str, start: int) -> Iterator[Finding]:
    offset = max(0, start - 120)
    match = _NAME_BEFORE.search(text[offset:start])
    if match and match[1][0].isupper():
        yield Finding(offset + match.start(1), offset + match.end(1), PERSON)


def _apart(text: str, findings: Iterable[Finding]) -> list[Finding]:
    """The findings in order; those that overlap become one, named by the one that starts first."""
    apart: list[Finding] = []
    for finding in sorted(findings):
        last = apart[-1] if apart else None
        if last is None or finding.start >= last.end:
            apart.append(finding)
        elif not (finding.rule_id == EMAIL and text.startswith("@", last.end)):
            # In scheme://user:SECRET@host the host looks like an address's and may stay.
            apart[-1] = Finding(last.start, max(last.end, finding.end), last.rule_id)
    return apart
