from __future__ import annotations

import pytest

from pullsmith.errors import MissingExtraError
from pullsmith.grammars import (
    LANGUAGES,
    language_of,
    need_language_module,
    parses,
)

LANGUAGE = {
    "a/b.js": "javascript",
    "b.mjs": "javascript",
    "b.cjs": "javascript",
    "b.jsx": "javascript",
    "a.ts": "typescript",
    "a.d.ts": "typescript",
    "a.mts": "typescript",
    "a.tsx": "typescript",
    "a.go": "go",
    "A.java": "java",
    "a.rs": "rust",
    "a.py": None,
    "a.json": None,
    "js": None,
    "": None,
}
WHOLE = {
    "javascript": "const a = <b c={1}>d</b>;\n",
    "typescript": "const a = <B>c;\n",
    "go": "package a\n\nfunc f() {}\n",
    "java": "class A {\n}\n",
    "rust": "fn f<'a>(b: &'a str) -> u8 { 1 }\n",
}
LIFTED = [
    ("javascript", "  async send(a) {\n    return a;\n  }\n"),
    ("javascript", "  send(a) {\n    return a;\n  },\n"),
    ("javascript", "  get size() {\n    return 1;\n  }\n"),
    ("javascript", "  send: function (a) {\n    return a;\n  },\n"),
    ("typescript", "  private send<T>(a: T): T {\n    return a;\n  }\n"),
    ("typescript", "function f() {\n  return <b>c</b>;\n}\n"),
    ("go", "func (a *B) c() error {\n\treturn nil\n}\n"),
    ("java", "    @Override\n    public int f() {\n        return 1;\n    }\n"),
    ("java", "    public A(int b) {\n        super(b);\n    }\n"),
    ("rust", "    #[inline]\n    pub fn f(&self) -> u8 {\n        1\n    }\n"),
]
BROKEN = [
    ("javascript", "function f( {\n"),
    ("javascript", "const a = ;\n"),
    ("typescript", "const a: = 1;\n"),
    ("go", "func f( {}\n"),
    ("go", "func f() { if a b {} }\n"),
    ("java", "class A { int f() { return 1 } }\n"),
    ("rust", "fn f() -> { 1 }\n"),
    ("rust", "fn f() { let a = ; }\n"),
]


@pytest.mark.parametrize("path", LANGUAGE)
def test_the_language_is_told_by_the_suffix(path: str) -> None:
    assert language_of(path) == LANGUAGE[path]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_files_and_the_empty_text_parse(language: str) -> None:
    assert parses(WHOLE[language], language)
    assert parses("", language)
    assert not parses(WHOLE[language] + "}\n", language)


@pytest.mark.parametrize(("language", "text"), LIFTED)
def test_functions_taken_out_of_their_class_parse(language: str, text: str) -> None:
    assert parses(text, language)
    assert not parses(text.replace("}", "", 1), language)


@pytest.mark.parametrize(("language", "text"), BROKEN)
def test_an_error_or_a_missing_part_is_seen(language: str, text: str) -> None:
    assert not parses(text, language)


def test_an_unknown_language_is_an_error_that_names_the_known() -> None:
    with pytest.raises(ValueError, match="no such language: 'cobol'; known: javascript"):
        parses("", "cobol")


def test_without_the_extra_the_pip_command_is_given() -> None:
    def absent(name: str) -> object:
        raise ImportError(f"No module named {name!r}")

    with pytest.raises(MissingExtraError, match=r"needs tree_sitter_go.*'pullsmith\[languages\]'"):
        need_language_module("tree_sitter_go", absent)


def test_importing_the_package_imports_no_parser() -> None:
    import subprocess
    import sys

    code = (
        "import sys, pullsmith.collect.planted.languages\n"
        "assert not [name for name in sys.modules if name.startswith('tree_sitter')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
