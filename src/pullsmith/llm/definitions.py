"""Which lines of a piece of a file begin a definition: of a function, a method, a class and the like.

Takes lines and a path; gives row, kind and name. Patterns that hold for one line find the usual
forms of fifteen languages. For those with a grammar in the extra [languages], tree-sitter also finds
the unusual ones and says which lines are texts or comments; without it nothing else differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from pullsmith.grammars import grammar_of, parse

if TYPE_CHECKING:
    from tree_sitter import Node


class Definition(NamedTuple):
    """``row`` counts from 0."""

    row: int
    kind: str
    name: str


_ACCESS = r"(?:(?:public|protected|private|internal|abstract|static|final|sealed|override|virtual|async|synchronized|native|default|partial|open|data|readonly|unsafe|extern|inline|suspend)\s+)"
_JAVA_TYPE = r"(?:<[^>=()]+>\s+)?[A-Za-z_][\w.]*(?:<[^=()]*>)?(?:\[\])*\s+"
_NO_NAME = frozenset(
    [
        "if",
        "else",
        "for",
        "while",
        "switch",
        "catch",
        "return",
        "function",
        "with",
        "new",
        "throw",
        "do",
        "try",
        "typeof",
        "await",
        "yield",
        "in",
        "of",
        "case",
        "default",
        "delete",
        "void",
        "super",
        "import",
        "export",
        "synchronized",
        "using",
        "lock",
        "foreach",
        "elif",
        "match",
    ]
)
_LONG_QUOTES = re.compile(r"'''|\"\"\"")
_FUNCTION, _CLASS = "function", "class"
_JS = (
    (
        r"\s*(?:export\s+(?:default\s+)?)?(?:declare\s+)?(?:async\s+)?function\s*\*?\s*([\w$]+)\s*[<(]",
        _FUNCTION,
    ),
    (
        r"\s*(?:export\s+(?:default\s+)?)?(?:declare\s+)?(?:abstract\s+)?class\s+([\w$]+)\s*(?:[<{]|extends\b|implements\b|$)",
        _CLASS,
    ),
    (
        r"(?:export\s+)?(?:const|let|var)\s+([\w$]+)(?:\s*:[^=]+)?\s*=\s*(?:async\s+)?(?:function\b|\([^()]*\)\s*(?::[^=]+)?=>|[\w$]+\s*=>)",
        _FUNCTION,
    ),
    (r"(?:[\w$]+\.)+([\w$]+)\s*=\s*(?:async\s+)?function\b", _FUNCTION),
    (
        r"\s+(?:(?:public|private|protected|static|async|get|set|override)\s+)*\*?(#?[\w$]+)\s*\([^()]*\)\s*(?::\s*[^{=]+)?\{\s*$",
        "method",
    ),
)
_TS = (
    *_JS,
    (r"\s*(?:export\s+)?(?:declare\s+)?interface\s+([\w$]+)\s*(?:[<{]|extends\b|$)", "interface"),
    (r"\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+([\w$]+)\s*\{", "enum"),
    (r"\s*(?:export\s+)?(?:declare\s+)?type\s+([\w$]+)(?:<[^=]*>)?\s*=", "type"),
)
_NOTE = r"(?:@\w+(?:\([^()]*\))?\s+)*"
_JAVA = (
    (rf"\s*{_NOTE}{_ACCESS}*class\s+(\w+)\s*(?:[<{{:(]|extends\b|implements\b|where\b|$)", _CLASS),
    (rf"\s*{_ACCESS}*@?interface\s+(\w+)\s*(?:[<{{:]|extends\b|$)", "interface"),
    (rf"\s*{_ACCESS}*enum\s+(\w+)\s*(?:[{{:]|implements\b|$)", "enum"),
    (rf"\s*{_NOTE}{_ACCESS}+{_NOTE}{_JAVA_TYPE}(\w+)\s*\([^;=]*$", "method"),
    (rf"\s*{_NOTE}(?:public|protected|private)\s+([A-Z]\w*)\s*\([^;=]*\{{\s*$", "constructor"),
)
_PATTERNS: dict[str, tuple[tuple[str, str], ...]] = {
    "python": (
        (r"\s*(?:async\s+)?def\s+(\w+)", _FUNCTION), (r"\s*class\s+(\w+)\s*(?:[:(\[]|$)", _CLASS),
    ),
    "go": (
        (r"func\s+(?:\([^)]*\)\s*)?(\w+)\s*[\[(]", _FUNCTION),
        (r"type\s+(\w+)(?:\[[^\]]*\])?\s+struct\b", "struct"),
        (r"type\s+(\w+)(?:\[[^\]]*\])?\s+interface\b", "interface"),
    ),
    "rust": (
        (r"\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:default|const|async|unsafe|extern\s+\"[^\"]*\")\s+)*fn\s+(\w+)", _FUNCTION),
        (r"\s*(?:pub(?:\([^)]*\))?\s+)?struct\s+(\w+)", "struct"),
        (r"\s*(?:pub(?:\([^)]*\))?\s+)?enum\s+(\w+)", "enum"),
        (r"\s*(?:pub(?:\([^)]*\))?\s+)?(?:unsafe\s+)?trait\s+(\w+)", "trait"),
        (r"\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*\{", "module"),
        (r"\s*macro_rules!\s+(\w+)", "macro"),
    ),
    "java": _JAVA,
    "c#": _JAVA,
    "javascript": _JS,
    "jsx": _JS,
    "ts": _TS,
    "tsx": _TS,
    "php": (
        (rf"\s*{_ACCESS}*function\s+&?(\w+)\s*\(", _FUNCTION),
        (rf"\s*{_ACCESS}*(?:class|trait)\s+(\w+)", _CLASS),
    ),
    "ruby": (
        (r"\s*def\s+(?:self\.)?(\w+[?!=]?)", "method"), (r"\s*class\s+([A-Z][\w:]*)", _CLASS),
        (r"\s*module\s+([A-Z][\w:]*)", "module"),
    ),
    "kotlin": (
        (rf"\s*{_ACCESS}*fun\s+(?:<[^>]+>\s*)?(?:[\w<>?]+\.)?(\w+)\s*\(", _FUNCTION),
        (rf"\s*{_ACCESS}*(?:enum\s+)?(?:class|object)\s+(\w+)", _CLASS),
        (rf"\s*{_ACCESS}*interface\s+(\w+)", "interface"),
    ),
    "swift": (
        (rf"\s*{_ACCESS}*func\s+(\w+)\s*[<(]", _FUNCTION), (rf"\s*{_ACCESS}*class\s+(\w+)", _CLASS),
        (rf"\s*{_ACCESS}*struct\s+(\w+)", "struct"), (rf"\s*{_ACCESS}*protocol\s+(\w+)", "protocol"),
    ),
    "scala": (
        (r"\s*(?:(?:private|protected|override|final|implicit)\s+)*def\s+(\w+)", _FUNCTION),
        (r"\s*(?:(?:private|final|sealed|abstract|case|implicit)\s+)*(?:class|object|trait)\s+(\w+)", _CLASS),
    ),
    "shell": ((r"(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\)\s*\{?\s*$", _FUNCTION),),
}  # fmt: skip
_ALIASES = {"pyi": "python", "typescript": "ts", "csharp": "c#", "bash": "shell"}
_COMPILED = {
    language: tuple((re.compile(pattern), kind) for pattern, kind in patterns)
    for language, patterns in _PATTERNS.items()
}
# tree-sitter's names of nodes with a name field; a lexical declaration only where it is a function.
_NODES = {
    "function_declaration": _FUNCTION, "generator_function_declaration": _FUNCTION,
    "function_item": _FUNCTION, "method_definition": "method", "method_declaration": "method",
    "constructor_declaration": "constructor", "class_declaration": _CLASS,
    "abstract_class_declaration": _CLASS, "interface_declaration": "interface",
    "enum_declaration": "enum", "record_declaration": "record", "struct_item": "struct",
    "enum_item": "enum", "trait_item": "trait", "type_alias_declaration": "type",
}  # fmt: skip
_TEXTS = frozenset({
    "comment", "line_comment", "block_comment", "template_string", "raw_string_literal",
    "string_literal", "text_block",
})  # fmt: skip


def definitions(lines: Sequence[str], path: str, language: str) -> tuple[Definition, ...]:
    """What begins on which line, in their order, one a line; none for a language nobody knows here."""
    by_row = {each.row: each for each in _by_pattern(lines, language)}
    if by_row and language.lower() in ("python", "pyi"):
        quoted = _quoted(lines)
        by_row = {row: each for row, each in by_row.items() if row not in quoted}
    if _has_grammar(path):
        texts, found = _by_grammar("\n".join(lines), path)
        by_row = {row: each for row, each in by_row.items() if row not in texts}
        by_row = {**{each.row: each for each in found if each.row not in texts}, **by_row}
    return tuple(by_row[row] for row in sorted(by_row))


def _by_pattern(lines: Sequence[str], language: str) -> Iterator[Definition]:
    name = language.lower()
    patterns = _COMPILED.get(_ALIASES.get(name, name), ())
    for row, line in enumerate(lines):
        for pattern, kind in patterns:
            found = pattern.match(line)
            if found and found[1] not in _NO_NAME:
                yield Definition(row, kind, found[1])
                break


def _quoted(lines: Sequence[str]) -> set[int]:
    """The rows of Python that begin within a long string, where the piece begins outside of one."""
    rows: set[int] = set()
    inside = False
    for row, line in enumerate(lines):
        if inside:
            rows.add(row)
        inside ^= bool(len(_LONG_QUOTES.findall(line)) % 2)
    return set() if inside else rows


@lru_cache(maxsize=1)
def has_grammars() -> bool:
    """Whether the extra [languages] is installed."""
    return find_spec("tree_sitter") is not None


def _has_grammar(path: str) -> bool:
    return has_grammars() and grammar_of(path) is not None


@lru_cache(maxsize=256)
def _by_grammar(text: str, path: str) -> tuple[frozenset[int], tuple[Definition, ...]]:
    """The rows that begin within a text or comment, and the definitions."""
    texts: set[int] = set()
    found: list[Definition] = []
    stack = [parse(text.encode("utf-8", "replace"), grammar_of(path) or "").root_node]
    while stack:
        node = stack.pop()
        if node.type in _TEXTS:
            whole = node.start_point.column == 0 or node.type.endswith("comment")
            texts.update(range(node.start_point.row + (not whole), node.end_point.row + 1))
            continue
        definition = _definition(node)
        if definition is not None:
            found.append(definition)
        stack.extend(node.named_children)
    return frozenset(texts), tuple(found)


def _definition(node: Node) -> Definition | None:
    kind = _NODES.get(node.type)
    named = node.child_by_field_name("name") if kind else None
    if kind is None or named is None or named.text is None or named.is_missing:
        return None
    # What a broken piece is read as may be anything; a head without an error in it is one.
    body = node.child_by_field_name("body")
    head = [child for child in node.children if child != body]
    name = named.text.decode("utf-8", "replace")
    if any(child.has_error or child.is_missing for child in head) or name in _NO_NAME:
        return None
    return Definition(named.start_point.row, kind, name) if name.isidentifier() else None
