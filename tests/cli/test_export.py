"""``pullsmith export`` as a user meets it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pullsmith.cli import main
from pullsmith.cli.export import _TARGETS
from pullsmith.export.targets import TARGETS
from tests.export.trained import Run, trained_run
from tests.train.builders import twin_folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Trained in PR-Agent's words, asked with instructions, in a window that PR-Agent can use."""
    more = '[contract.options.review]\nextra_instructions = "Be brief."\n'
    return trained_run(tmp_path_factory.mktemp("run"), more=more)


@pytest.fixture(scope="module")
def lora_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("lora")
    return trained_run(root, str(twin_folder(root / "twin")), method="lora")


def pullsmith(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_choices_of_the_command_are_the_targets() -> None:
    assert set(_TARGETS) == set(TARGETS)


def test_a_settings_file_for_pr_agent_is_written_and_told(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = pullsmith(
        "export", f"{run.file}#pupil", out, "--to", "pr-agent", "--window", "8192", "--json",
        "--api-base", "http://127.0.0.1:9000/v1", "--served-name", "reviewer",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["files"] == [".pr_agent.toml"]
    assert "contract compact-1" in told["notes"][0]
    assert "contract compact-1" in done.stderr
    found = tomllib.loads((out / ".pr_agent.toml").read_text())
    assert found["config"]["model"] == "openai/reviewer"
    assert found["openai"]["api_base"] == "http://127.0.0.1:9000/v1"


def test_nothing_is_written_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    done = pullsmith("export", run.file, tmp_path, "--to", "pr-agent", "--window", "8192")
    assert done.exit_code == 1
    assert "never written over anything" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_secret_in_what_is_written_stops_before_anything_is(run: Run, tmp_path: Path) -> None:
    address = "http://host/v1?api_key=" + "sk_live_" + "a1" * 12
    done = pullsmith(
        "export", run.file, tmp_path / "out", "--to", "pr-agent", "--window", "8192",
        "--api-base", address,
    )  # fmt: skip
    assert done.exit_code == 1
    assert ".pr_agent.toml, line" in done.output
    assert not (tmp_path / "out").exists()


def test_a_contract_is_said_once(run: Run, tmp_path: Path) -> None:
    arguments = ("--to", "pr-agent", "--window", "8192", "--contract", "pr-agent-0.2.4")
    assert pullsmith("export", run.final, tmp_path / "folder", *arguments).exit_code == 0
    done = pullsmith("export", run.file, tmp_path / "study", *arguments)
    assert done.exit_code == 1
    assert "a study says its student's contract" in done.output


@pytest.fixture
def merged(tmp_path: Path, lora_run: Run) -> Path:
    done = pullsmith("export", lora_run.file, tmp_path / "merged", "--to", "safetensors", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["measured"]["equal_rate"] == 1.0
    return tmp_path / "merged"


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated")
@pytest.mark.slow
def test_a_merge_is_compared_with_what_it_was_made_from(lora_run: Run, merged: Path) -> None:
    done = pullsmith("fidelity", lora_run.file, merged)
    assert (done.exit_code, done.stdout) == (
        0, "8 of 8 answers equal, contract-valid 0 before and 0 after\n",
    )  # fmt: skip
    other = pullsmith("fidelity", lora_run.file, "scripted:no", "--least-equal", "0.5", "--json")
    assert json.loads(other.stdout)["equal_rate"] == 0.0
    assert other.exit_code == 1
    assert "scripted:no is another model" in other.stderr
