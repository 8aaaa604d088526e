"""The command line as a user meets it: exit codes, one clear line, nothing lost."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pullsmith.cli import main
from pullsmith.cli.init import study_template
from pullsmith.study import Study, parse_study

STUDY = """
name = "small"
student = [{ model = "tiny" }]
[collect]
sources = [{ git = "clone" }]
"""


def pullsmith(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(STUDY)
    return path


def test_help_lists_every_command_in_words() -> None:
    shown = pullsmith("--help")
    assert shown.exit_code == 0
    for word in ("demo", "init", "run", "status", "show", "doctor", "collect", "report"):
        assert f"\n  {word}" in shown.output


def test_init_writes_a_study_that_loads_and_shows_every_default(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    assert pullsmith("init", path).exit_code == 0
    text = path.read_text()
    parse_study(text)
    # Uncommented, the defaults are the defaults.
    lines = [
        line.removeprefix("# ") if " = " in line and "…" not in line else line
        for line in text.splitlines()[2:]
    ]
    full = parse_study("\n".join(lines))
    assert full.train == Study.model_fields["train"].get_default()
    assert "max_patch_characters" in text


def test_init_shows_a_default_that_is_made_as_what_it_is(tmp_path: Path) -> None:
    text = study_template(tmp_path / "my.toml")
    assert "# options = {}  # " in text
    assert "Undefined" not in text


def test_init_never_overwrites(study: Path) -> None:
    done = pullsmith("init", study)
    assert done.exit_code == 1
    assert study.read_text() == STUDY


def test_the_template_is_valid_toml(tmp_path: Path) -> None:
    assert tomllib.loads(study_template(tmp_path / "odd name!.toml"))["name"] == "odd-name-"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("student", "studnet"), "unknown key 'studnet'; did you mean 'student'?"),
        (('"small"', "3"), "name: Input should be a valid string, found 3"),
        (('"tiny"', '"tiney"'), "did you mean 'tiny'?"),
    ],
)
def test_a_wrong_study_is_one_line_and_exit_1(
    study: Path, change: tuple[str, str], message: str
) -> None:
    study.write_text(STUDY.replace(*change))
    done = pullsmith("run", study)
    assert done.exit_code == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (study.parent / "runs").exists()


def test_an_unknown_stage_is_exit_1_and_an_unknown_command_2(study: Path) -> None:
    assert "unknown stage or model 'x'" in pullsmith("run", study, "--until", "x").stderr
    assert pullsmith("run", study, "--until", "x").exit_code == 1
    assert pullsmith("rnu", study).exit_code == 2


def test_a_folder_that_is_no_repository(study: Path) -> None:
    (study.parent / "clone").mkdir()
    done = pullsmith("run", study)
    assert done.exit_code == 1
    assert "clone" in done.stderr
    assert "repository" in done.stderr


def test_dry_run_touches_nothing(study: Path) -> None:
    done = pullsmith("run", study, "--dry-run", "--json")
    assert done.exit_code == 0
    assert {job["state"] for job in json.loads(done.stdout)} == {"waiting"}
    assert not (study.parent / "runs").exists()


def test_a_stage_alone_needs_the_stages_before_it(study: Path) -> None:
    done = pullsmith("select", study)
    assert done.exit_code == 1
    assert "select needs collect first" in done.stderr


def test_an_output_folder_that_cannot_be_written(study: Path) -> None:
    (study.parent / "file").write_text("")
    done = pullsmith("run", study, "runs=file/deeper")
    assert done.exit_code == 1
    assert "the folder cannot be made" in done.stderr


def test_ctrl_c_prints_the_command_to_go_on(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pullsmith.pipeline.run", interrupted)
    done = pullsmith("run", study, "seed=3")
    assert done.exit_code == 130
    assert f"Go on with: pullsmith run {study} seed=3" in done.stderr


def test_doctor_names_keys_but_never_shows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-private")
    done = pullsmith("doctor", "--json")
    facts = json.loads(done.stdout)
    assert facts["keys"].startswith("OPENAI_API_KEY")
    assert "very-private" not in done.output
    assert facts["git"].startswith("git version")
