"""docs/judging.md names every setting, control, statistic and rule of a verdict."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pullsmith.controls import KINDS
from pullsmith.judge.ballots import OVER_WINDOW
from pullsmith.study.judging import JudgingSettings
from pullsmith.study.rank import RankSettings

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "judging.md").read_text(encoding="utf-8")
NAMED = re.compile(r'statistic\(\s*"([a-z_]+)"|^\s+"([a-z_]+_(?:rate|agreement))": _', re.MULTILINE)


def statistics() -> set[str]:
    """The names rank gives its statistics, from its code."""
    found = {"raw_agreement", "kappa", "family_rate", "own_family_preference"}
    found |= {"length_effect", "length_controlled_rate"}
    for path in (ROOT / "src" / "pullsmith" / "rank").glob("*.py"):
        for one, other in NAMED.findall(path.read_text(encoding="utf-8")):
            found.add(one or other)
    return found - {"control_rate", "strength"}


def test_the_search_finds_the_names() -> None:
    assert {"flip_rate", "first_rate", "longer_rate", "alpha", "tau"} <= statistics()


@pytest.mark.parametrize("name", sorted(statistics()))
def test_every_statistic_is_explained(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", [*KINDS, OVER_WINDOW, "settled_before"])
def test_every_control_and_rule_is_explained(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize(
    "name",
    [f"judging.{n}" for n in JudgingSettings.model_fields]
    + [f"rank.{n}" for n in RankSettings.model_fields],
)
def test_every_setting_is_explained(name: str) -> None:
    assert f"`{name}" in PAGE
