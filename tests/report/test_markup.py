"""Strangers' text as markup: escaped, visible, not longer than a reader takes in."""

from __future__ import annotations

from markupsafe import Markup

from pullsmith.report.charts.svg import NARROW, WIDE, Chart, Drawing
from pullsmith.report.markup import code, diff, svg, written
from pullsmith.report.shortened import Cut


def test_what_a_template_prints_is_visible_and_short_but_markup_and_numbers_are_as_they_are() -> (
    None
):
    assert written("a\u202eb\x00") == r"a\u202eb\x00"
    assert written("two\nlines\t5\xa0%") == "two\nlines\t5\xa0%"
    assert len(str(written("x" * 100_000))) < 5_000
    assert written(Markup("<b>\u202e</b>")) == Markup("<b>\u202e</b>")
    assert written(7) == 7


def test_code_is_escaped_line_by_line_and_says_what_is_missing() -> None:
    assert code(Cut(("<b>", "&\u200b"), 3)) == (
        '&lt;b&gt;\n&amp;\\u200b\n<span class="rest">… 3 more lines</span>'
    )
    assert code(Cut(("x",), 1)).endswith("… 1 more line</span>")


def test_a_diffs_lines_are_marked_in_runs_and_a_line_of_a_file_never_passes_for_a_heading() -> None:
    shown = diff(
        Cut(
            (
                "## File: 'a'",
                "@@ -1 +1 @@",
                " 8  ## File: 'b'",
                " 9 +<i>",
                "10 +two",
                "   -three",
                "11  -no",
            )
        )
    )
    assert shown == (
        '<span class="f">## File: &#39;a&#39;\n</span>'
        '<span class="h">@@ -1 +1 @@\n</span>'
        " 8  ## File: &#39;b&#39;\n"
        '<span class="a"> 9 +&lt;i&gt;\n10 +two\n</span>'
        '<span class="d">   -three\n</span>'
        "11  -no\n"
    )


def test_a_drawing_says_in_words_what_it_shows() -> None:
    drawing = Drawing(10, 20, Markup("<g/>"))
    chart = Chart("c", 'A "title"', "How to read it.", "What <it> shows.", drawing, drawing)
    assert svg(chart, drawing, "chart wide") == (
        '<svg class="chart wide" viewBox="0 0 10 20" role="img" '
        'aria-label="A &#34;title&#34;. What &lt;it&gt; shows."><g/></svg>'
    )
    assert NARROW < WIDE
