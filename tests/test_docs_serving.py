"""docs/serving.md: its commands and options exist, its table of checks is the code's."""

from __future__ import annotations

import re
from pathlib import Path

import click

from pullsmith.cli import main
from pullsmith.serve.checks import MARKER, PROBES, _told

PAGE = (Path(__file__).parents[1] / "docs" / "serving.md").read_text(encoding="utf-8")


def options(command: str) -> set[str]:
    """Every option that a command has."""
    found = main.commands[command]
    return {name for each in found.params if isinstance(each, click.Option) for name in each.opts}


def test_the_options_it_names_exist_and_every_option_is_named() -> None:
    named = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", PAGE)) - {"--to"}  # export's
    both = options("serve") | options("try")
    assert named <= both, named - both
    assert both - named == {"--max-tokens", "--repository"}  # said by --help


def test_its_checks_are_the_codes() -> None:
    below = PAGE.split("| check | passes when |")[1].split("\n\n")[0]
    assert re.findall(r"^\| (\w+) \|", below, re.MULTILINE) == [
        "model",
        "tokens",
        "stream",
        "window",
    ]
    assert len(PROBES) == 3


def test_the_failure_it_shows_is_the_one_that_is_said() -> None:
    from pullsmith.serve.checks import Asked

    finding = _told(Asked("", 2048, "stop"), 32744.0, window=32768, recalled=False)
    (shown,) = re.findall(r"`FAILED window: ([^`]*)`", PAGE)
    assert finding.said.startswith(shown)
    assert MARKER not in shown
