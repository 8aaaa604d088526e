from __future__ import annotations

import ast

import pytest

from pullsmith.collect.planted.lint import smell

SMELLS = [
    ("assert", "def f(a):\n    assert a\n"),
    ("bare_except", "def f(a):\n    try:\n        a()\n    except:\n        b()\n"),
    ("swallowed", "def f(a):\n    try:\n        a()\n    except A:\n        pass\n"),
    ("none_eq", "def f(a):\n    return None == a\n"),
    ("none_eq", "def f(a):\n    return a != None\n"),
    ("is_literal", "def f(a):\n    return a is 'x'\n"),
    ("is_literal", "def f(a):\n    return a is not ()\n"),
    ("mutable_default", "def f(a=[]):\n    return a\n"),
    ("mutable_default", "def f(*, a=dict()):\n    return a\n"),
    ("call:print", "def f(a):\n    print(a)\n"),
    ("call:execute", "def f(a):\n    a.execute('x')\n"),
    ("keyword:shell", "def f(a):\n    run(a, shell=True)\n"),
    ("keyword:verify", "def f(a):\n    get(a, verify=False)\n"),
    ("with:open", "def f(a):\n    with open(a) as b:\n        return b.read()\n"),
    ("call:open", "def f(a):\n    with g(open(a)) as b:\n        return b.read()\n"),
    ("call:open", "def f(a):\n    with open(a) as b:\n        print(b)\n"),
    ("secret", "def f(a):\n    login(a, api_token='x')\n"),
    ("lost_raise", "def f(a):\n    ValueError(a)\n"),
    ("secret", "def f(a):\n    a.api_key = 'x'\n"),
    ("secret", "def f(a):\n    password: str = 'x'\n"),
    ("secret", "def f(a):\n    a['token'] = 'x'\n"),
]
CLEAN = [
    "def f(a):\n    check(a)\n",
    "def f(a):\n    try:\n        a()\n    except A:\n        b()\n",
    "def f(a):\n    return a is None\n",
    "def f(a):\n    return a == 'x'\n",
    "def f(a=None, *, b=()):\n    return a\n",
    "def f(a):\n    a.write('print')\n",
    "def f(a):\n    run([a], shell=False)\n",
    "def f(a):\n    get(a, verify=True)\n",
    "def f(a):\n    login(a, api_token=a.token)\n",
    "def f(a):\n    raise ValueError(a)\n",
    "def f(a):\n    a.api_key = load(a)\n",
    "def f(a):\n    mode = 'x'\n    return mode\n",
]


def smell_of(source: str) -> str | None:
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    return smell(node)


@pytest.mark.parametrize(("name", "source"), SMELLS)
def test_smell_is_found(name: str, source: str) -> None:
    assert smell_of(source) == name


@pytest.mark.parametrize("source", CLEAN)
def test_clean_twin_has_no_smell(source: str) -> None:
    assert smell_of(source) is None
