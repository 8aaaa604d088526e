"""docs/data-split.md: blocks load, commands and settings exist, and every reason is named and explained."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from pullsmith.cli import main
from pullsmith.contracts.grounding import Fault
from pullsmith.records import Outcome, SplitManifest
from pullsmith.report.reasons import meaning
from pullsmith.study import parse_study
from pullsmith.study.clean import CleanSettings

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "data-split.md").read_text(encoding="utf-8")
STUDY = 'name = "page"\n'
REST = '\n[collect]\nsources = [{ planted = "stdlib", count = 1 }]\n'


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def named() -> set[str]:
    return set(re.findall(r"`([a-z][a-z_]+)`", PAGE))


def reasons_of(stage: str, pattern: str) -> set[str]:
    sources = [path.read_text() for path in (ROOT / "src" / "pullsmith" / stage).glob("*.py")]
    found = {code for text in sources for code in re.findall(pattern, text)}
    assert len(found) >= 5
    return found


SPLIT = reasons_of("split", r'Stray\.of\(\s*record,\s*"([a-z_]+)"') | {
    "overlaps_eval",
    "overlaps_benchmark",
}
CLEAN = (
    reasons_of("clean", r'(?:Reason\(|for code, .* in \(\s*\(|_without\(each, )"([a-z_]+)"')
    | {"low_judge_score", "low_reflect_score"}
    | {fault.value for fault in Fault}
    | {outcome.value for outcome in Outcome if outcome is not Outcome.OK}
)


@pytest.mark.parametrize("text", blocks("toml"))
def test_every_study_block_loads(text: str) -> None:
    head = "" if text.startswith("student") else 'student = [{ model = "tiny" }]\n'
    assert parse_study(STUDY + head + text + REST).name == "page"


def test_every_command_line_is_one() -> None:
    lines = [line.partition("  #")[0] for text in blocks("sh") for line in text.splitlines()]
    assert len(lines) >= 5
    for line in lines:
        program, name, *arguments = shlex.split(line)
        command = main.commands[name]
        assert program == "pullsmith"
        command.make_context(name, arguments, resilient_parsing=False)
        assert isinstance(command, click.Command)


@pytest.mark.parametrize("reason", sorted(SPLIT | CLEAN))
def test_every_reason_is_on_the_page(reason: str) -> None:
    assert reason in named()


@pytest.mark.parametrize(("stage", "reasons"), [("split", SPLIT), ("clean", CLEAN)])
def test_every_reason_has_a_meaning_in_the_funnel(stage: str, reasons: set[str]) -> None:
    assert [reason for reason in sorted(reasons) if not meaning(stage, reason)] == []


def test_settings_and_fields_are_on_the_page() -> None:
    assert CleanSettings.model_fields.keys() - {"review"} - named() == set()
    assert SplitManifest.model_fields.keys() - {"schema_version"} - named() == set()
