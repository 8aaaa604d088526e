from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browsed import PHONE, opened, screenshot, serious_faults

GOOD = """<!doctype html><html lang="en"><title>a page</title><main><h1>Heading</h1><p>Text.</p></main></html>"""


def _page(folder: Path, text: str) -> str:
    path = folder / "page.html"
    path.write_text(text)
    return path.as_uri()


def test_a_good_page_has_no_serious_fault(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, _page(tmp_path, GOOD), width=PHONE) as page:
        assert serious_faults(page) == []
        assert screenshot(page, tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_without_words_and_grey_on_grey_are_faults(
    browser: Browser, tmp_path: Path
) -> None:
    bad = GOOD.replace("<p>", "<img src='data:,'><p style='color: #ccc'>")
    with opened(browser, _page(tmp_path, bad)) as page:
        found = " ".join(serious_faults(page))
    assert "image-alt" in found
    assert "color-contrast" in found


def test_a_page_that_talks_on_its_console_fails(browser: Browser, tmp_path: Path) -> None:
    loud = GOOD.replace("</main>", "</main><script>console.log('here')</script>")
    with (
        pytest.raises(AssertionError, match="here"),
        opened(browser, _page(tmp_path, loud)),
    ):
        pass
