"""The page as text: which table stands where, what is left out of long ones, and one style sheet's digest."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape

from pullsmith.report.page import MOST_ROWS, page, places
from pullsmith.report.table import Table
from tests.report.made import board as empty
from tests.report.many import board_of_thirty, effect


def section(text: str, name: str) -> str:
    """A section of the page; empty where it has none."""
    return text.partition(f'<section aria-labelledby="{name}">')[2].partition("</section>")[0]


def test_tables_stand_where_they_are_read() -> None:
    took = Table("What it took to train", "", ("Model", "Time"), (("a", "3 s"),))
    text = page(board_of_thirty(), took=[took])
    assert "Do the judges agree?" in section(text, "judges")
    assert "Differences, paired" in section(text, "models")
    assert "What it took to train" in section(text, "costs")
    assert "Funnel" in section(text, "records")
    titles = re.findall(r'<h3 id="t-[0-9a-f]+">([^<]*)</h3>', text)
    assert len(titles) == len(set(titles)) > 5


def test_rows_without_end_are_cut_and_counted() -> None:
    many = tuple(effect(f"m{n}", 0.1) for n in range(MOST_ROWS + 7))
    text = page(board_of_thirty().model_copy(update={"differences": many}))
    assert "7 more rows are in board.json." in text
    assert f"m{MOST_ROWS - 1}@after minus" in text
    assert f"m{MOST_ROWS}@after minus" not in text


def test_a_long_table_is_folded_and_a_short_one_is_not() -> None:
    text = page(board_of_thirty())
    folded = re.findall(r'<details class="part">\n<summary><h3[^>]*>([^<]*)', text)
    assert "Per judge" in folded
    assert "Do the judges agree?" not in folded


def test_a_board_of_nobody_is_a_page() -> None:
    text = page(empty())
    assert "What it shows." in text
    assert "Nothing is shown: no records were given." in text
    assert "<svg" not in text
    assert section(text, "judges") == section(text, "costs") == ""


def test_the_policy_allows_the_one_style_sheet_and_nothing_else() -> None:
    text = page(empty())
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    css = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert unescape(policy) == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "<script" not in text
    assert "http" not in css


def test_every_name_of_a_rated_row_leads_to_its_place() -> None:
    found = places(board_of_thirty())
    name = board_of_thirty().models[0].model
    assert found[name] == found[f"{name}@after"] == found[f"{name} (after)"]
    assert found[f"{name}@before"] == found[f"{name} (before)"] != found[name]
