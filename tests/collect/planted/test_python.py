from __future__ import annotations

import ast

import pytest

from pullsmith.collect.planted.harvest import harvest, standard_library
from pullsmith.collect.planted.python import file_sites, makes_wrong, parse
from pullsmith.collect.planted.sites import FileSite

TEXT = '''x = a is None


class A:
    @wrapped
    def f(self, a):
        """Prose: if a is None."""
        if a is None:
            return 1
        return a.b


def g(a):
    try:
        return a[1:]
    except KeyError:
        raise ValueError from None
'''


def test_sites_of_a_file_are_single_lines_of_its_functions() -> None:
    assert [(site.line, site.kind) for site in file_sites(TEXT)] == [
        (8, "inverted"),
        (8, "none_eq"),
        (15, "off_by_one"),
        (16, "bare_except"),
        (17, "swallowed"),
    ]
    lines = TEXT.split("\n")
    for site in file_sites(TEXT):
        assert lines[site.line - 1] == site.original


def test_only_the_wanted_lines() -> None:
    assert [site.line for site in file_sites(TEXT, {1, 7, 15})] == [15]
    assert file_sites(TEXT, set()) == ()


@pytest.mark.parametrize("text", ["", "def f(:\n", TEXT.replace("\n", "\r\n"), TEXT + "\f\n"])
def test_a_file_that_cannot_be_used_has_none(text: str) -> None:
    assert file_sites(text) == ()


def test_a_line_that_does_not_parse_or_changes_nothing_does_not_make_wrong() -> None:
    line = "        return a[1:]"
    assert makes_wrong(TEXT, FileSite("k", 15, "        return a[2:]", line))
    assert not makes_wrong(TEXT, FileSite("k", 15, "        return a[1:]  # more", line))  # a no-op
    assert not makes_wrong(TEXT, FileSite("k", 15, "        return a[2:", line))
    assert not makes_wrong(TEXT, FileSite("k", 15, "    return a[2:]", line))
    assert not makes_wrong(TEXT, FileSite("k", 1, "x = a == None", "x = a is None"))  # no function
    assert not makes_wrong("def f(:\n", FileSite("k", 1, "def f():", "def f(:"))


def test_what_makes_a_function_wrong_makes_its_whole_file_wrong() -> None:
    """Only functions are parsed again; here whole files are, for a few hundred places."""
    library = harvest(standard_library(), max_lines=8, file_limit=40)
    tried = 0
    short = [lines for lines in library.files.values() if len(lines) < 400]
    for rows in short[:12]:
        text = "\n".join(rows) + "\n"
        whole = ast.dump(ast.parse(text))
        for site in file_sites(text)[::4]:
            lines = text.split("\n")
            lines[site.line - 1] = site.defective
            changed = parse("\n".join(lines))
            expected = changed is not None and ast.dump(changed) != whole
            assert makes_wrong(text, site) == expected, site
            tried += expected
    assert tried > 100


def test_a_function_parses_as_far_in_as_it_stands() -> None:
    assert parse("    def f(a):\n        return a\n") is not None
    assert parse("    def f(a):\n  return a\n") is None
