"""Sites of generated files: the line differs, the file parses, and its tree is another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_sitter import Node

from pullsmith.collect.planted.languages.operators import OPERATOR_KINDS, file_sites
from pullsmith.grammars import LANGUAGES, grammar_of, parse, parses

PATHS = dict(zip(LANGUAGES, ("a.js", "a.ts", "a.go", "A.java", "a.rs"), strict=True))
NAMES = st.sampled_from(["source", "target", "start", "end"])
SIGNS = st.sampled_from(["<", "<=", ">", ">="])
TESTS = {
    "javascript": ["{a}", "!{a}", "{a} === {b}", "!({a} && {b})", "{a}.{b}()", "{a} {s} {b} - 1"],
    "typescript": ["{a}", "!{a}", "{a} !== {b}", "!({a} || {b})", "{a}?.{b}", "{a} {s} {b}"],
    "go": ["{a}", "!{a}", "{a} != nil", "!({a} && {b})", "len({a}) {s} {b}", "{a}[{b}-1] == {b}"],
    "java": ["{a}", "!{a}", "{a} == null", "{a} instanceof B", "{a}.{b}() {s} 1", "({a} + 1) * 2 == {b}"],
    "rust": ["{a}", "!{a}", "{a} == {b}", "{a}.{b}()", "{a} {s} {b}", "matches!({a}, {b})"],
}  # fmt: skip
BODIES = {
    "javascript": ["copy({a}, {b});", "return copy({a}, {b});", "x = `${{ {a} - 1 }}`; // {a} - 1"],
    "typescript": ["copy({a}, {b});", "return copy({a}, {b});", "const {a}x: number = {b} + 1;"],
    "go": ["copy({a}, {b})", "return find({a}, {b})", "x = {a}[:len({a})-1]"],
    "java": ["copy({a}, {b});", "return copy({a}, {b});", "int x = ({a} - 1) / 2;"],
    "rust": ["copy({a}, {b});", "return count(&{a});", "for i in 0..{a} {{ let c = i - 1; }}"],
}
IFS = {
    "javascript": "if ({t}) {{\n    {b}\n  }}",
    "typescript": "if ({t}) {{\n    {b}\n  }}",
    "go": "if {t} {{\n    {b}\n  }}",
    "java": "if ({t}) {{\n    {b}\n  }}",
    "rust": "if {t} {{\n    {b}\n  }}",
}
FRAMES = {
    "javascript": "function f(source, target, start, end) {{\n{b}\n}}\n",
    "typescript": "function f(source: A, target: A, start: A, end: A) {{\n{b}\n}}\n",
    "go": "package p\n\nfunc f(source, target, start, end int) int {{\n{b}\n}}\n",
    "java": "class A {{\nint f(int source, int target, int start, int end) {{\n{b}\n}}\n}}\n",
    "rust": "fn f(source: A, target: A, start: A, end: A) -> A {{\n{b}\n}}\n",
}


@st.composite
def files(draw: st.DrawFn, language: str) -> str:
    """A file of a few statements, each an if, a call, a return or a sum."""

    def filled(text: str) -> str:
        return text.format(a=draw(NAMES), b=draw(NAMES), s=draw(SIGNS))

    blocks = []
    for _ in range(draw(st.integers(1, 5))):
        body = filled(draw(st.sampled_from(BODIES[language])))
        test = filled(draw(st.sampled_from(TESTS[language])))
        nested = draw(st.booleans())
        blocks.append("  " + (IFS[language].format(t=test, b=body) if nested else body))
    return FRAMES[language].format(b="\n".join(blocks))


def leaves(node: Node) -> Iterator[tuple[str, bytes | None]]:
    """Types of all nodes and the texts of the last ones, in order."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one.type, None if one.children else one.text
        stack.extend(reversed(one.children))


def tree_of(path: str, text: str) -> list[tuple[str, bytes | None]]:
    return list(leaves(parse(text.encode(), str(grammar_of(path))).root_node))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_site_changes_one_line_and_what_it_means(language: str) -> None:
    kinds = set()
    path = PATHS[language]

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(files(language))
    def check(text: str) -> None:
        assert parses(text, language)
        before = tree_of(path, text)
        for site in file_sites(path, text):
            kinds.add(site.kind)
            lines = text.split("\n")
            assert lines[site.line - 1] == site.original != site.defective
            assert "\n" not in site.defective
            lines[site.line - 1] = site.defective
            wrong = "\n".join(lines)
            assert parses(wrong, language)
            assert tree_of(path, wrong) != before

    check()
    assert kinds == OPERATOR_KINDS  # every kind has been seen


def test_the_tree_of_the_same_code_is_the_same() -> None:
    assert tree_of("a.js", "if (a) b();") == tree_of("a.js", "if  (a)\n b();")
    assert tree_of("a.js", "if (a) b();") != tree_of("a.js", "if (!a) b();")
    assert tree_of("a.js", "b(c, d);") != tree_of("a.js", "b(d, c);")
