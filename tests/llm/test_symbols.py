"""Names of what a patch adds, changes and removes: found by patterns, by grammars, and by indentation."""

from __future__ import annotations

import pytest

from pullsmith.diff.shown import ShownFile
from pullsmith.llm.definitions import definitions, has_grammars
from pullsmith.llm.symbols import Symbol, changed_symbols
from tests.llm.pulls import change, pull_request, shown_of

SUFFIX = {"python": "py", "go": "go", "rust": "rs", "java": "java", "ts": "ts", "javascript": "js"}


def file_of(*rows: str, language: str = "python", section: str = "", path: str = "") -> ShownFile:
    """A hunk of these rows, each with its sign."""
    old, new = (sum(row[0] in (" ", sign) for row in rows) for sign in "-+")
    body = "".join(f"{row}\n" for row in rows)
    patch = f"@@ -10,{old} +10,{new} @@ {section}\n{body}"
    name = path or f"a.{SUFFIX.get(language, 'x')}"
    (file,) = shown_of(pull_request(change(patch, path=name, language=language))).files
    return file


def said(
    *rows: str, language: str = "python", section: str = "", headings: bool = True
) -> list[str]:
    file = file_of(*rows, language=language, section=section)
    return [f"{s.change} {s.kind} {s.name}" for s in changed_symbols(file, headings=headings)]


def test_added_changed_and_removed() -> None:
    rows = (
        " def f(x):", "-    return x", "+    return x + 1", " ", "-def g():", "-    pass", " ",
        "+class A:", "+    def h(self):", "+        return 1",
    )  # fmt: skip
    assert said(*rows) == ["Adds class A", "Removes function g", "Changes function f"]


def test_a_changed_head_is_a_change() -> None:
    assert said("-def f(x):", "+def f(x, y):", "     return x") == ["Changes function f"]
    assert said("+@cache", " def f(x):", "     return x") == ["Changes function f"]
    assert said("-    def f(x):", "+    async def f(", "+        x,", "+    ):") == [
        "Changes function f"
    ]


def test_a_method_is_called_after_its_class() -> None:
    assert said(" class A:", "     def f(self):", "+        x = 1") == ["Changes method A.f"]
    assert said("     def f(self):", "+        x = 1", section="class A(B):") == [
        "Changes method A.f"
    ]
    assert said("+    def f(self):", "+        x = 1", section="class A(B):") == ["Adds method A.f"]


@pytest.mark.parametrize(
    ("rows", "section", "names"),
    [
        (("+        x = 1",), "class A:", ["Changes class A"]),
        (("+x = 1",), "def f():", []),  # at the very left: not within f
        ((" y = 2", "+    x = 1"), "def f():", []),
        ((" def f(", "     x,", " ) -> None:", "+    x = 1"), "", ["Changes function f"]),
        ((" def f():", "     y = 2", " if z:", "+    x = 1"), "", []),
        (("+", " def f():", "     pass"), "", []),
        ((" x = 1", "+):", " y"), "def f(", []),  # what closes is nobody's
    ],
)
def test_nothing_is_named_that_does_not_enclose_the_line(
    rows: tuple[str, ...], section: str, names: list[str]
) -> None:
    assert said(*rows, section=section) == names


def test_an_owner_is_named_only_where_nothing_can_stand_between() -> None:
    rows = ("         def g():", "+            x = 1")
    assert said(*rows, section="class A:") == ["Changes function g"]


def test_what_stands_in_a_long_string_defines_nothing() -> None:
    rows = (' x = """', " class A:", ' """', "+    y = 1")
    assert said(*rows) == []


def test_a_forges_headings_are_not_trusted() -> None:
    assert said("+        x = 1", section="def f(self):", headings=False) == []


def test_what_the_other_side_may_define_in_another_form_is_not_named() -> None:
    assert said("-def f(x):", "-    return x", "+f = (lambda x: x)") == []
    assert said("-def f(x):", "-    return x", "+from a import f") == ["Removes function f"]


LINES = [
    ("python", "async def f(x):", "function f"),
    ("go", "func (a *A) F(x int) error {", "function F"),
    ("go", "type A struct {", "struct A"),
    ("rust", "    pub(crate) async fn f<T>(x: T) -> T {", "function f"),
    ("rust", "pub enum A {", "enum A"),
    ("java", "    @Override public int f(int x) throws E {", "method f"),
    ("java", "public final class A extends B {", "class A"),
    ("ts", "export const f = async (x: number): Promise<void> => {", "function f"),
    ("ts", "  private f(x: number): void {", "method f"),
    ("ts", "export interface A {", "interface A"),
    ("javascript", "export default function f(x) {", "function f"),
    ("javascript", "A.prototype.f = function (x) {", "function f"),
    ("ruby", "  def f?(x)", "method f?"),
    ("php", "    public static function f($x)", "function f"),
    ("kotlin", "suspend fun A.f(x: Int) {", "function f"),
    ("swift", "  private func f(x: Int) {", "function f"),
    ("scala", "  override def f(x: Int) = {", "function f"),
    ("c#", "    public async Task<int> F(int x)", "method F"),
    ("shell", "f() {", "function f"),
]
NONE = [
    ("python", "x = definition"), ("python", "classify(x)"), ("go", "x := func() {"),
    ("rust", "    if x {"), ("java", "        return f(x);"), ("java", "    } else if (f(x)) {"),
    ("java", "        new A(x) {"), ("java", "    private int x = f(1);"),
    ("ts", "  if (x) {"), ("ts", "  switch (x) {"), ("javascript", "  describe('x', () => {"),
    ("javascript", "const x = f(1)"), ("ruby", "  define(x)"), ("unheard", "def f():"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "line", "name"), LINES)
def test_definitions_by_pattern(language: str, line: str, name: str) -> None:
    (only,) = definitions([line], "a.x", language)  # no grammar reads this suffix
    assert f"{only.kind} {only.name}" == name


@pytest.mark.parametrize(("language", "line"), NONE)
def test_lines_that_define_nothing(language: str, line: str) -> None:
    assert definitions([line], "a.x", language) == ()
    assert definitions([line], f"a.{SUFFIX.get(language, 'x')}", language) == ()


needs_grammars = pytest.mark.skipif(not has_grammars(), reason="the extra [languages] is missing")


@needs_grammars
def test_a_grammar_finds_what_no_line_shows() -> None:
    lines = ["public", "int f(", "    int x) {", "    return x;", "}"]
    assert [each.name for each in definitions(lines, "A.java", "java")] == ["f"]
    assert definitions(lines, "A.x", "java") == ()


@needs_grammars
def test_a_grammar_tells_texts_and_comments() -> None:
    lines = ["/*", "public class A {", "*/", "class B {}"]
    assert [each.name for each in definitions(lines, "A.java", "java")] == ["B"]


def test_symbols_are_told_once_and_in_order() -> None:
    rows = (" def f():", "+    x", " ", "+    y", " ", "+def g():", "+    pass")
    assert said(*rows) == ["Adds function g", "Changes function f"]
    assert changed_symbols(file_of("+x = 1")) == ()
    assert all(isinstance(each, Symbol) for each in changed_symbols(file_of(*rows)))
