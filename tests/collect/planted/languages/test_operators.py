"""Every kind in every language: the exact line, its near miss, and what a file must be."""

from __future__ import annotations

import time

import pytest

from pullsmith.collect.planted.kinds import KINDS
from pullsmith.collect.planted.languages.operators import MAX_BYTES, OPERATOR_KINDS, file_sites
from pullsmith.collect.planted.sites import FileSite
from pullsmith.grammars import LANGUAGES, language_of
from tests.collect.planted.languages.rows import NEAR, ROWS, Near, Row


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: f"{row.path}-{row.kind}-{row.defective.strip()}"
)
def test_the_line_is_planted(row: Row) -> None:
    original = row.text.split("\n")[row.line - 1]
    found = [site for site in file_sites(row.path, row.text) if site.kind == row.kind]
    assert FileSite(row.kind, row.line, row.defective, original) in found


@pytest.mark.parametrize("near", NEAR, ids=lambda near: f"{near.path}-{near.kind}-{near.why}")
def test_the_near_miss_is_not(near: Near) -> None:
    sites = file_sites(near.path, near.text)
    assert [site.defective for site in sites if site.kind == near.kind] == []
    # The file itself is one that can be planted in: it parses.
    assert file_sites(near.path, near.text + EXTRA[str(language_of(near.path))])


EXTRA = {
    "javascript": "if (zz) yy();\n",
    "typescript": "if (zz) yy();\n",
    "go": "func zz() {\n\tif yy {\n\t}\n}\n",
    "java": "class Zz {\n void g() { if (yy) g(); }\n}\n",
    "rust": "fn zz() {\n    if yy {\n    }\n}\n",
}


def test_there_is_a_row_and_a_near_miss_for_every_language_and_kind() -> None:
    wanted = {(language, kind) for language in LANGUAGES for kind in OPERATOR_KINDS}
    assert {(language_of(row.path), row.kind) for row in ROWS} == wanted
    assert {(language_of(near.path), near.kind) for near in NEAR} == wanted


def test_the_kinds_are_those_of_the_table() -> None:
    assert {*OPERATOR_KINDS, "secret"} == {
        "inverted", "boundary", "off_by_one", "lost_return", "swapped", "secret"
    }  # fmt: skip
    assert not OPERATOR_KINDS - set(KINDS)


def test_sites_come_in_order_and_each_wrong_line_once() -> None:
    text = "if (a) b();\nfor (let i = 0; i < n; i++) b(i);\nif (c[i - 1] === d[i - 1]) b();\n"
    sites = file_sites("a.js", text)
    assert [site.line for site in sites] == [1, 2, 2, 3, 3, 3]
    assert len({(site.line, site.defective) for site in sites}) == len(sites)


def test_only_the_lines_asked_for() -> None:
    text = "".join(f"if (a{n}) b();\n" for n in range(9))
    assert [site.line for site in file_sites("a.js", text, lines={8, 3})] == [3, 8]
    assert file_sites("a.js", text, lines=()) == ()


def test_lines_outside_ascii_and_carriage_returns_stay_as_they_are() -> None:
    text = "const s = 'é';\r\nif (s === 'ü') { go('→'); }\r\n"
    [site] = file_sites("a.js", text)
    assert site.original == "if (s === 'ü') { go('→'); }\r"
    assert site.defective == "if (s !== 'ü') { go('→'); }\r"


NONE = {
    "another language": ("a.py", "if a:\n    b()\n"),
    "broken": ("a.js", "if (a) b();\nif (\n"),
    "minified": ("a.js", "if (a) b();\n" + "x();" * 300 + "\n"),
    "large": ("a.js", "if (a) b();\n" * (MAX_BYTES // 12 + 1)),
    "half a surrogate": ("a.js", "if (a) b('\udc80');\n"),
    "empty": ("a.js", ""),
}


@pytest.mark.parametrize("why", NONE)
def test_nothing_is_planted_in_such_a_file(why: str) -> None:
    path, text = NONE[why]
    assert file_sites(path, text) == ()
    assert file_sites("a.js", "if (a) b();\n")


def test_deep_nesting_and_many_calls_take_no_long() -> None:
    deep = "if (a) {" * 300 + "}" * 300
    calls = "".join(f"  f(a, b{n});\n" for n in range(2000))
    start = time.process_time()
    assert file_sites(
        "a.js", f"{deep[:900]}\n{deep[900:]}\n".replace("{", "{\n").replace("}", "}\n")
    )
    file_sites("a.js", "function g(a, b) {\n" + calls + "}\n")
    assert time.process_time() - start < 20
