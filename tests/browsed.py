"""Pages in a real browser: opened, listened to, and asked for what a screen reader would stumble over.

Debian's chromium is driven by playwright; where there is none the tests skip and say so (CI installs it).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
PHONE, DESKTOP = 390, 1440
# Chromium itself must not look for its maker's hosts: nothing but loopback is reachable.
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
_SERIOUS = ("serious", "critical")


@contextmanager
def started() -> Iterator[Browser]:
    """A browser; the test skips where the machine has none."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    url: str,
    *,
    width: int = DESKTOP,
    scheme: Literal["light", "dark"] = "light",
    script: bool = True,
) -> Iterator[Page]:
    """A page of its own cookies at ``width`` pixels; a message on its console or an error fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        page.goto(url)
        yield page
        assert not said, f"the page's console says {said}"
    finally:
        context.close()


def serious_faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with the first element of each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {fault['nodes'][0]['html'][:200]}"
        for fault in found
        if fault["impact"] in _SERIOUS
    ]


def screenshot(page: Page, path: Path) -> Path:
    """The whole page as a picture, for a person to look at."""
    page.screenshot(path=path, full_page=True)
    return path
