"""What a repository itself says of its files: ``linguist-*`` in the ``.gitattributes`` of its root.

Takes the file's bytes, gives flags. It is read as data: git never sees it, and none of its other
attributes (filters, drivers, encodings) has any effect. Patterns become regular expressions of an
engine that takes linear time whatever they are.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import re2

from pullsmith.collect.paths import DOCS, GENERATED, VENDORED

MAX_BYTES = 100_000
MAX_RULES = 200  # later ones, and longer patterns, are not read: nobody writes them by hand
MAX_PATTERN = 100
_FLAGS = {
    "linguist-generated": GENERATED,
    "linguist-vendored": VENDORED,
    "linguist-documentation": DOCS,
}
_LINE = re.compile(r'[ \t]*("(?:[^"\\]|\\.)*"|[^ \t#"][^ \t]*)[ \t]+(.*)')
_OFF = frozenset({"false", "0"})
_PIECE = re.compile(r"\*\*/|/\*\*$|\*+|\?|\[[!^]?\]?[^\]/]*\]|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Rule:
    """Paths, and the flags they get (True) or lose (False)."""

    pattern: re2._Regexp
    flags: Mapping[str, bool]


class Attributes:
    """The rules of one file; the last one that says something of a flag is right."""

    def __init__(self, rules: Iterable[_Rule]) -> None:
        """``rules`` in the order of the file."""
        self._rules = tuple(rules)
        self._said = lru_cache(maxsize=1 << 13)(self._look_up)

    def flags(self, path: str, before: tuple[str, ...]) -> tuple[str, ...]:
        """A file's flags, sorted: those it had, without what is denied, with what is said."""
        said = self._said(path)
        if not said:
            return before
        kept = {flag for flag in before if said.get(flag, True)}
        return tuple(sorted(kept | {flag for flag, on in said.items() if on}))

    def _look_up(self, path: str) -> dict[str, bool]:
        said: dict[str, bool] = {}
        for rule in self._rules:
            if rule.pattern.fullmatch(path):
                said.update(rule.flags)
        return said


def parse_attributes(content: bytes) -> Attributes | None:
    """The rules about flags, None where there are none; lines git would not understand are skipped."""
    if b"linguist-" not in content:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    rules = [rule for rule in map(_rule, text.split("\n")) if rule]
    return Attributes(rules[:MAX_RULES]) if rules else None


def _rule(line: str) -> _Rule | None:
    found = _LINE.match(line.rstrip("\r"))
    if not found or "linguist-" not in found[2]:
        return None
    flags = {flag: on for word in found[2].split() for flag, on in _said(word)}
    pattern = _pattern(_unquoted(found[1]))
    return _Rule(pattern, flags) if flags and pattern else None


def _said(word: str) -> list[tuple[str, bool]]:
    """The flag and its value; none for other attributes and for ``!``, which says nothing."""
    name, _, value = word.partition("=")
    flag = _FLAGS.get(name.removeprefix("-"))
    return [(flag, not name.startswith("-") and value.lower() not in _OFF)] if flag else []


def _unquoted(pattern: str) -> str:
    if not pattern.startswith('"'):
        return pattern
    return codecs.escape_decode(pattern[1:-1].encode())[0].decode("utf-8", "replace")


def _pattern(glob: str) -> re2._Regexp | None:
    """Git's pattern as a regular expression of whole paths; None for what matches no file."""
    if len(glob) > MAX_PATTERN or glob.endswith("/") or glob.startswith(("!", "[attr]")):
        return None
    glob = "*" if glob == "/**" else glob  # everything; elsewhere two stars stand beside a slash
    anywhere = "/" not in glob
    pieces = [_piece(found[0]) for found in _PIECE.finditer(glob.removeprefix("/"))]
    try:
        return re2.compile(("(?:.*/)?" if anywhere else "") + "".join(pieces), _options())
    except re2.error:
        return None


def _options() -> re2.Options:
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False  # else a bad pattern of somebody's clone is on our stderr
    options.max_mem = 1 << 20
    return options


def _piece(piece: str) -> str:
    if piece in ("**/", "/**"):
        return "(?:.*/)?" if piece == "**/" else "/.+"
    if piece[0] == "*":
        return "[^/]*"
    if piece == "?":
        return "[^/]"
    if piece[0] == "[" and len(piece) > 2:
        inner = piece[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^/{inner[1:]}]" if inner[0] in "!^" else f"[{inner}]"
    return str(re2.escape(piece[-1]))
