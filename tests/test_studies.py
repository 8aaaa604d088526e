"""Every study file that ships loads and dry-runs; so does every one the README shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.study import load_study

ROOT = Path(__file__).parents[1]
STUDIES = sorted((ROOT / "studies").rglob("*.toml"))


def test_there_are_studies() -> None:
    assert len(STUDIES) >= 3


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: str(path.relative_to(ROOT)))
def test_loads_and_dry_runs(path: Path, tmp_path: Path) -> None:
    # A study with files of its own has a folder, which bears its name.
    assert load_study(path).name == (path.parent.name if path.stem == "study" else path.stem)
    done = CliRunner().invoke(main, ["run", str(path), f"runs={tmp_path / 'runs'}", "--dry-run"])
    assert done.exit_code == 0, done.output
    assert done.output.count("waiting") == len(done.output.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_the_readme_shows_studies_that_dry_run(tmp_path: Path) -> None:
    blocks = re.findall(
        r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert blocks
    for number, block in enumerate(blocks):
        path = tmp_path / f"readme-{number}.toml"
        path.write_text(block)
        done = CliRunner().invoke(main, ["run", str(path), "--dry-run"])
        assert done.exit_code == 0, done.output


def test_the_readme_names_only_commands_and_targets_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    shown = "\n".join(re.findall(r"```sh\n(.*?)```", readme, re.DOTALL))
    for target in set(re.findall(r"^make ([a-z-]+)", shown, re.MULTILINE)):
        assert f"\n{target}:" in makefile, target
    for command in set(re.findall(r"^pullsmith ([a-z]+)", shown, re.MULTILINE)):
        assert command in main.commands, command
