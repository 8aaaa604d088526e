"""Colours: every variable of the style sheets has one in light and in dark, and words can be read on it."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from pullsmith.report.palette import DARK, LIGHT, filled, variables

SHEETS = [
    (files("pullsmith.report") / "templates" / name).read_text(encoding="utf-8")
    for name in ("page.css", "chart.css")
]


def luminance(colour: str) -> float:
    """Of sRGB, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_21_to_1() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") < 4.5  # the best known grey that is too light


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("ground", ["paper", "band", "wash", "added", "removed"])
def test_words_can_be_read_on_every_ground(palette: dict[str, str], ground: str) -> None:
    assert contrast(palette["ink"], palette[ground]) >= 7
    assert contrast(palette["soft"], palette[ground]) >= 4.5
    assert contrast(palette["mark"], palette[ground]) >= 3


def test_every_variable_is_known_and_none_is_left_in_a_file() -> None:
    used = {name for sheet in SHEETS for name in re.findall(r"var\(--([a-z]+)\)", sheet)}
    assert used
    assert used <= LIGHT.keys() == DARK.keys()
    assert "var(" not in filled(SHEETS[1])
    assert all(f"--{name}: " in variables() for name in used)
