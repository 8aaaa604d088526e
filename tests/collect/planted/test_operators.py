"""Each operator with a line it changes and a twin it leaves alone."""

from __future__ import annotations

import ast

import pytest

from pullsmith.collect.planted.kinds import SIMPLE
from pullsmith.collect.planted.operators import OPERATOR_KINDS, sites
from tests.collect.planted.operating import check_changed, found

CHANGED = [
    ("none_eq", "def f(a):\n    return a is None\n", "    return a == None"),
    ("none_eq", "def f(a):\n    return a is not None\n", "    return a != None"),
    ("is_literal", "def f(a):\n    return a == 'x'\n", "    return a is 'x'"),
    ("is_literal", "def f(a):\n    return a != 3\n", "    return a is not 3"),
    ("mutable_default", "def f(a=None):\n    return a\n", "def f(a={}):"),
    ("mutable_default", "def f(ab=None):\n    return ab\n", "def f(ab=[]):"),
    ("mutable_default", "async def f(*, ab=None):\n    return ab\n", "async def f(*, ab={}):"),
    (
        "bare_except",
        "def f(a):\n    try:\n        a()\n    except (A, B):\n        g()\n",
        "    except:",
    ),
    ("lost_raise", "def f(a):\n    raise KeyError(a)\n", "    KeyError(a)"),
]
LEFT = [
    ("none_eq", "def f(a):\n    return a is b\n"),
    ("none_eq", "def f(a):\n    return (a) is None\n"),  # its bracket would be cut
    ("none_eq", "def f(a, b):\n    return a is b is None\n"),
    ("is_literal", "def f(a):\n    return a == b\n"),
    ("is_literal", "def f(a):\n    return a == None\n"),
    ("is_literal", "def f(a):\n    return a == True\n"),
    ("mutable_default", "def f(a=1):\n    return g(b=None)\n"),
    ("mutable_default", "def f(a):\n    return lambda b=None: b\n"),
    ("bare_except", "def f(a):\n    try:\n        a()\n    except A as e:\n        g(e)\n"),
    ("bare_except", "def f(a):\n    try:\n        a()\n    except:\n        g()\n"),
    ("bare_except", "def f(a):\n    try:\n        a()\n    except A: g()\n"),
    ("lost_raise", "def f(a):\n    raise\n"),
    ("lost_raise", "def f(a):\n    raise KeyError(a) from None\n"),
    ("lost_raise", "def f(a):\n    raise a\n"),
]


@pytest.mark.parametrize(("kind", "source", "defective"), CHANGED)
def test_operator_changes_one_line(kind: str, source: str, defective: str) -> None:
    check_changed(kind, source, defective)


@pytest.mark.parametrize(("kind", "source"), LEFT)
def test_operator_leaves_the_twin(kind: str, source: str) -> None:
    assert found(kind, source) == []


def test_only_the_last_handler_becomes_bare_because_an_earlier_one_would_not_compile() -> None:
    source = (
        "def f():\n    try:\n        a()\n    except A:\n        b()\n    except B:\n        c()\n"
    )
    assert [site.at for site in found("bare_except", source)] == [5]


def test_lines_count_from_the_functions_first_line() -> None:
    source = "x = 1\n\ndef f(a):\n    return a is None\n"
    node = ast.parse(source).body[1]
    assert isinstance(node, ast.FunctionDef)
    [site] = sites(node, tuple(source.splitlines()[2:]), first_line=3)
    assert (site.at, site.original) == (1, "    return a is None")


def test_lines_that_are_not_ascii_and_f_strings_are_left_alone() -> None:
    assert found("none_eq", "def f(a):\n    return g('\u00e9', a is None)\n") == []
    assert found("none_eq", "def f(a):\n    return f'{a is None}'\n") == []
    assert found("none_eq", "def f(a):\n    return g('e', a is None)\n") != []


def test_every_simple_operator_has_a_line_it_changes_and_a_twin_it_leaves() -> None:
    simple = OPERATOR_KINDS & set(SIMPLE)
    assert {kind for kind, _, _ in CHANGED} == simple == {kind for kind, _ in LEFT}
