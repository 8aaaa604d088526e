"""Charts: what is drawn where, what is said in words, and when there is nothing to draw."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from pullsmith.report.charts.agreement import agreement
from pullsmith.report.charts.change import change
from pullsmith.report.charts.every import charts
from pullsmith.report.charts.files import svg_file
from pullsmith.report.charts.forest import even_rate, forest
from pullsmith.report.charts.funnel import funnel_chart
from pullsmith.report.charts.intervals import Line, Scale, intervals
from pullsmith.report.charts.leanings import leanings
from pullsmith.report.charts.svg import Chart, element, fitting, text
from pullsmith.report.losses import curve
from tests.report.made import board as empty
from tests.report.many import JUDGES, board, board_of_thirty, effect, rate, row, told

LOSSES = [{"step": 1, "loss": 2.0}, {"step": 2, "loss": 1.0}, {"step": 2, "eval_loss": 1.5}]


def every_chart() -> dict[str, Chart]:
    found = curve("a", LOSSES)
    assert found is not None
    return charts(board_of_thirty(), [found])


def test_a_full_board_has_all_charts_and_an_empty_one_none() -> None:
    assert list(every_chart()) == ["forest", "before-after", "agreement", "judges-lean", "losses", "funnel"]  # fmt: skip
    assert charts(empty()) == {}


@pytest.mark.parametrize("name", list(every_chart()))
def test_every_chart_is_sound_xml_has_words_and_stays_inside_its_frame(name: str) -> None:
    chart = every_chart()[name]
    assert len(chart.text) > 20
    assert len(chart.note) > 20
    for drawing in (chart.wide, chart.narrow):
        root = ElementTree.fromstring(f"<svg>{drawing.marks}</svg>")
        for mark in root.iter():
            for key, most in (("x", drawing.width), ("cx", drawing.width), ("x2", drawing.width), ("y", drawing.height), ("y2", drawing.height)):  # fmt: skip
                assert -0.1 <= float(mark.get(key, "0")) <= most + 0.1, (mark.tag, mark.attrib)
        assert "style" not in {key for mark in root.iter() for key in mark.attrib}


@pytest.mark.parametrize("name", list(every_chart()))
def test_words_do_not_run_into_each_other(name: str) -> None:
    """By the mean width of a letter; what stands on one line must leave a gap."""
    chart = every_chart()[name]
    for drawing in (chart.wide, chart.narrow):
        lines: dict[str, list[tuple[float, float, str]]] = {}
        for found in re.finditer(r"<text ([^>]*)>([^<]*)</text>", str(drawing.marks)):
            keys = dict(re.findall(r'([a-z-]+)="([^"]*)"', found[1]))
            size = {"small": 11, "number": 12, "figure": 12}.get(keys.get("class", ""), 13)
            width = len(found[2]) * size * 0.56
            at = float(keys["x"])
            start = {"end": at - width, "middle": at - width / 2}.get(
                keys.get("text-anchor", ""), at
            )
            lines.setdefault(keys["y"], []).append((start, start + width, found[2]))
        if name == "losses":
            continue  # names of several small charts share a line, each inside its own column
        for same in lines.values():
            ordered = sorted(same)
            for one, other in pairwise(ordered):
                assert one[1] <= other[0] + 1, (one, other)


def test_text_is_escaped_and_visible() -> None:
    assert text(1, 2, "<b>\u202e\n&") == '<text x="1" y="2">&lt;b&gt;\\u202e &amp;</text>'
    assert element("g", 'a"<', class_='x" y="') == '<g class="x&#34; y=&#34;">a&#34;&lt;</g>'


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    assert fitting("short", 100) == "short"
    cut = fitting("a-very-long-model-name-indeed (after)", 150)
    assert cut.startswith("a-very")
    assert cut.endswith("(after)")
    assert len(cut) <= 150 / (13 * 0.56)


def test_shares_outside_0_and_1_are_put_on_the_edge() -> None:
    scale = Scale(10, 110)
    assert [scale.at(share) for share in (-1, 0, 0.25, 1, 2)] == [10, 10, 35, 110, 110]


def test_a_line_shows_value_interval_and_even_at_their_places() -> None:
    # Wide: 0 is at 328, 1 at 700, so a share s is at 328 + 372 s.
    drawing = intervals([Line("a", 0.5, 0.25, 0.75, "50 %", "50 %", even=0.4)])
    assert '<circle cx="514" cy="38"' in drawing.marks
    assert '<line x1="421" y1="38" x2="607" y2="38" class="range"/>' in drawing.marks
    assert '<line x1="476.8" y1="32" x2="476.8" y2="44" class="even"/>' in drawing.marks


def test_even_is_half_of_what_is_no_tie() -> None:
    # 10 % ties: 45 wins, 45 losses, 10 ties of a hundred is even.
    assert even_rate(rate(0.3, ties=0.1)) == pytest.approx(0.45)
    assert even_rate(rate(0.3, ties=0.0)) == pytest.approx(0.5)
    assert even_rate(rate(0.3).model_copy(update={"ties_half_rate": None})) is None


def test_the_forest_has_the_best_first_and_says_the_tiers() -> None:
    rows = (row("a", "before", 0.1, 2), row("b", "after", 0.6, 1), row("c", "after", 0.55, 1), row("d", "after", None))  # fmt: skip
    chart = forest(board(rows))
    assert chart is not None
    assert chart.text == (
        "3 rows, from 10.0 % to 60.0 % better than openai:ref; b (after) is first. "
        "Tier 1: b (after), c (after). Tier 2: a (before)."
    )
    order = [chart.wide.marks.index(name) for name in ("b (after)", "c (after)", "a (before)")]
    assert order == sorted(order)
    assert chart.wide.marks.count('class="hollow"') == 1
    assert "d (after)" not in chart.wide.marks


def test_the_change_is_drawn_from_before_to_after_and_said() -> None:
    rows = (row("a", "after", 0.6), row("a", "before", 0.2), row("b", "after", 0.5))
    chart = change(board(rows, differences=(effect("a", 0.4),)))
    assert chart is not None
    assert "a: 20.0 % before, 60.0 % after, +40.0 points [+35.0 to +45.0]." in chart.text
    assert "b: – before, 50.0 % after, no “before”." in chart.text.replace("\N{EN DASH}", "–")  # noqa: RUF001
    assert chart.wide.marks.count('class="hollow"') == 1
    assert change(board(rows[2:])) is None


def test_agreement_needs_two_judges_and_puts_tau_above_the_diagonal() -> None:
    statistics = (told("kappa", "one", 0.41, "two"), told("tau", "one", 0.92, "two"))
    chart = agreement(board((), statistics=statistics))
    assert chart is not None
    assert chart.text == "κ: one and two 0.41. τ: one and two 0.92."
    assert chart.wide.marks.index("0.92") < chart.wide.marks.index("0.41")
    assert agreement(board((), statistics=(told("first_rate", "one", 0.5),))) is None
    undefined = (told("kappa", "one", None, "two"), told("tau", "one", 0.5, "two"))
    assert agreement(board((), statistics=undefined)) is not None


def test_a_mean_of_judges_is_no_judge() -> None:
    statistics = (told("tau", "one", 0.9, "two"), told("tau", "one", 0.9, "other-families"))
    chart = agreement(board((), statistics=statistics))
    assert chart is not None
    assert "other-families" not in chart.wide.marks


def test_leanings_name_the_judge_and_what_it_took() -> None:
    chart = leanings(board((), statistics=(told("first_rate", "one", 0.6), told("longer_rate", "one", None))))  # fmt: skip
    assert chart is not None
    assert chart.text == "one: first shown wins: 60.0 % [55.0 to 65.0]."
    assert leanings(empty()) is None


def test_the_funnel_sums_up_cells_and_names_the_commonest_reason() -> None:
    chart = funnel_chart(board_of_thirty())
    assert chart is not None
    assert "collect: 900 of 1,000 kept, most dropped as bot." in chart.text
    assert "train" not in chart.text  # nothing came in
    # Wide: the bar of collect is 880 - 210 - 110 = 560 units, nine tenths of it filled.
    assert '<rect x="110" y="6" width="504" height="14" class="fill"/>' in chart.wide.marks


def test_a_file_stands_alone_with_title_words_colours_and_ground() -> None:
    svg = svg_file(every_chart()["forest"])
    root = ElementTree.fromstring(svg)
    names = [child.tag.rpartition("}")[2] for child in root]
    assert names[:4] == ["title", "desc", "style", "rect"]
    assert "var(" not in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "").replace(JUDGES[2], "")
    assert "@import" not in svg
