from __future__ import annotations

import pytest

from pullsmith.collect.planted.languages.places import FUNCTIONS, Place, callee, text_of, walk
from pullsmith.collect.planted.languages.scopes import Parameter, Scopes, parameters
from pullsmith.grammars import parse


def first_function(text: str, grammar: str) -> Place:
    root = parse(text.encode(), grammar).root_node
    return next(place for place in walk(Place(root, None)) if place.node.type in FUNCTIONS)


PARAMETERS = [
    ("javascript", "function f(a, b = 1, { c }, ...d) {}", [("a", ""), ("b", ""), ("", ""), ("", "")]),
    ("javascript", "x(a => a);", [("a", "")]),
    ("typescript", "function f(this: X, a: A, b?: A) {}", [("a", "A"), ("b", "A?")]),
    ("go", "package p\nfunc f(a, b int, c ...string) {}", [("a", "int"), ("b", "int"), ("c", "string")]),
    ("java", "class A { void f(final int a, String b) {} }", [("a", "int"), ("b", "String")]),
    ("rust", "fn f(&self, mut a: u8, (b, c): (u8, u8)) {}", [("a", "u8"), ("", "(u8, u8)")]),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "text", "expected"), PARAMETERS)
def test_parameters_are_named_and_typed_in_order(
    grammar: str, text: str, expected: list[tuple[str, str]]
) -> None:
    found = parameters(first_function(text, grammar).node)
    assert found == tuple(Parameter(*each) for each in expected)


def test_definitions_are_found_by_name_and_only_where_there_are_any() -> None:
    text = "const f = (a, b) => a;\nclass A { f(c) {} }\nf(1); g(2);\n"
    scopes = Scopes(parse(text.encode(), "javascript").root_node, "javascript")
    names = [[each.name for each in one] for one in scopes.definitions("f")]
    assert names == [["a", "b"], ["c"]]
    assert scopes.definitions("g") == []


def test_a_type_is_that_of_the_outermost_function_and_none_where_two_differ() -> None:
    text = (
        "class A {\n void f(int a) {\n  long b = 1;\n  if (a > 1) { String c = x; }\n"
        "  else { int c = 1; }\n  g(a);\n }\n}\n"
    )
    root = parse(text.encode(), "java").root_node
    scopes = Scopes(root, "java")
    [call] = [one for one in walk(Place(root, None)) if text_of(one.node) == "g(a)"]
    assert [scopes.declared_type(call, name) for name in "abcd"] == ["int", "long", "", ""]
    assert scopes.declared_type(Place(root, None), "a") == ""


CALLED = [
    ("javascript", "a.b.f(x);", "f"),
    ("javascript", "new A(x);", "A"),
    ("javascript", "f(x);", "f"),
    ("javascript", "(a || b)(x);", ""),
    ("typescript", "a.f<B>(x);", "f"),
    ("go", "package p\nvar _ = a.f(x)", "f"),
    ("java", "class A { B b = new B<C>(x); }", "B"),
    ("java", "class A { int b = c.<D>f(x); }", "f"),
    ("rust", "fn g() { A::f(x); }", "f"),
    ("rust", "fn g() { a.f::<B>(x); }", "f"),
]


@pytest.mark.parametrize(("grammar", "text", "name"), CALLED)
def test_what_is_called_is_its_last_name(grammar: str, text: str, name: str) -> None:
    root = parse(text.encode(), grammar).root_node
    kinds = {"call_expression", "new_expression", "method_invocation", "object_creation_expression"}
    [call] = [one.node for one in walk(Place(root, None)) if one.node.type in kinds]
    assert callee(call) == name
