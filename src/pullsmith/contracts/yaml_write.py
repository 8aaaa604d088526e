r"""YAML written in one way: block scalars for prose and code, plain words, quotes where nothing else is safe.

Takes a tree of mappings, lists, texts and whole numbers; gives text without a last newline. Written
by hand and not by a library's emitter, so that the bytes are the same on every machine and with
every version of it. Knows no contract.

A block scalar ``|`` holds its text without the line break that ends it (``yaml_read`` reads it so);
a text that does end in a line break is written in double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence

import yaml

Tree = str | int | Sequence["Tree"] | Mapping[str, "Tree"]
# Always block scalars, also when one short line: a model need not learn when to quote.
BLOCK_FIELDS = frozenset({
    "changes_summary", "changes_title", "description", "existing_code", "improved_code",
    "issue_content", "issue_header", "one_sentence_summary", "relevant_tests", "security_concerns",
    "suggestion_content", "suggestion_summary", "title", "why",
})  # fmt: skip
_PLAIN = re.compile(r"[A-Za-z0-9_./][\w./+-]*#?(?: [\w./+-]+#?)*", re.ASCII)
# Not printable in YAML, or a line break for some of its readers.
_NO_BLOCK = re.compile(
    "[^\t\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_NO_QUOTE = re.compile(
    '["\\\\]|[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]'
)


def write_yaml(tree: Mapping[str, Tree], block: Container[str] = BLOCK_FIELDS) -> str:
    """``tree`` as YAML in block style; keys keep their order and must be plain words.

    Texts under the keys ``block`` are block scalars, however short.
    """
    return "\n".join(_mapping(tree, "", block)) if tree else "{}"


def implicit_tag(text: str) -> str:
    """What YAML 1.1 takes an unquoted ``text`` for: "str", "int", "bool", "null" and the like."""
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers
    for tag, pattern in [*resolvers.get(text[:1], []), *resolvers.get(None, [])]:
        if pattern.match(text):
            return str(tag).rpartition(":")[2]
    return "str"


def _mapping(tree: Mapping[str, Tree], indent: str, block: Container[str]) -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, str):
            yield from _text(f"{indent}{key}: ", value, indent, block=key in block)
        elif isinstance(value, int):
            yield f"{indent}{key}: {value}"
        elif not value:
            yield f"{indent}{key}: " + ("{}" if isinstance(value, Mapping) else "[]")
        elif isinstance(value, Mapping):
            yield f"{indent}{key}:"
            yield from _mapping(value, indent + "  ", block)
        else:
            yield f"{indent}{key}:"
            for item in value:
                yield from _item(item, indent, block)


def _item(item: Tree, indent: str, block: Container[str]) -> Iterator[str]:
    if isinstance(item, Mapping) and item:
        first, *rest = _mapping(item, indent + "  ", block)
        yield f"{indent}- {first[len(indent) + 2 :]}"
        yield from rest
    elif isinstance(item, str):
        yield f"{indent}- {item if _plain(item) else _quoted(item)}"
    elif isinstance(item, int):
        yield f"{indent}- {item}"
    else:
        raise TypeError(f"no YAML form here for a {type(item).__name__} in a list")


def _text(head: str, text: str, indent: str, *, block: bool) -> Iterator[str]:
    if not block and _plain(text):
        yield head + text
    elif text.strip() and not text.endswith("\n") and not _NO_BLOCK.search(text):
        # Without the number a reader would take leading blanks for indentation.
        yield head + ("|2" if text[0] in " \t\n" else "|")
        for line in text.split("\n"):
            yield f"{indent}  {line}" if line else ""
    else:
        yield head + _quoted(text)


def _plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and implicit_tag(text) == "str"


def _quoted(text: str) -> str:
    return f'"{_NO_QUOTE.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
