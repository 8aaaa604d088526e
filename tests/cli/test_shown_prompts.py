"""``pullsmith show ID --tool``: what a model sees, to the byte; on a terminal nothing that steers it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pullsmith.cli import main
from pullsmith.cli.shown_prompts import texts
from pullsmith.contracts.contract import find_contract
from pullsmith.pipeline import run_folder
from pullsmith.records import Prompt, PullRequest, SecretScan, Split
from pullsmith.render.prompts import render
from pullsmith.study import load_study
from tests.curated import file, finish, real

STUDY = 'name = "small"\nstudent = [{ model = "tiny" }]\ncollect.sources = [{ git = "clone" }]\n'
HOSTILE = "x = '\x1b[2J\u202e'\r"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(STUDY)
    return path


def prompts(study: Path) -> list[Prompt]:
    """The prompts of a finished render, of one pull request in two contracts."""
    loaded = load_study(study)
    record = real(
        "7", file(HOSTILE), number=7, split=Split.TRAIN, scan=SecretScan(rules_version="1")
    )
    names = ("native-1", "compact-1")
    made = render(record, loaded, [find_contract(name) for name in names])
    assert isinstance(made, list)
    finish(run_folder(loaded), "collect", PullRequest, [record])
    finish(run_folder(loaded), "render", Prompt, made)
    return made


def show(study: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["show", "7", "--study", str(study), *options])


def test_every_message_of_the_tool_is_printed_to_the_byte(study: Path) -> None:
    made = [prompt for prompt in prompts(study) if prompt.tool == "improve"]
    done = show(study, "--tool", "improve")
    for prompt in made:
        for message in prompt.messages:
            head = f"======== {message.role} of {prompt.id}\n"
            assert head.encode() + message.content.encode() + b"\n" in done.stdout_bytes
    assert len(made) == 2
    assert done.stdout.count("======== ") == 4
    assert "review" not in done.stdout.split("\n")[0]


def test_one_contract_is_picked_and_json_is_the_record(study: Path) -> None:
    made = prompts(study)
    done = show(study, "--tool", "review", "--contract", "compact-1", "--json")
    (line,) = done.stdout.splitlines()
    values = json.loads(line)
    assert values.pop("job") == "render"
    (wanted,) = (p for p in made if (p.tool, p.contract) == ("review", "compact-1"))
    assert Prompt.model_validate(values) == wanted


def test_a_terminal_is_not_steered() -> None:
    prompt = Prompt.model_validate(
        {
            "id": "p", "pull_request_id": "p", "tool": "review", "contract": "native-1",
            "split": "train", "messages": [{"role": "user", "content": f"a\n{HOSTILE}\tb"}],
            "coverage": {"shown": []}, "scan": {"rules_version": "1"},
        }
    )  # fmt: skip
    raw = "".join(texts([prompt], terminal=False))
    assert HOSTILE in raw
    safe = "".join(texts([prompt], terminal=True))
    assert "\x1b" not in safe
    assert "\\x1b[2J\\u202e'\\r\tb" in safe
    assert safe.startswith("======== user of p\na\n")


def test_what_was_not_rendered_is_one_line_that_says_what_was(study: Path) -> None:
    prompts(study)
    done = show(study, "--tool", "describe", "--contract", "native-2")
    assert done.exit_code == 1
    assert "no prompt for describe in native-2" in done.stderr
    assert "review in native-1" in done.stderr


@pytest.mark.parametrize("option", ["--contract", "--judge"])
def test_a_contract_or_judge_without_a_tool_is_a_usage_error(study: Path, option: str) -> None:
    prompts(study)
    done = show(study, option, "native-1")
    assert done.exit_code == 2
    assert "name the tool too" in done.stderr
