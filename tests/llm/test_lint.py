"""What the linters are asked, what is kept of it, and which fixes are certain."""

from __future__ import annotations

import pytest

from pullsmith.collect.planted.kinds import KINDS
from pullsmith.llm.lint import DEFECTS, codes_of, findings
from tests.llm.pulls import added, change, pull_request, shown_of


def found(
    *lines: str, language: str = "python", path: str = "a.py"
) -> list[tuple[str, int, str | None]]:
    """Code, line and fix of all that is found when ``lines`` are added from line 5 on."""
    pull = pull_request(change(added(*lines), path=path, language=language))
    return [(each.code, each.line.new_line or 0, each.fixed) for each in findings(shown_of(pull))]


@pytest.mark.parametrize(
    ("line", "code", "fixed"),
    [
        ("if x == None:", "E711", "if x is None:"),
        ("    while x != None and y:", "E711", "    while x is not None and y:"),
        ("if x == None and y == None:", "E711", None),  # two places: not certain
        ("if None == x:", "E711", None),
        ("if x == True:", "E712", None),
        ("elif not a in b:", "E713", "elif a not in b:"),
        ("if not a is b:", "E714", "if a is not b:"),
        ("if type(a) == type(b):", "E721", None),
        ("    except:", "E722", "    except Exception:"),
        ("f = lambda x: x", "E731", None),
        ("l = 1", "E741", None),
        ("return x is 'a'", "IsLiteral", "return x == 'a'"),
        ("return x is not 5", "IsLiteral", "return x != 5"),
        ("print(f'abc')", "FStringMissingPlaceholders", "print('abc')"),
        ("raise NotImplemented", "RaiseNotImplemented", "raise NotImplementedError"),
        ("return '%s %s' % (a,)", "PercentFormatPositionalCountMismatch", None),
        ("x = '{} {}'.format(1)", "StringDotFormatMissingArgument", None),
        ("x = {'a': 1, 'a': 2}", "MultiValueRepeatedKeyLiteral", None),
        ("assert (x, 'why')", "AssertTuple", None),
        (r"x = '\d'", "W605", None),
        ("def f(a, a):", "DuplicateArgument", None),
    ],
)
def test_a_defect_on_one_line(line: str, code: str, fixed: str | None) -> None:
    assert found(line) == [(code, 5, fixed)]


@pytest.mark.parametrize(
    "line",
    [
        "if x is None:", "elif a not in b:", "except Exception:", "else:", "@wraps(f)", "x = 1",
        "return x == 'a'", "print(f'{x}')", "raise NotImplementedError", "return '%s' % a",
        "", "    ", "self.call(", "x = undefined_name", "import os", "x=1;y = 2", "break",
        "from x import *", "global y", "x = None  # == None", "'x == None'",
    ],
)  # fmt: skip
def test_nothing_is_said_of_its_twin_nor_of_names_and_layout(line: str) -> None:
    assert found(line) == []


def test_the_hunk_as_a_whole_where_it_parses() -> None:
    lines = ("def f(x):", "    return g(", "        x == None, y=1", "    )")
    assert found(*lines) == [("E711", 7, None)]  # alone, the line does not parse: no fix is certain
    assert found(*lines[1:3]) == []  # it parses neither whole nor line by line


def test_prose_is_not_code() -> None:
    text = "x == None"
    assert found('    """Say', f"    {text}", '    """') == []
    assert found(f"    {text}", '    """') == []  # the string began above the hunk
    assert found(f"    {text}") != []


def test_only_added_lines_count() -> None:
    patch = "@@ -1,3 +1,3 @@\n if x == None:\n-    y = 1\n+    y = 2\n     z = y is 'a'\n"
    assert findings(shown_of(pull_request(change(patch)))) == ()
    turned = patch.replace("+    y = 2", "+    y = x == None")
    (only,) = findings(shown_of(pull_request(change(turned))))
    assert (only.line.new_line, only.fixed) == (2, "    y = x is None")


def test_other_languages_are_left_alone() -> None:
    assert found("x == None", language="ruby", path="a.rb") == []
    assert found("x == None", language="", path="a.py") != []


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "(" * 500,
        "x = '" + "\\d" * 5 + "'",
        "\ufeff",
        "a\x0cb",
        "from __future__ import annotations",
    ],
)
def test_odd_text_neither_raises_nor_warns(text: str) -> None:
    codes_of(text)
    found(text)


def test_what_planting_and_linting_both_know_has_one_name() -> None:
    shared = {"none_eq": "E711", "bare_except": "E722", "is_literal": "IsLiteral"}
    for kind, code in shared.items():
        assert (KINDS[kind].header, KINDS[kind].content) == DEFECTS[code][:2]
