"""The page in a browser: nothing runs, nothing is asked for, everyone can read it; also when its texts attack."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from pullsmith.report.page import page as page_of
from tests.browsed import DESKTOP, PHONE, opened, serious_faults
from tests.report import hostile
from tests.report.many import board_of_thirty

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile.made(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def large_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "index.html"
    path.write_text(page_of(board_of_thirty()), encoding="utf-8")
    return path


def asked_of(page: Page) -> list[str]:
    """What the page asks the network for, from now on."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    return found


def test_no_script_runs_nothing_is_asked_for_and_the_console_is_silent(
    browser: Browser, hostile_page: Path
) -> None:
    with opened(browser, hostile_page.as_uri()) as page:
        asked = asked_of(page)
        page.reload()
        for each in page.query_selector_all("details"):
            each.evaluate("details => details.open = true")
        for link in page.query_selector_all("main th, main summary")[:40]:
            link.hover()
        assert asked == [hostile_page.as_uri()]
        assert page.url == hostile_page.as_uri()
        assert (
            page.evaluate("document.querySelectorAll('script, img, iframe, base, link').length")
            == 0
        )
        # One style sheet, and no attribute that could run anything.
        assert page.evaluate("document.querySelectorAll('style').length") == 1
        every = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
        assert not [
            name for name in page.evaluate(every) if name.startswith(("on", "style", "src"))
        ]
        assert page.evaluate(f"({OVERFLOW})") == 0


def test_what_attacks_is_there_to_be_read(browser: Browser, hostile_page: Path) -> None:
    with opened(browser, hostile_page.as_uri()) as page:
        text = page.evaluate("document.body.textContent")
    assert "<script>console.log('ran')</script>" in text
    assert "{{ 7 * 191 }}" in text
    assert r"a\u202eb\u2066c\u200bd\ufeffe\x00f" in text
    assert re.search(r"… 9\d\d,\d\d\d more characters", text)
    for hidden in ("\u202e", "\u200b", "\ufeff", "\x00", "\x1b", "\u2066", "\U000e0041"):
        assert hidden not in text
    assert max(map(len, text.split("\n"))) < 20_000


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("large_page", PHONE, "light"),
        ("large_page", PHONE, "dark"),
        ("large_page", DESKTOP, "light"),
        ("large_page", DESKTOP, "dark"),
        ("hostile_page", PHONE, "dark"),
    ],
)
def test_nobody_is_shut_out(
    browser: Browser,
    request: pytest.FixtureRequest,
    name: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    path: Path = request.getfixturevalue(name)
    with opened(browser, path.as_uri(), width=width, scheme=scheme) as page:
        for each in page.query_selector_all("details"):
            each.evaluate("details => details.open = true")
        assert serious_faults(page) == []
        assert page.evaluate(OVERFLOW) == 0


def test_it_reads_without_script_and_headings_are_in_order(
    browser: Browser, large_page: Path
) -> None:
    with opened(browser, large_page.as_uri(), script=False) as page:
        levels = [
            int(h.evaluate("h => h.tagName[1]")) for h in page.query_selector_all("h1, h2, h3, h4")
        ]
        assert page.locator("h1").count() == 1
        assert page.locator("svg.wide").first.is_visible()
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_name_on_the_board_leads_to_its_sample_and_an_example_opens(
    browser: Browser, hostile_page: Path
) -> None:
    with opened(browser, hostile_page.as_uri()) as page:
        page.locator("section[aria-labelledby=board] tbody th a").first.click()
        row = page.locator("tr:target")
        assert row.count() == 1
        row.locator("a.eg").first.click()
        target = page.locator("div:target")
        assert target.is_visible()
        assert "as it came" in target.inner_text() or "review" in target.inner_text()


def test_the_keyboard_reaches_every_link_fold_and_table(browser: Browser, large_page: Path) -> None:
    with opened(browser, large_page.as_uri()) as page:
        wanted = page.evaluate(
            "[...document.querySelectorAll('a, summary, .scroll')].filter(e => e.checkVisibility()).length"
        )
        reached = set()
        for _ in range(wanted + 2):
            page.keyboard.press("Tab")
            reached.add(
                page.evaluate(
                    "[...document.querySelectorAll('a, summary, .scroll')].indexOf(document.activeElement)"
                )
            )
        assert len(reached - {-1}) == wanted


def test_on_paper_it_is_light_and_nothing_sticks_out(browser: Browser, large_page: Path) -> None:
    with opened(browser, large_page.as_uri(), width=700, scheme="dark") as page:
        page.emulate_media(media="print")
        assert (
            page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        )
        assert page.evaluate(OVERFLOW) == 0
        assert not page.locator("nav").is_visible()
