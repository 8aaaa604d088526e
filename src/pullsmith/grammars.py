"""Languages other than Python, read through tree-sitter: which file is which, and what parses.

Takes paths and texts; gives names of languages and syntax trees. The parsers are the extra
[languages] and are imported when the first text is parsed. Refuses to know what is looked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from pullsmith.errors import MissingExtraError

if TYPE_CHECKING:
    from tree_sitter import Parser, Tree

LANGUAGES: tuple[str, ...] = ("javascript", "typescript", "go", "java", "rust")
# JSX and the old casts of TypeScript exclude each other, so one language has two grammars.
_GRAMMARS: dict[str, tuple[str, ...]] = {
    "javascript": ("javascript",),
    "typescript": ("typescript", "tsx"),
    "go": ("go",),
    "java": ("java",),
    "rust": ("rust",),
}
_ENTRIES: dict[str, tuple[str, str]] = {
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "java": ("tree_sitter_java", "language"),
    "rust": ("tree_sitter_rust", "language"),
}
_BY_SUFFIX: dict[str, str] = {
    ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx",
    ".go": "go", ".java": "java", ".rs": "rust",
}  # fmt: skip
_CLASS, _OBJECT = ("class A {\n", "\n}\n"), ("({\n", "\n})\n")
# What a function is put into where it does not parse alone: a class, or an object literal.
_WRAPPERS: dict[str, tuple[tuple[str, str], ...]] = {
    "javascript": (_CLASS, _OBJECT),
    "typescript": (_CLASS, _OBJECT),
    "go": (),
    "java": (_CLASS,),
    "rust": (),
}


def grammar_of(path: str) -> str | None:
    """The grammar a file is read with, by its suffix; None for a file of no known language."""
    return _BY_SUFFIX.get(PurePosixPath(path).suffix)


def language_of(path: str) -> str | None:
    """The language of a file by its suffix, one of LANGUAGES; None for any other file."""
    grammar = grammar_of(path)
    return "typescript" if grammar == "tsx" else grammar


def parse(source: bytes, grammar: str) -> Tree:
    """The syntax tree of UTF-8 ``source``, whole or broken; MissingExtraError without the extra."""
    return parser(grammar).parse(source)


def parses(text: str, language: str) -> bool:
    """Whether ``text``, a whole file or one function of it, holds no error and misses nothing.

    A method is also tried inside a class, one of an object literal inside an object. The empty
    text parses. Raises ValueError for a language that is none of LANGUAGES, MissingExtraError
    without the extra.
    """
    if language not in _GRAMMARS:
        raise ValueError(f"no such language: {language!r}; known: {', '.join(LANGUAGES)}")
    for grammar in _GRAMMARS[language]:
        for before, after in (("", ""), *_WRAPPERS[language]):
            source = f"{before}{text}{after}".encode()
            if not parse(source, grammar).root_node.has_error:
                return True
    return False


@cache
def parser(grammar: str) -> Parser:
    """The parser of a grammar; raises MissingExtraError with the pip command without the extra."""
    module, entry = _ENTRIES[grammar]
    library, binding = (need_language_module(name) for name in ("tree_sitter", module))
    made: Parser = library.Parser(library.Language(getattr(binding, entry)()))
    return made


def need_language_module(name: str, importer: Callable[[str], Any] = import_module) -> Any:  # noqa: ANN401  # a module
    """Import a module of the extra [languages]; MissingExtraError with the pip command."""
    try:
        return importer(name)
    except ImportError as error:
        raise MissingExtraError(
            f"planting in languages other than Python needs {name}, which cannot be imported "
            f"({error}): pip install 'pullsmith[languages]'"
        ) from error
