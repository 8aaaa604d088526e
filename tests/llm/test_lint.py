"""What ruff is asked, what is kept of it, and which of its fixes are taken."""

from __future__ import annotations

import asyncio

import pytest

from pullsmith.collect.planted.kinds import KINDS
from pullsmith.llm.findings import Finding
from pullsmith.llm.lint import RULES, Linter
from pullsmith.records import ChangeStatus, PullRequest
from tests.llm.pulls import added, change, pull_request, shown_of

LINTER = Linter()


def all_of(*pulls: PullRequest) -> list[tuple[Finding, ...]]:
    """What is found in each, ruff being asked once."""

    async def ask() -> list[tuple[Finding, ...]]:
        return list(await asyncio.gather(*(LINTER.findings(shown_of(pull)) for pull in pulls)))

    return asyncio.run(ask())


def pull_of(*lines: str, language: str = "python", path: str = "a.py") -> PullRequest:
    return pull_request(change(added(*lines), path=path, language=language))


def whole_file(*lines: str, path: str = "a.py") -> PullRequest:
    rows = "".join(f"+{line}\n" for line in lines)
    patch = f"@@ -0,0 +1,{len(lines)} @@\n{rows}"
    return pull_request(change(patch, path=path, status=ChangeStatus.ADDED))


def brief(found: tuple[Finding, ...]) -> list[tuple[str, int, tuple[str, ...] | None]]:
    return [(each.code, each.lines[0].new_line or 0, each.instead) for each in found]


# The line, its code, its fix, and a twin of which nothing is said.
ROWS: list[tuple[str, str, str | None, str]] = [
    ("if x == None:", "E711", "if x is None:", "if x is None:"),
    ("while x != None and y:", "E711", "while x is not None and y:", "while x is not None and y:"),
    ("if x == None or y == None:", "E711", "if x is None or y is None:", "query(x == None)"),
    ("if x == True:", "E712", None, "frame[x == True]"),
    ("if not a in b:", "E713", "if a not in b:", "if a not in b:"),
    ("if not a is b:", "E714", "if a is not b:", "if a is not b:"),
    ("if type(a) == type(b):", "E721", None, "if type(a) is type(b):"),
    (r"x = '\d'", "W605", r"x = r'\d'", r"x = r'\d'"),
    ("x = '%s %s' % (a,)", "F507", None, "x = '%s %s' % (a, b)"),
    ("x = '{} {}'.format(1)", "F524", None, "x = '{} {}'.format(1, 2)"),
    ("x = '{}'.format(1, 2)", "F523", None, "x = '{}'.format(*a)"),
    ("print(f'abc')", "F541", "print('abc')", "f'abc'"),
    ("x = {'a': 1, 'a': 2}", "F601", None, "x = {'a': 1, 'b': 2}"),
    ("assert (x, 'why')", "F631", None, "assert x, 'why'"),
    ("if (x, y):", "F634", None, "if (x and y):"),
    ("y = x is 'a'", "F632", "y = x == 'a'", "y = x is None"),
    ("raise NotImplemented", "F901", "raise NotImplementedError", "raise NotImplementedError"),
    ("++x", "B002", None, "+x"),
    ("os.environ = {}", "B003", None, "os.environ['a'] = ''"),
    ("x.lstrip('https://')", "B005", None, "x.lstrip('/:')"),
    ("raise 'wrong'", "B016", None, "raise wrong"),
    ("x['a']: 1", "B032", None, "x['a'] = 1"),
    ("x = {a: b for b in c}", "B035", None, "x = {b: b for b in c}"),
    ("f(a=1, **{'a': 1})", "PLE1132", None, "f(a=1, **{'b': 1})"),
    ("logging.info('%s', 1, 2)", "PLE1205", None, "logging.info('%s', 1)"),
    ("logging.info('%s %s', 1)", "PLE1206", None, "logging.info('%s %s', 1, 2)"),
    ("x = '%d' % 'a'", "PLE1307", None, "x = '%d' % 1"),
    ("os.getenv(1)", "PLE1507", None, "os.getenv('1')"),
    ("assert 'x'", "PLW0129", None, "assert x"),
    ("ValueError('x')", "PLW0133", "raise ValueError('x')", "wrong = ValueError('x')"),
    ("open('x', 'rwx')", "PLW1501", None, "open('x', 'r')"),
    ("if x == x:", "PLR0124", None, "if x == y:"),
    ("if 1 == 2:", "PLR0133", None, "if x == 2:"),
    ("import pdb; pdb.set_trace()", "T100", None, "import pdb"),
    ("breakpoint()", "T100", None, "from IPython import embed; embed()"),
    ("[0]['x']", "RUF016", None, "x['x']"),
    ("x = 1 if a else 1", "RUF034", None, "x = 1 if a else 2"),
    ("if x and not x:", "SIM220", None, "if x and not y:"),
    ("if x or not x:", "SIM221", None, "if x or not y:"),
    ("if x or True:", "SIM222", None, "if x or y:"),
    ("if x and False:", "SIM223", None, "if x and y:"),
    ("class A(B, B): pass", "PLE0241", None, "class A(B, C): pass"),
    ("def f(a=[]): pass", "B006", None, "def f(a=()): pass"),
]  # fmt: skip


def test_a_finding_its_fix_and_its_twin() -> None:
    head = "import logging, os, asyncio"
    # A line of its own above and below, so that every header has a body.
    pulls = [pull_of(head, line, *(["    pass"] if line[-1] == ":" else [])) for line, *_ in ROWS]
    twins = [pull_of(head, row[3], *(["    pass"] if row[3][-1] == ":" else [])) for row in ROWS]
    for row, found, twin in zip(ROWS, all_of(*pulls), all_of(*twins), strict=True):
        line, code, fixed, kept = row
        mine = [each for each in found if each.code == code]
        assert mine, (line, code, brief(found))
        if fixed is not None:
            assert mine[0].instead == (fixed,), line
        assert code not in [each.code for each in twin], kept


BLOCKS: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    ("E722", ("try:", "    f()", "except:", "    pass", "g()"),
     ("try:", "    f()", "except:", "    raise", "g()")),
    ("F841", ("def f():", "    x = g()", "    return 1", "", "y = 1"),
     ("def f():", "    x = g()", "    return x", "", "y = 1")),
    ("B006", ("def f(a=[]):", "    return a"), ("def f(a=()):", "    return a")),
    ("B012", ("def f():", "    try:", "        g()", "    finally:", "        return 1"),
     ("def f():", "    try:", "        g()", "    finally:", "        h()")),
    ("B014", ("try:", "    f()", "except (KeyError, KeyError):", "    g()"),
     ("try:", "    f()", "except (OSError, KeyError):", "    g()")),
    ("B022", ("import contextlib", "with contextlib.suppress():", "    f()"),
     ("import contextlib", "with contextlib.suppress(OSError):", "    f()")),
    ("B023", ("for x in y:", "    f(lambda: x)"), ("for x in y:", "    f(lambda x=x: x)")),
    ("B025", ("try:", "    f()", "except A:", "    g()", "except A:", "    h()"),
     ("try:", "    f()", "except A:", "    g()", "except B:", "    h()")),
    ("B029", ("try:", "    f()", "except ():", "    g()"),
     ("try:", "    f()", "except A:", "    g()")),
    ("B030", ("try:", "    f()", "except 1:", "    g()"),
     ("try:", "    f()", "except A:", "    g()")),
    ("B031", ("from itertools import groupby", "for k, g in groupby(a):", "    for b in c:",
              "        f(list(g))"),
     ("from itertools import groupby", "for k, g in groupby(a):", "    f(list(g))")),
    ("PLW0711", ("try:", "    f()", "except A or B:", "    g()"),
     ("try:", "    f()", "except (A, B):", "    g()")),
    ("PLW2101", ("import threading", "with threading.Lock():", "    f()"),
     ("import threading", "with lock:", "    f()")),
    ("PLW0245", ("class A(B):", "    def f(self):", "        super.f()"),
     ("class A(B):", "    def f(self):", "        super().f()")),
    ("PLE0100", ("class A:", "    def __init__(self):", "        yield 1"),
     ("class A:", "    def __iter__(self):", "        yield 1")),
    ("PLE0101", ("class A:", "    def __init__(self):", "        return 1"),
     ("class A:", "    def __init__(self):", "        return")),
    ("PLE0302", ("class A:", "    def __str__(self, x):", "        return x"),
     ("class A:", "    def __str__(self):", "        return x")),
    ("RUF006", ("import asyncio", "async def f():", "    asyncio.create_task(g())"),
     ("import asyncio", "async def f():", "    await asyncio.create_task(g())")),
    ("RUF030", ("assert x, print('a')",), ("assert x, 'a'",)),
    ("ASYNC251", ("import time", "async def f():", "    time.sleep(1)"),
     ("import time", "def f():", "    time.sleep(1)")),
    ("PIE794", ("class A:", "    x = 1", "    x = 1"), ("class A:", "    x = 1", "    y = 1")),
    ("PIE796", ("import enum", "class A(enum.Enum):", "    x = 1", "    y = 1"),
     ("import enum", "class A(enum.Enum):", "    x = 1", "    y = 2")),
    ("PLE2502", ("x = 'a\u202e'",), ("x = 'a'",)),
    ("PLE2515", ("x = 'a\u200b'",), ("x = 'a'",)),
    ("F602", ("x = {a: 1, a: 2}",), ("x = {a: 1, b: 2}",)),
]  # fmt: skip


def test_blocks_and_their_twins() -> None:
    bad = all_of(*(pull_of(*row[1]) for row in BLOCKS))
    good = all_of(*(pull_of(*row[2]) for row in BLOCKS))
    for row, found, twin in zip(BLOCKS, bad, good, strict=True):
        assert row[0] in [each.code for each in found], row
        assert row[0] not in [each.code for each in twin], row


def test_every_rule_is_tried_with_a_twin_or_is_one_of_a_family_that_is() -> None:
    tried = {row[1] for row in ROWS} | {row[0] for row in BLOCKS} | {"F401"}
    tried_headers = {RULES[code].header for code in tried}
    assert {rule.header for rule in RULES.values()} <= tried_headers


def test_headers_are_two_words_as_reviews_want_them() -> None:
    assert all(len(rule.header.split()) <= 2 for rule in RULES.values())


@pytest.mark.parametrize(
    "lines",
    [
        ("x = undefined_name",), ("import os",), ("x=1;y = 2",), ("break",), ("return 1",),
        ("await x",), ("from x import *",), ("x = None  # == None",), ("self.call(",),
        ("def f():", "    x = 1"),  # who knows what follows
        ("try:", "    f()", "except:", "    g()"),  # perhaps it raises later
        ("f'abc'", "f'{x}'"),  # parts of a longer text
        ("x = y == None  # noqa: E711",),
        ("filter(User.name == None)",),
    ],
)  # fmt: skip
def test_nothing_is_said_of_what_a_piece_cannot_prove(lines: tuple[str, ...]) -> None:
    (found,) = all_of(pull_of(*lines))
    assert brief(found) == []


def test_an_unused_import_needs_the_whole_file() -> None:
    lines = ("import os", "import sys", "print(sys.argv)")
    whole, part, package, fixture = all_of(
        whole_file(*lines),
        pull_of(*lines),
        whole_file(*lines, path="a/__init__.py"),
        whole_file("from a import client", "def test_a(client):", "    client.get()"),
    )
    assert brief(whole) == [("F401", 1, ())]
    assert brief(part) == brief(package) == brief(fixture) == []


def test_a_handler_and_a_function_are_judged_where_the_file_ends() -> None:
    lines = ("try:", "    f()", "except:", "    g()")
    shown = shown_of(whole_file(*lines))

    async def ask() -> tuple[int, int]:
        return len(await LINTER.findings(shown)), len(await LINTER.findings(shown, {"a.py"}))

    assert asyncio.run(ask()) == (1, 0)


def test_a_fix_of_several_lines() -> None:
    (found,) = all_of(pull_of("def f(a=[]):", "    return a"))
    assert [line.text for line in found[0].lines] == ["def f(a=[]):"]
    assert found[0].instead == ("def f(a=None):", "    if a is None:", "        a = []")


def test_no_fix_where_it_would_touch_a_line_that_is_not_added() -> None:
    patch = "@@ -1,3 +1,3 @@\n def f(\n-    a,\n+    a=[],\n ):\n"
    (found,) = all_of(pull_request(change(patch, path="a.py")))
    assert [each.instead for each in found if each.code == "B006"] == [None]


def test_the_hunk_begins_and_ends_anywhere() -> None:
    patch = (
        "@@ -10,6 +10,8 @@ class A:\n             y = 1\n         except KeyError:\n             z = 2\n"
        "+        if x == None:\n+            return 1\n     def g(self):\n         try:\n             h(\n"
    )
    (found,) = all_of(pull_request(change(patch, path="a.py")))
    assert brief(found) == [("E711", 13, ("        if x is None:",))]


def test_prose_is_not_code() -> None:
    text = "    x == None"
    docs = pull_of('    """Say', text, '    """')
    begun = pull_of(text, '    """')  # the text began above the hunk
    prose = pull_of("One may write", "if x == None: pass", "but should not.", "Or should one?")
    assert all(brief(found) == [] for found in all_of(docs, begun, prose))


def test_only_added_lines_count() -> None:
    patch = "@@ -1,3 +1,3 @@\n if x == None:\n-    y = 1\n+    y = 2\n     z = y is 'a'\n"
    turned = patch.replace("+    y = 2", "+    y = x == None")
    none, one = all_of(*(pull_request(change(text, path="a.py")) for text in (patch, turned)))
    assert brief(none) == []
    assert brief(one) == [("E711", 2, ("    y = x is None",))]


def test_other_languages_are_left_alone() -> None:
    ruby, named = all_of(
        pull_of("y = x == None", language="ruby", path="a.rb"),
        pull_of("y = x == None", language="", path="a.py"),
    )
    assert brief(ruby) == []
    assert brief(named) != []


@pytest.mark.parametrize(
    "text",
    ["\0", "(" * 500, "x = '" + "\\d" * 5 + "'", "\ufeff", "a\x0cb", "é == None",
     "from __future__ import annotations", "x\ry", "\t if x:", "if x:\n\ty", "# ruff: noqa"],
)  # fmt: skip
def test_odd_text_neither_raises_nor_warns(text: str) -> None:
    all_of(pull_of(*text.split("\n")))


def test_columns_count_characters() -> None:
    (found,) = all_of(pull_of("é = 'ü'; y = é == None"))
    assert [each.instead for each in found] in ([("é = 'ü'; y = é is None",)], [])


def test_what_planting_and_linting_both_know_has_one_name() -> None:
    shared = {
        "none_eq": "E711", "bare_except": "E722", "is_literal": "F632",
        "mutable_default": "B006", "lost_raise": "PLW0133",
    }  # fmt: skip
    for kind, code in shared.items():
        assert (KINDS[kind].header, KINDS[kind].content) == RULES[code][:2]
