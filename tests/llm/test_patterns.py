"""Patterns for added lines of any language: what each finds, and the twin it keeps."""

from __future__ import annotations

import pytest

from pullsmith.llm.patterns import PATTERNS, pattern_findings
from tests.llm.pulls import added, change, pull_request, shown_of


def found(
    *lines: str, language: str, path: str = "src/a"
) -> list[tuple[str, int, tuple[str, ...] | None]]:
    pull = pull_request(change(added(*lines), path=path, language=language))
    return [
        (each.code, each.lines[0].new_line or 0, each.instead)
        for each in pattern_findings(shown_of(pull))
    ]


ROWS = [
    ("debugger", "javascript", "  debugger;", "  debugger.attach()"),
    ("debugger_call", "ruby", "    binding.pry", "    binding.local_variables"),
    ("debug_macro", "rust", "    dbg!(x);", "    // dbg!(x);"),
    ("focused_test", "ts", "  it.only('a', () => {", "  it('a', () => {"),
    ("text_identity", "java", 'if (x == "a") {', 'if ("a".equals(x)) { // x == "a"'),
    ("nan_comparison", "javascript", "if (x === NaN) {", "if (Number.isNaN(x)) {"),
    ("unknown_type", "ts", "if (typeof x === 'array') {", "if (typeof x === 'object') {"),
    ("assigned_condition", "java", "if (a.b = null) {", "if (a.b == null) {"),
    ("empty_condition", "c", "    if (f(x) > 0);", "    if (f(x) > 0) g();"),
    ("same_operands", "go", "if a.b && a.b {", "if x == b && b {"),
    ("never_negative", "java", "if (x.size() >= 0) {", "if (x.size() > 0) {"),
    ("doubled_word", "markdown", "This is the the end.", "What it had had that that is, is."),
]


@pytest.mark.parametrize(("code", "language", "line", "twin"), ROWS)
def test_a_pattern_and_its_twin(code: str, language: str, line: str, twin: str) -> None:
    path = "src/a.test.x"  # focused tests are looked for in tests only
    assert [each[0] for each in found(line, language=language, path=path)] == [code]
    assert found(twin, language=language, path=path) == []
    assert found(line, language="unheard", path=path) == []


def test_every_pattern_is_tried() -> None:
    assert {row[0] for row in ROWS} == {rule.code for rule in PATTERNS}
    assert all(len(rule.header.split()) <= 2 for rule in PATTERNS)


def test_fixes() -> None:
    assert found("  debugger;", language="ts") == [("debugger", 5, ())]
    assert found("See the the end.", language="rst") == [("doubled_word", 5, ("See the end.",))]


def test_a_focused_test_outside_of_tests_is_somebodys_method() -> None:
    assert found("  it.only('a', f)", language="ts", path="src/iterators.ts") == []


def test_a_conflict_needs_its_end() -> None:
    lines = ("<<<<<<< HEAD", "a", "=======", "b", ">>>>>>> other")
    assert found(*lines, language="yaml") == [("conflict", 5, None)]
    assert found(*lines[:3], language="yaml") == []
    assert found(*lines, language="markdown") == []  # perhaps an explanation of conflicts
    assert found("x", "=======", language="yaml") == []


@pytest.mark.parametrize(
    "lines",
    [
        ("/*", "  debugger;", "*/ f() /*"),
        ("const text = `", "  debugger;"),
        ('String x = """', "  if (a = null) {"),
        ("x = 'if (a = null)'",),
        ("// if (a = null)",),
    ],
)
def test_texts_and_comments_are_no_code(lines: tuple[str, ...]) -> None:
    assert found(*lines, language="javascript") == []


def test_only_added_lines_count() -> None:
    patch = "@@ -1,3 +1,3 @@\n   debugger\n-  debugger\n+  x()\n   y()\n"
    pull = pull_request(change(patch, path="a.js", language="javascript"))
    assert pattern_findings(shown_of(pull)) == ()


def test_examples_in_fences_are_not_prose() -> None:
    assert found("```", "a in in b", "```", language="markdown") == []
