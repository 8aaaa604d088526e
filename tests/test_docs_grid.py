"""docs/grid.md: blocks are grids of the names it gives, commands dry-run, every choice is explained."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.study import Study, parse_study
from pullsmith.study.data import DataKind

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "grid.md").read_text(encoding="utf-8")
HEAD = 'name = "page"\n'
REST = '\n[collect]\nsources = [{ planted = "stdlib", count = 1 }]\n'
RUNS = ("run", "status", "report")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def commands() -> list[str]:
    lines = [line for text in blocks("sh") for line in text.splitlines()]
    return [line.partition("  #")[0].partition(" > ")[0].strip() for line in lines]


def study(text: str) -> Study:
    return parse_study(HEAD + text + REST)


def test_the_blocks_are_the_grids_that_the_text_says() -> None:
    many, beside = (study(text) for text in blocks("toml"))
    assert len(many.student) == 2 * 2 * 4
    named = set(re.findall(r"`(coder-7b\+[^`]*)`", PAGE))
    assert len(named) == 2
    assert named <= set(many.student_cells)
    assert {many.train_of(student).learning_rate for student in many.student} == {1e-4}
    assert beside.student_cells == ("coder-7b", "coder-7b+random", "coder-7b+uncleaned")
    assert {student.entry for student in beside.student} == {"coder-7b"}


@pytest.mark.parametrize("line", dict.fromkeys(commands()))
def test_every_command_dry_runs(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    program, name, path, *options = shlex.split(line)
    assert (program, name in RUNS) == ("pullsmith", True)
    main.commands[name].make_context(name, [path, *options], resilient_parsing=False)
    safe = [*options, *(["--dry-run"] if name == "run" and "--print-slurm" not in options else [])]
    if name == "report":
        safe = ["--funnel"]
    done = CliRunner().invoke(main, [name, path, f"runs={tmp_path / 'runs'}", *safe])
    assert done.exit_code == 0, done.output
    assert list(tmp_path.iterdir()) == []


def test_there_are_commands_of_every_kind() -> None:
    shown = "\n".join(commands())
    for word in ("--only", "--until", "--partial", "--print-slurm", "--gpus", "--verify"):
        assert word in shown
    assert "--journal" in PAGE


@pytest.mark.parametrize("kind", DataKind)
def test_every_choice_of_data_is_explained(kind: DataKind) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith(f'| `"{kind}')]
    assert len(rows) == 1
