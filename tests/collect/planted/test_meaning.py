"""Each operator of meaning with a line it changes and a twin it leaves alone."""

from __future__ import annotations

import pytest

from tests.collect.planted.operating import check_changed, found

CHANGED = [
    ("lost_return", "def f(a):\n    a = g(a)\n    return h(a)\n", "    h(a)"),
    ("inverted", "def f(a):\n    if a:\n        g()\n", "    if not a:"),
    ("inverted", "def f(a):\n    if not a.b:\n        g()\n", "    if a.b:"),
    ("inverted", "def f(a):\n    while a in b:\n        g()\n", "    while a not in b:"),
    ("inverted", "def f(a):\n    if a is None:\n        g()\n", "    if a is not None:"),
    ("boundary", "def f(a, b):\n    return a < b\n", "    return a <= b"),
    ("boundary", "def f(a, b):\n    return a >= b\n", "    return a > b"),
    ("boundary", "def f(a, b):\n    if a > b:\n        c = a\n", "    if a >= b:"),
    ("off_by_one", "def f(a):\n    return a[1:]\n", "    return a[2:]"),
    ("off_by_one", "def f(a):\n    return a[:-1]\n", "    return a[:-2]"),
    ("off_by_one", "def f(a, i):\n    return a[i + 1]\n", "    return a[i]"),
    ("off_by_one", "def f(a):\n    return range(a)\n", "    return range(a + 1)"),
    ("off_by_one", "def f(a):\n    return range(1, a + 1)\n", "    return range(1, a)"),
    ("off_by_one", "def f(a, b):\n    return a == len(b) - 1\n", "    return a == len(b)"),
    ("swapped", "def f(a, b):\n    return g(a, b, 1)\n", "    return g(b, a, 1)"),
    ("lost_await", "async def f(a):\n    await g(a)\n", "    g(a)"),
    ("lost_await", "async def f(a):\n    return await g(a)\n", "    return g(a)"),
    (
        "wrong_variable",
        "def f(self, a, b):\n    self.a = a\n    self.b = b.c + b.d\n",
        "    self.a = b",
    ),
    ("wrong_variable", "def f(a, b):\n    return g(b, b, a=a)\n", "    return g(b, b, a=b)"),
    ("eval", "def f(a):\n    return json.loads(a)\n", "    return eval(a)"),
    ("eval", "def f(a):\n    return ast.literal_eval(a.b)\n", "    return eval(a.b)"),
    ("eval", "def f(a):\n    return int(a['n'])\n", "    return eval(a['n'])"),
    ("missing_none", "def f(a):\n    return a is not None and a.b\n", "    return a.b"),
    ("missing_none", "def f(a):\n    return a is None or a[0]\n", "    return a[0]"),
    ("missing_none", "def f(a):\n    return a.b if a is not None else 1\n", "    return a.b"),
    ("missing_none", "def f(a):\n    return 1 if a is None else a()\n", "    return a()"),
]  # fmt: skip
LEFT = [
    ("lost_return", "def f(a):\n    return h(a)\n"),
    ("lost_return", "def f(a):\n    if a:\n        return h(a)\n    return a\n"),
    ("lost_return", "def f(a):\n    a = g(a)\n    return a.close()\n"),  # gives nothing back
    ("inverted", "def f(a):\n    if a < 1:\n        g()\n"),
    ("inverted", "def f(a):\n    while True:\n        g()\n"),
    ("boundary", "def f(a, b):\n    return a == b\n"),
    ("boundary", "def f(a, b):\n    return a if a < b else b\n"),  # the smaller of equals
    ("boundary", "def f(a, b):\n    if a > b:\n        b = a\n    return b\n"),
    ("boundary", "def f(a):\n    return time.time() > a\n"),  # hardly ever equal
    ("boundary", "def f(a):\n    return sys.version_info >= (3, 8)\n"),
    ("boundary", "def f(a):\n    raise A(a < 1)\n"),
    ("off_by_one", "def f(a):\n    return a + 1\n"),  # a sum, no bound
    ("off_by_one", "def f(a, b):\n    return a[b + 2]\n"),
    ("off_by_one", "def f(a):\n    return a[0]\n"),  # may be a key
    ("off_by_one", "def f(a):\n    return a[:16]\n"),  # nobody could tell
    ("off_by_one", "def f(a):\n    return range(10)\n"),
    ("off_by_one", "def f(a, i):\n    print(a[i + 1])\n"),  # only says something else
    ("off_by_one", "def f(a, i):\n    raise KeyError(a[i + 1])\n"),
    ("swapped", "def f(a):\n    return g(a, a)\n"),
    ("swapped", "def f(a, b):\n    return g(a, x=b)\n"),
    ("swapped", "def f(a, b):\n    return max(a, b)\n"),
    ("swapped", "def f(a, b):\n    log.info(a, b)\n"),
    ("swapped", "def f(a, b):\n    raise Odd(a, b)\n"),
    ("swapped", "def f(a, b):\n    return g((a), b)\n"),
    ("lost_await", "async def f(a):\n    await a.done\n"),
    ("lost_await", "def f(a):\n    g(a)\n"),
    ("wrong_variable", "def f(a, b):\n    return a + a + b + b\n"),  # both are read again
    ("wrong_variable", "def f(self, a):\n    self.a = a\n"),  # no other
    ("wrong_variable", "def f(a, b):\n    return a + 1\n"),  # the other is never read
    ("wrong_variable", "def f(a, b):\n    a = 1\n    b = 2\n    return g(a, b)\n"),
    ("wrong_variable", "def f(a, b):\n    raise A(a, b)\n"),
    ("wrong_variable", "def f(a, b):\n    return f'{a}', b + b\n"),
    ("eval", "def f(a):\n    return int(a, 16)\n"),
    ("eval", "def f(a):\n    return int(a / 2)\n"),
    ("eval", "def f(a):\n    return pickle.loads(a)\n"),
    ("missing_none", "def f(a):\n    return a is not None and b.a\n"),  # None would do
    ("missing_none", "def f(a):\n    return a is None and a.b\n"),  # no guard
    ("missing_none", "def f(a):\n    return (a is not None) and a.b\n"),
    ("missing_none", "def f(a):\n    return a if a is not None else 1\n"),
]


@pytest.mark.parametrize(("kind", "source", "defective"), CHANGED)
def test_operator_changes_one_line(kind: str, source: str, defective: str) -> None:
    check_changed(kind, source, defective)


@pytest.mark.parametrize(("kind", "source"), LEFT)
def test_operator_leaves_the_twin(kind: str, source: str) -> None:
    assert found(kind, source) == []


def test_every_operator_has_a_line_it_changes_and_a_twin_it_leaves() -> None:
    assert {kind for kind, _, _ in CHANGED} == {kind for kind, _ in LEFT}
