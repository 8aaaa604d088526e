"""Somebody at the page with nothing but a keyboard."""

from __future__ import annotations

from playwright.sync_api import Page, expect

expect.set_options(timeout=30_000)  # a test waits for the page, not for the machine's other work
MOST_TABS = 60


def enter(page: Page, who: str = "Anna") -> None:
    """Say who decides; the field is focused when the page opens."""
    page.keyboard.type(who)
    page.keyboard.press("Enter")
    page.locator("body[data-ready] #item h1").wait_for()


def on(page: Page) -> str:
    """The name of what is shown; empty where nothing is."""
    return page.locator("#item").get_attribute("data-name") or ""


def press(page: Page, *keys: str) -> None:
    """Keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def decided(page: Page, *keys: str) -> str:
    """Press keys that decide, wait for what comes next; the name of what was decided on."""
    name = on(page)
    press(page, *keys)
    page.locator(f'#item:not([data-name="{name}"])').wait_for()
    return name


def tab_to(page: Page, selector: str) -> None:
    """Tab until that element has the focus, as somebody without a mouse would."""
    for _ in range(MOST_TABS):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def said(page: Page, words: str) -> None:
    """Wait until the status line says so."""
    page.locator("#status", has_text=words).wait_for()
