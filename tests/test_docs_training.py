"""docs/training.md: its studies load, its tables are the code's, its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pullsmith.cli import main
from pullsmith.models.presets import presets
from pullsmith.study import parse_study
from pullsmith.study.known import known_of
from pullsmith.train.fit import Method, Run, hours, memory, shape_of_preset
from tests.train.twins import TWINS

PAGE = (Path(__file__).parents[1] / "docs" / "training.md").read_text(encoding="utf-8")
STUDIES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
METHODS: tuple[Method, ...] = ("qlora", "lora", "full")


def table(heading: str) -> list[list[str]]:
    """The rows below a heading, as cells."""
    below = PAGE.split(f"\n## {heading}\n", maxsplit=1)[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


@pytest.mark.parametrize("block", STUDIES)
def test_its_studies_load(block: str) -> None:
    text = 'name = "page"\ncollect.sources = [{ planted = "stdlib" }]\n' + block
    student = parse_study(text).student[0]
    assert known_of(student).model_class.value == "code"


def test_it_names_every_preset_as_it_is() -> None:
    found = {row[0]: row for row in table("Models")}
    assert list(found) == list(presets())
    for name, preset in presets().items():
        assert found[name][1] == f"`hf:{preset.hub.value}`"
        facts = (preset.size_billions, preset.architecture, preset.variant, preset.model_class,
                 preset.licence, preset.published_rate)  # fmt: skip
        said = ["unknown" if fact.value is None else str(fact.value) for fact in facts]
        assert found[name][2:] == said


def test_it_names_every_twin_and_whether_it_packs() -> None:
    said = [(row[0], row[1], row[3] == "yes") for row in table("Tiny twins")]
    assert said == [(name, twin.architecture, twin.packs) for name, twin in TWINS.items()]


def test_its_estimates_are_what_fit_says() -> None:
    rows = {row[0]: row[1:] for row in table("Memory and hours")}
    shapes = {name: shape_of_preset(preset) for name, preset in presets().items()}
    known = {name: shape for name, shape in shapes.items() if shape is not None}
    assert list(rows) == list(known)
    for name, shape in known.items():
        runs = [Run(method, 8192, 1200, checkpointing=True) for method in METHODS]
        gib = [f"{memory(shape, run).total / 1024**3:.0f}" for run in runs]
        took = hours(shape, runs[1], tokens=10**8, flops_per_second=3e14)
        assert rows[name] == [*gib, f"{took:.1f}"]


def test_its_commands_exist() -> None:
    shown = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    commands = set(re.findall(r"^pullsmith ([a-z]+)", shown, re.MULTILINE))
    assert commands
    assert commands <= set(main.commands)
