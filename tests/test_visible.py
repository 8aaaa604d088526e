"""What cannot be seen is written out; what can be seen stays as it is."""

from __future__ import annotations

import sys

import pytest

from pullsmith.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("access\u202e\u2066level", r"access\u202e\u2066level"),  # Trojan source
        ("user\u200bname", r"user\u200bname"),
        ("null\x00", r"null\x00"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("half \ud800", r"half \ud800"),
        ("\ufeffmark", r"\ufeffmark"),
        ("a\xa0b", r"a\xa0b"),
        ("blank \u3164 letter", r"blank \u3164 letter"),
        ("tag \U000e0041", r"tag \U000e0041"),
        ("two\nlines\r", r"two\nlines\r"),
        ("\u26a0\ufe0f\ufe0f\ufe01", "\u26a0\ufe0f\\ufe0f\\ufe01"),  # a run of selectors carries text
    ],
)  # fmt: skip
def test_what_is_not_seen_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["", "plain", "tab\there", "Grüße, 世界, שלום", "\u26a0\ufe0f", "e\u0301", "<b>&amp;"]
)
def test_what_is_seen_stays(text: str) -> None:
    assert visible(text) == text


def test_lines_are_kept_where_they_are_wanted() -> None:
    assert visible("a\n\tb\r\n", keep="\n\t") == "a\n\tb\\r\n"


def test_nothing_is_left_over_of_all_of_unicode() -> None:
    hidden = [chr(code) for code in range(sys.maxunicode + 1) if not chr(code).isprintable()]
    assert len(hidden) > 1000
    assert visible("".join(hidden), keep="").isprintable()


def test_a_long_text_is_quick() -> None:
    assert visible("x = 1\n" * 200_000, keep="\n") == "x = 1\n" * 200_000
