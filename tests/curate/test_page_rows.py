"""Diffs as HTML: what is shown is the diff, in parts, in colour, and nothing of it is markup."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from pullsmith.curate.items import Flag
from pullsmith.curate.web.colours import LONGEST_COLOURED, Colours
from pullsmith.curate.web.rows import Drawing, Drawings, beside
from pullsmith.curate.web.sections import (
    LONGEST_LINE,
    PART_LINES,
    SECTION_FILES,
    SECTION_LINES,
    Sections,
)
from pullsmith.curate.web.seen import exact, plain, seen, spoken
from pullsmith.diff.shown import ShownDiff, whole
from pullsmith.records import ChangeStatus, FileChange
from pullsmith.visible import visible
from tests.curated import file, real

ESC = re.compile(r'<span class="esc">(.*?)</span>')


def shown(*files: FileChange) -> ShownDiff:
    record = real("1", *files)
    return ShownDiff.of(record, whole(record))


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


@given(st.text())
def test_without_its_tags_what_is_seen_is_what_is_visible(text: str) -> None:
    # surrogates cannot be written into a page as they are: they are escapes by then
    assert text_of(seen(text)) == visible(text)
    assert text_of(seen(text, keep="\n\t")) == visible(text, keep="\n\t")


def test_an_escape_of_ours_is_told_from_the_same_letters_in_the_text() -> None:
    assert ESC.findall(seen("a\u202eb")) == ["\\u202e"]
    assert ESC.findall(seen("a\\u202eb")) == []
    assert seen("<b>&\u200b") == '&lt;b&gt;&amp;<span class="esc">\\u200b</span>'


def test_code_in_what_is_said_is_code_and_still_text() -> None:
    assert spoken("say `a < b` and\n`\u202e`") == (
        'say <code>a &lt; b</code> and\n<code><span class="esc">\\u202e</span></code>'
    )
    assert spoken("one ` alone <b>") == "one ` alone &lt;b&gt;"


def test_what_a_template_prints_is_made_visible_but_markup_and_numbers_are_left() -> None:
    assert plain("a\u2066b\n") == "a\\u2066b\n"
    assert plain(Markup("<b>")) == "<b>"
    assert plain(3) == 3
    assert exact('"\u200b') == "&#34;\u200b"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r")), min_size=1))
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.html", "a.unknown", "Makefile"])
def test_the_pieces_of_a_line_are_the_line(path: str, lines: list[str]) -> None:
    diff = shown(file(*lines, path=path, deleted=["x"]))
    hunk = diff.files[0].hunks[0]
    colours = Colours(hunk, path)
    for line in reversed(hunk.lines):
        assert "".join(text for _, text in colours.of(line)) == line.text


def test_each_side_is_coloured_as_the_text_it_is() -> None:
    hunk = (
        shown(file('"""begins', "def told():", 'ends"""', deleted=["def was():"])).files[0].hunks[0]
    )
    colours = Colours(hunk, "a.py")
    old, first, inside, last, end = hunk.lines
    assert ("k", "def ") in colours.of(old)
    assert [colours.of(line)[0][0] for line in (first, inside, last)] == ["s", "s", "s"]
    assert "".join(text for _, text in colours.of(end)) == "end"


def test_what_cannot_be_coloured_is_plain() -> None:
    hunk = shown(file("def f():", "x" * (LONGEST_COLOURED + 1))).files[0].hunks[0]
    assert Colours(hunk, "a.py").of(hunk.lines[0]) == [("", "def f():")]
    hunk = shown(file("def f():")).files[0].hunks[0]
    assert Colours(hunk, "a.nothing").of(hunk.lines[0]) == [("", "def f():")]
    assert ("k", "def ") in Colours(hunk, "a.py").of(hunk.lines[0])


def test_rows_have_their_numbers_their_sign_and_no_markup_of_the_code() -> None:
    diff = shown(file("<script>alert(1)</script>", "b = '\u202e'", deleted=["c & d"]))
    drawing = Drawing(Sections.of(diff))
    (part,) = drawing.sections.parts(0)
    rows = drawing.part(part, apart=False)
    assert [text_of(row) for row in re.findall(r'<div class="r.*?</div>', rows)] == [
        "-c & d", "+<script>alert(1)</script>", "+b = '\\u202e'", " end",
    ]  # fmt: skip
    assert re.findall(r'data-o="(\d*)" data-n="(\d*)"', rows) == [
        ("1", ""),
        ("", "1"),
        ("", "2"),
        ("2", "3"),
    ]
    assert "<script" not in rows
    assert text_of(rows).startswith("@@ -1,2 +1,3 @@")


def test_side_by_side_what_was_taken_out_stands_beside_what_was_put_in() -> None:
    lines = shown(file("new 1", "new 2", deleted=["old 1"])).files[0].hunks[0].lines
    pairs = [(old and old.text, new and new.text) for old, new in beside(lines)]
    assert pairs == [("old 1", "new 1"), (None, "new 2"), ("end", "end")]
    drawing = Drawing(Sections.of(shown(file("new 1", "new 2", deleted=["old 1"]))))
    rows = drawing.part(next(iter(drawing.sections.parts(0))), apart=True)
    assert rows.count('class="w"') == 3
    names = re.findall(r'id="(l\d+)"', rows)
    assert (
        len(names) == len(set(names)) == 3
    )  # the taken-out line stands beside a new one, and has none


def test_a_large_diff_comes_in_parts_and_sections_and_every_line_once() -> None:
    files = [file(*(f"x = {n}" for n in range(7_000)), path="a.py"), file("y", path="b.py")]
    sections = Sections.of(shown(*files))
    assert len(sections.all) == 2
    assert [piece.continued for section in sections.all for piece in section] == [
        False,
        True,
        False,
    ]
    numbers = [
        line.number
        for section in range(2)
        for part in sections.parts(section)
        for run in part.runs
        for line in run.lines
    ]
    assert numbers == list(range(1, 7_004))
    for section in range(2):
        parts = list(sections.parts(section))
        assert all(part.lines <= PART_LINES for part in parts)
        assert sum(part.lines for part in parts) <= SECTION_LINES
    place = sections.place("a.py", 6_500)
    assert place is not None
    assert (place.section, place.number) == (1, 6_500)
    assert sections.place("a.py", 9_000) is None
    assert list(sections.parts(2)) == []


def test_long_lines_are_cut_with_what_is_left_out_and_many_files_make_sections() -> None:
    drawing = Drawing(Sections.of(shown(file("z" * 100_000))))
    rows = drawing.part(next(iter(drawing.sections.parts(0))), apart=False)
    assert "z" * LONGEST_LINE in rows
    assert "z" * (LONGEST_LINE + 1) not in rows
    assert "98,000 more characters" in rows
    many = Sections.of(shown(*(file("y", path=f"{n}.py") for n in range(SECTION_FILES + 1))))
    assert [len(section) for section in many.all] == [SECTION_FILES, 1]
    picture = FileChange(
        path="a.png", status=ChangeStatus.ADDED, language="", patch="", binary=True
    )
    assert Sections.of(shown(picture)).lines == 0


def test_flagged_lines_are_marked_and_a_flag_on_a_million_lines_marks_those_there_are() -> None:
    diff = shown(file("a", "b", "c"))
    flags = (Flag("line_not_shown", "", "app/a.py", 2, 3), Flag("odd", "", "other.py", 1, 1))
    drawing = Drawings().of(("n", "d"), diff, flags)
    assert drawing.flagged == {2, 3}
    assert Drawings().of(("n", "d"), diff, [Flag("x", "", "app/a.py", 1, 1_000_000)]).flagged == {
        1,
        2,
        3,
        4,
    }
    rows = drawing.part(next(iter(drawing.sections.parts(0))), apart=False)
    assert re.findall(r'class="r a q" id="(l\d)"', rows) == ["l2", "l3"]


def test_the_last_drawings_are_remembered_and_no_more() -> None:
    drawings, diff = Drawings(), shown(file("a"))
    first = drawings.of(("0", "d"), diff)
    assert drawings.of(("0", "d"), diff) is first
    for number in range(1, 9):
        drawings.of((str(number), "d"), diff)
    assert drawings.known(("0", "d")) is None
    assert drawings.known(("8", "d")) is not None
