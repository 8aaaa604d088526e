"""docs/data.md: every block loads, every setting, rule and reason that exists is named with its default."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pullsmith.exclusions import read_exclusions
from pullsmith.select.rules import RULES
from pullsmith.select.strata import _KINDS
from pullsmith.study import parse_study
from pullsmith.study.cluster import ClusterSettings
from pullsmith.study.select import SelectSettings

PAGE = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
STUDY = (
    'name = "page"\nstudent = [{ model = "tiny" }]\ncollect.sources = [{ planted = "stdlib" }]\n'
)


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", blocks("toml"))
def test_every_study_block_loads(text: str) -> None:
    assert parse_study(STUDY + text).name == "page"


def test_the_file_of_exclusions_reads(tmp_path: Path) -> None:
    (block,) = blocks("text")
    (tmp_path / "exclude.txt").write_text(block)
    found = read_exclusions(tmp_path / "exclude.txt")
    assert (len(found.repositories), len(found.pull_requests), len(found.authors)) == (2, 1, 1)
    assert found.pull_requests == ("forge.test/owner/name#12",)


def test_every_setting_is_named() -> None:
    for name in SelectSettings.model_fields:
        assert re.search(rf"`{name}\b", PAGE) or re.search(rf"^{name} =", PAGE, re.MULTILINE), name
    for name in set(ClusterSettings.model_fields) - {"qos"}:
        assert f"{name} =" in PAGE, name


def test_every_default_that_is_written_is_the_default() -> None:
    written = re.findall(r"`([a-z_]+) = ([^`]+)`", PAGE.split("## Where it runs")[0])
    found = {name: tomllib.loads(f"value = {value}")["value"] for name, value in written}
    assert len(found) > 12
    for name, value in found.items():
        if name not in ("exclude", "choose"):
            assert SelectSettings.model_fields[name].default == value, name


def test_every_rule_and_kind_is_named() -> None:
    for rule in RULES:
        assert f"`{rule.__name__}`" in PAGE
    for kind, _ in _KINDS:
        assert f"`{kind}`" in PAGE
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(__file__).parents[1] / "src" / "pullsmith" / "select").glob("*.py")
    )
    codes = set(re.findall(r'Reason\(\s*"([a-z_]+)"', source))
    assert {"exact_duplicate", "near_duplicate", "over_quota", "not_chosen"} == codes
    assert all(code in PAGE for code in codes)
