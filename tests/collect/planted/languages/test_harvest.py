"""Harvest of small files written here: what a function is, and why others are left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.collect.planted.harvest import Function, Harvest
from pullsmith.collect.planted.languages.harvest import harvest_foreign, harvest_foreign_texts
from pullsmith.collect.planted.operators import Site
from pullsmith.errors import SourceError
from pullsmith.grammars import LANGUAGES, parses

KEPT = {
    "javascript": (
        "lib/a.js",
        """import b from 'b';

class Line extends b {
  /** The sum. */
  async total(items, more = 1) {
    const sum = items.length - 1;
    if (sum === more) {
      this.found = sum;
    }
    return sum;
  }
}
""",
    ),
    "typescript": (
        "lib/a.ts",
        """export class Line {
  @memo()
  private total(items: string[], more: number): number {
    let sum = items.length - 1;
    if (sum === more) {
      sum = more;
    }
    return sum;
  }
}
""",
    ),
    "go": (
        "a.go",
        """package a

// total is the sum.
func (l *Line) total(items []string, more int) int {
\tsum := len(items) - 1
\tif sum == more {
\t\tl.found = sum
\t}
\treturn sum
}
""",
    ),
    "java": (
        "src/Line.java",
        """class Line {
    @Override
    public static int total(final int items, int more) {
        int sum = items - 1;
        if (sum == more) {
            sum = more;
        }
        return sum;
    }
}
""",
    ),
    "rust": (
        "src/a.rs",
        """impl Line {
    /// The sum.
    #[inline]
    pub fn total(&mut self, items: usize, more: usize) -> usize {
        let sum = items - 1;
        if sum == more {
            self.found = sum;
        }
        sum
    }
}
""",
    ),
}
# keyword, first line, insert_at, removable
SHAPES = {
    "javascript": ("async", 4, 2, ((2, 3), (3, 6), (6, 7))),
    "typescript": ("private", 2, 2, ((2, 3), (3, 6), (6, 7))),
    "go": ("func (l *Line)", 3, 2, ((2, 3), (3, 6), (6, 7))),
    "java": ("public static int", 2, 2, ((2, 3), (3, 6), (6, 7))),
    "rust": ("pub fn", 2, 3, ((3, 4), (4, 7), (7, 8))),
}


def gather(language: str, *texts: tuple[str, str], max_lines: int = 10) -> Harvest:
    files = [(path, text.encode()) for path, text in texts]
    return harvest_foreign_texts(files, language=language, max_lines=max_lines)


def kept(language: str) -> Function:
    [function] = gather(language, KEPT[language]).functions
    return function


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_function_is_described_line_by_line(language: str) -> None:
    function, (path, text) = kept(language), KEPT[language]
    assert (function.path, function.name, function.argument) == (path, "total", "items")
    shape = (function.keyword, function.first_line, function.insert_at, function.removable)
    assert shape == SHAPES[language]
    assert function.language == language
    start = function.first_line - 1
    assert function.lines == tuple(text.split("\n")[start : start + len(function.lines)])
    assert parses("\n".join(function.lines) + "\n", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_sites_are_those_of_its_lines(language: str) -> None:
    function = kept(language)
    assert {site.kind for site in function.sites} == {"off_by_one", "inverted"}
    for site in function.sites:
        assert function.lines[site.at] == site.original
        wrong = (*function.lines[: site.at], site.defective, *function.lines[site.at + 1 :])
        assert parses("\n".join(wrong) + "\n", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_removable_statement_it_still_parses(language: str) -> None:
    function = kept(language)
    for start, end in function.removable:
        less = function.lines[:start] + function.lines[end:]
        assert parses("\n".join(less) + "\n", language)


def js(name: str = "made", body: str = "  b();\n  return a;\n") -> str:
    return f"function {name}(a) {{\n{body}}}\n"


GOOD = ("z.js", js("kept"))
LEFT_OUT = {
    "length": ("a.js", js(body="  b();\n" * 9)),
    "columns": ("a.js", js(body=f"  b('{'x' * 100}');\n")),
    "one_line": ("a.js", "function f(a) { return a; }\n"),
    "telling_name": ("a.js", js("checkToken")),
    "duplicate": ("zz.js", "\n" + js("kept")),
    "no_name_or_body": ("a.js", "export default function (a) {\n  b();\n}\n"),
    "smell:debug": ("a.js", js(body="  console.log(a);\n  return a;\n")),
    "smell:swallowed": ("a.js", js(body="  try { a(); } catch (e) {}\n")),
    "file:does_not_parse": ("a.js", js() + "function (\n"),
    "file:test": ("test/a.js", js()),
    "file:vendored": ("vendor/a.js", js()),
    "file:generated": ("a.min.js", js()),
    "file:UnicodeDecodeError": ("a.js", js() + "// \udcff\n"),
    "file:line_ends": ("a.js", js().replace("\n", "\r\n")),
    "file:large": ("a.js", js() + "b();\n" * 100_001),
    "file:other_language": ("a.ts", js()),
}


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_what_is_left_out_is_counted_by_reason(reason: str) -> None:
    path, text = LEFT_OUT[reason]
    files = sorted([(path, text.encode("utf-8", "surrogateescape")), (GOOD[0], GOOD[1].encode())])
    found = harvest_foreign_texts(files, language="javascript", max_lines=8)
    assert [function.name for function in found.functions] == ["kept"]
    assert found.left_out == {reason: 1}
    assert list(found.files) == ["z.js"]


def test_a_header_that_says_generated_leaves_the_file_out() -> None:
    text = "// Code generated by a program. DO NOT EDIT.\npackage a\n\nfunc f() {\n\tg()\n}\n"
    assert gather("go", ("a.go", text)).left_out == {"file:generated": 1}
    assert len(gather("go", ("a.go", text.split("\n", 1)[1])).functions) == 1


def test_a_minified_file_does_not_count_as_parsed() -> None:
    text = js() + "b();" * 300 + "\n"
    assert gather("javascript", ("a.js", text)).left_out == {"file:does_not_parse": 1}


def test_tests_within_a_file_of_rust_are_left_out() -> None:
    body = "fn made() {\n        a();\n    }\n"
    text = (
        f"#[cfg(test)]\nmod tests {{\n    {body}}}\n\n#[test]\n{body}\nfn kept() {{\n    b();\n}}\n"
    )
    found = gather("rust", ("a.rs", text))
    assert [function.name for function in found.functions] == ["kept"]
    assert found.left_out == {"test": 1}


def test_a_comment_comes_along_whole_or_not_at_all() -> None:
    text = "/// One.\n/// Two.\n#[inline]\nfn made(a: u8) -> u8 {\n    b();\n    a\n}\n"
    [whole], [bare] = (gather("rust", ("a.rs", text), max_lines=most).functions for most in (7, 6))
    assert (whole.first_line, len(whole.lines)) == (1, 7)
    assert (bare.first_line, bare.lines[0]) == (3, "#[inline]")


def test_a_comment_apart_from_the_function_stays() -> None:
    [function] = gather("javascript", ("a.js", "// apart\n\n" + js())).functions
    assert function.first_line == 3


WITH_ROOM = {
    "a directive": ("a.js", js(body="  'use strict';\n  b();\n"), 2),
    "another constructor": (
        "a.js",
        "class A extends B {\n  constructor(a) {\n    super(a);\n    this.a = a;\n  }\n}\n",
        2,
    ),
    "nothing but it": ("a.js", js(body="  'use strict';\n\n"), None),
    "a comment": ("a.js", js(body="  // why\n  b();\n"), 1),
}


@pytest.mark.parametrize("why", WITH_ROOM)
def test_a_new_statement_comes_after_what_must_be_first(why: str) -> None:
    path, text, expected = WITH_ROOM[why]
    [function] = gather("javascript", (path, text)).functions
    assert function.insert_at == expected


ARGUMENTS = {
    "function f({ a }, b) {\n  c();\n}\n": "b",
    "function f(a = 1) {\n  c();\n}\n": "a",
    "function f(...a) {\n  c();\n}\n": "",
    "function f(_, b) {\n  c();\n}\n": "b",
    "function f() {\n  c();\n}\n": "",
}


@pytest.mark.parametrize("text", ARGUMENTS)
def test_the_argument_is_the_first_with_a_name(text: str) -> None:
    [function] = gather("javascript", ("a.js", text)).functions
    assert function.argument == ARGUMENTS[text]


CARRIED = {
    "export const made = async (a) => {\n  b();\n};\n": "export const",
    "A.prototype.made = function (a) {\n  b();\n};\n": "function",
    "export default function made(a) {\n  b();\n}\n": "export default function",
    "module.exports = {\n  made(a) {\n    b();\n  },\n};\n": "",
    "const x = {\n  made: function (a) {\n    b();\n  },\n};\n": "",
    "class A {\n  made = (a) => {\n    b();\n  };\n}\n": "",
}


@pytest.mark.parametrize("text", CARRIED)
def test_a_function_that_is_a_value_is_lifted_out_with_its_name(text: str) -> None:
    [function] = gather("javascript", ("a.js", text)).functions
    assert (function.name, function.keyword) == ("made", CARRIED[text])
    assert parses("\n".join(function.lines) + "\n", "javascript")


def test_lines_of_the_file_may_be_utf8_but_not_those_of_functions() -> None:
    text = "// é\n\n" + js("kept") + js("other", "  b('é');\n")
    found = gather("javascript", ("a.js", text))
    assert [function.name for function in found.functions] == ["kept"]
    assert found.left_out == {"columns": 1}
    assert found.files["a.js"] == tuple(text.split("\n")[:-1])


def test_a_site_counts_from_the_first_line_of_the_function() -> None:
    text = "x();\n\n// Why.\nfunction f(a) {\n  if (a) b();\n}\n"
    [function] = gather("javascript", ("a.js", text)).functions
    assert function.sites == (Site("inverted", 2, "  if (!a) b();", "  if (a) b();"),)


def test_nothing_usable_is_empty_from_texts_and_an_error_from_a_folder(tmp_path: Path) -> None:
    assert gather("go").functions == ()
    with pytest.raises(
        SourceError, match=r"no usable go function in it \({}\); give a folder of go"
    ):
        harvest_foreign(tmp_path, language="go", max_lines=8)


def test_a_folder_is_read_by_path_without_links_and_hidden_folders(tmp_path: Path) -> None:
    for path, name in (("b/a.js", "two"), ("a.js", "one"), (".git/a.js", "no"), ("c.py", "no")):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(js(name))
    (tmp_path / "c.js").symlink_to(tmp_path / "c.py")
    found = harvest_foreign(tmp_path, language="javascript", max_lines=8)
    assert [function.name for function in found.functions] == ["one", "two"]
    limited = harvest_foreign(tmp_path, language="javascript", max_lines=8, file_limit=1)
    assert [function.name for function in limited.functions] == ["one"]
