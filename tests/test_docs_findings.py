"""docs/findings.md says what the code does: every claim, every number, and the published sentences."""

from __future__ import annotations

import re
from pathlib import Path

from pullsmith.cli import main
from pullsmith.models.vendors import BIG_MEANS
from pullsmith.records import Claim
from pullsmith.report.claims import BEYOND, FEWEST_REQUESTS
from pullsmith.stats.groups import FEWEST_MODELS
from pullsmith.study.facts import LARGE_BILLIONS

PAGE = (Path(__file__).parents[1] / "docs" / "findings.md").read_text(encoding="utf-8")


def test_every_claim_has_its_row_in_order() -> None:
    assert re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE) == list(Claim)


def test_its_numbers_are_the_code_s() -> None:
    assert BIG_MEANS in PAGE
    assert LARGE_BILLIONS == 10
    assert "more than 10 billion weights" in PAGE
    assert (FEWEST_MODELS, FEWEST_REQUESTS, BEYOND) == (3, 10, 0.05)
    assert "fewer than three models on a side" in PAGE
    assert "fewer than 10 pull requests" in PAGE
    assert "the p-value is .05 or more" in PAGE


def test_its_commands_exist() -> None:
    shown = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    commands = re.findall(r"^pullsmith ([a-z]+)", shown, re.MULTILINE)
    assert commands == ["rank", "report"]
    assert set(commands) <= set(main.commands)
