"""How the page looks to everybody: contrast, names, focus, a phone's width, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pullsmith.records import PullRequest
from pullsmith.study import Study
from tests.browsed import DESKTOP, PHONE, opened, serious_faults
from tests.curate import made
from tests.curate.keys import MOST_TABS, enter, press
from tests.curate.pages import served
from tests.curated import defect, file, planted


def to_choose(folder: Path) -> Study:
    held: list[PullRequest] = [
        planted(f"d{n}", file(f"held_{n} = 1"), defect=defect("x"), pool="eval") for n in range(4)
    ]
    return made.to_choose(folder, [*held, planted("t", file("train(other)"), pool="train")])


MAKE = {"clean": made.to_clean, "choose": to_choose, "judge": made.to_judge}


@contextmanager
def queue(browser: Browser, folder: Path, name: str, *, width: int = DESKTOP) -> Iterator[Page]:
    desk = made.desk(MAKE[name](folder))
    with served(desk) as page_of, opened(browser, f"{page_of.url}/{name}", width=width) as page:
        enter(page)
        if name == "choose":
            page.locator(".gauge h2").wait_for()
        yield page


@pytest.mark.parametrize("name", sorted(MAKE))
def test_nothing_serious_on_a_desk_or_a_phone_in_light_or_dark(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    with queue(browser, tmp_path, name) as page:
        for width in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                assert serious_faults(page) == [], (width, scheme)
            assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        press(page, "?")
        expect(page.locator("#help .keys p").first).to_be_visible()
        assert serious_faults(page) == []


@pytest.mark.parametrize("name", sorted(MAKE))
def test_everything_is_reached_with_tab_and_shows_that_it_has_the_focus(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    with queue(browser, tmp_path, name) as page:
        reached = set()
        for _ in range(MOST_TABS):
            press(page, "Tab")
            found = page.evaluate(
                "() => { const on = document.activeElement; const box = on.closest('.editor') ?? on;"
                " const style = getComputedStyle(box); return [on.dataset.do ?? on.id ?? '',"
                " on === document.body || on.matches('.skip') || style.outlineStyle !== 'none'] }"
            )
            assert found[1], found
            reached.add(found[0])
        wanted = page.locator("button[data-do]:visible:enabled").evaluate_all(
            "all => all.map(one => one.dataset.do)"
        )
        assert {one for one in wanted if one != "pane"} <= reached


def test_on_a_phone_the_diff_and_the_answer_take_turns(browser: Browser, tmp_path: Path) -> None:
    with queue(browser, tmp_path, "clean", width=PHONE) as page:
        expect(page.locator(".left")).to_be_visible()
        expect(page.locator(".right")).to_be_hidden()
        page.locator(".pane").click()
        expect(page.locator(".right")).to_be_visible()
        expect(page.locator(".left")).to_be_hidden()
        page.locator(".posted [data-do=line]").first.click()
        expect(page.locator(".r.hit")).to_be_visible()


def test_files_fold_and_both_forms_of_a_diff_have_the_same_lines(
    browser: Browser, tmp_path: Path
) -> None:
    with queue(browser, tmp_path, "clean") as page:
        lines = page.locator(".r").all_inner_texts()
        press(page, "v")
        page.locator(".w").first.wait_for()
        beside = page.locator(".r:not(.e)").all_inner_texts()
        assert set(beside) == set(lines)
        page.locator(".file > summary").first.press("Enter")
        expect(page.locator(".r").first).to_be_hidden()


def test_letters_are_no_keys_where_somebody_does_not_want_them(
    browser: Browser, tmp_path: Path
) -> None:
    with queue(browser, tmp_path, "clean") as page:
        press(page, "?")
        page.locator("#single").press("Space")
        press(page, "Escape", "y")
        expect(page.locator("pre.yaml")).to_be_hidden()
        page.locator("[data-do=help]").click()
        page.locator("#single").press("Space")
        press(page, "Escape", "y")
        expect(page.locator("pre.yaml")).to_be_visible()
