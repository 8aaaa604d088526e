"""Each operator over several lines with a block it changes and a twin it leaves alone."""

from __future__ import annotations

import pytest

from tests.collect.planted.operating import check_changed, found

TRY = "def f(a):\n    try:\n        a()\n    except {}:\n{}"
CHANGED = [
    ("swallowed", TRY.format("A", "        log(a)\n        raise B\n"), "        pass"),
    ("swallowed", TRY.format("A as e", "        raise B from e\n"), "        pass"),
    ("swallowed", TRY.format("A", "        return 3\n"), "        pass"),
    (
        "unclosed",
        "def f(a):\n    with open(a) as b:\n        c = b.read()\n    return c\n",
        "    b = open(a)\n    c = b.read()",
    ),
    (
        "unclosed",
        "def f(a):\n    with a.open('rb') as b:\n        if c:\n            return b.read()\n",
        "    b = a.open('rb')\n    if c:\n        return b.read()",
    ),
    (
        "assertion",
        "def f(a):\n    if a < 0:\n        raise ValueError('negative')\n    return a\n",
        "    assert a >= 0, 'negative'",
    ),
    (
        "assertion",
        "def f(a):\n    if not isinstance(a, str):\n        raise TypeError(g(a))\n",
        "    assert isinstance(a, str)",
    ),
    (
        "assertion",
        "def f(a):\n    if g(a):\n        raise ValueError(\n            'no'\n        )\n",
        "    assert not g(a), 'no'",
    ),
    (
        "missing_none",
        "def f(a):\n    if a is not None:\n        a.b()\n        c()\n",
        "    a.b()\n    c()",
    ),
    ("missing_none", "def f(a):\n    if a is not None:\n        return a.b\n", "    return a.b"),
    (
        "missing_none",
        "def f(a):\n    if a is None:\n        return 1\n    return a.b\n",
        "    return a.b",
    ),
    (
        "missing_none",
        "def f(a=None):\n    if a is None:\n        a = g()\n    return len(a)\n",
        "    return len(a)",
    ),
]  # fmt: skip
LEFT = [
    ("swallowed", TRY.format("A", "        pass\n")),
    ("swallowed", TRY.format("A", "        return None\n")),  # what pass gives too
    ("swallowed", TRY.format("A", "        return False\n")),
    ("swallowed", TRY.format("A", "        continue\n").replace("    try", "    while a:\n     try")
        .replace("        a()", "      a()").replace("    except", "     except")),
    ("swallowed", TRY.format("StopIteration", "        raise B\n")),  # how an iterator ends
    ("swallowed", "def f(a):\n    try:\n        a()\n    except A: b()\n"),
    ("unclosed", "def f(a):\n    with lock(a) as b:\n        b()\n"),
    ("unclosed", "def f(a):\n    with open(a):\n        b()\n"),
    ("unclosed", "def f(a):\n    with open(a) as b, open(c) as d:\n        b.read()\n"),
    ("unclosed", "def f(a):\n    with open(a) as b:\n        b.write('''x\n        y''')\n"),
    ("assertion", "def f(a):\n    if self.b:\n        raise ValueError\n"),  # nothing given
    ("assertion", "def f(a):\n    if a:\n        raise\n"),
    ("assertion", "def f(a):\n    if a:\n        raise ValueError(a)\n    else:\n        b()\n"),
    ("assertion", "def f(a):\n    if a and b:\n        raise ValueError(a)\n"),
    ("missing_none", "def f(a):\n    if a is not None:\n        b.a = a\n"),  # None would do
    ("missing_none", "def f(a):\n    if a is not None:\n        a.b()\n    else:\n        c()\n"),
    ("missing_none", "def f(a):\n    if a is None:\n        return 1\n    return a\n"),
    ("missing_none", "def f(a):\n    if a is not None:\n        return a.b\n    return c\n"),
    ("missing_none", "def f(a):\n    if a is None:\n        return 1\n    raise A(a.b)\n"),
    ("missing_none", "def f(a):\n    if a is None:\n        g()\n    return a.b\n"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "source", "defective"), CHANGED)
def test_operator_changes_a_block(kind: str, source: str, defective: str) -> None:
    check_changed(kind, source, defective)


@pytest.mark.parametrize(("kind", "source"), LEFT)
def test_operator_leaves_the_twin(kind: str, source: str) -> None:
    assert found(kind, source) == []


def test_an_elif_is_no_block_of_its_own() -> None:
    source = (
        "def f(a, b):\n    if b:\n        g()\n    elif a is not None:\n        a.c()\n"
        "    if b:\n        g()\n    elif a < 1:\n        raise ValueError('no')\n"
    )
    assert found("missing_none", source) == found("assertion", source) == []


def test_an_assertion_that_is_too_long_loses_its_message() -> None:
    message = "x" * 60
    source = f"def f(a):\n    if a:\n        raise ValueError('{message}')\n    return a\n"
    [site] = found("assertion", source)
    assert site.defective == "    assert not a"


def test_every_operator_has_a_block_it_changes_and_a_twin_it_leaves() -> None:
    assert {kind for kind, _, _ in CHANGED} == {kind for kind, _ in LEFT}
