"""``pullsmith serve`` as people run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pullsmith.cli import main
from pullsmith.ports import LOOPBACK, take_port
from pullsmith.serve.running import url_of
from tests.serve.fakes import Fake, faking
from tests.train.twins import TWINS, twin_folder

LLAMA = TWINS["llama (Llama 3)"]
WIDE = replace(LLAMA, config=(*LLAMA.config, ("max_position_embeddings", 2048)))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return twin_folder(WIDE, tmp_path_factory.mktemp("cli") / "twin")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["serve", *arguments])


def test_a_folder_is_started_checked_and_ended(twin: Path) -> None:
    done = run(str(twin), "--check", "endpoint", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)["findings"]
    assert [(one["check"], one["ok"]) for one in told] == [
        ("model", True), ("tokens", True), ("stream", True), ("window", True),
    ]  # fmt: skip
    assert "ok tokens: 3 prompts counted as in training" in done.stderr


def test_an_endpoint_that_cuts_prompts_is_exit_code_1() -> None:
    with faking(Fake(cuts_to=1000)) as url:
        assert run("--check", f"{url}#m", "--window", "1000").exit_code == 0
        done = run("--check", f"{url}#m", "--window", "4096")
        assert done.exit_code == 1
        assert (
            "FAILED window: 1000 of 4072 tokens were read: the server cut the prompt" in done.stderr
        )


def test_an_endpoint_is_compared_with_the_weights_it_should_serve(twin: Path) -> None:
    with faking(Fake()) as url:
        done = run(str(twin), "--check", f"{url}#m", "--window", "4096")
        assert done.exit_code == 1
        assert "FAILED tokens: the prompt" in done.stderr
        assert "ok window" in done.stderr


def test_the_text_of_an_endpoint_cannot_steer_the_terminal() -> None:
    with faking(Fake(name="\x1b[31mred")) as url:
        done = run("--check", f"{url}#m")
        assert done.exit_code == 1
        assert "\x1b" not in done.output


@contextmanager
def server(twin: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``pullsmith serve`` in a process of its own, and the line that says it is ready."""
    command = [sys.executable, "-m", "pullsmith", "serve", str(twin), "--port", "0", *more]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_it_serves_until_it_is_interrupted(twin: Path, tmp_path: Path) -> None:
    with server(twin, "--name", "pupil") as (process, ready):
        assert ready.startswith("ready: http://127.0.0.1:"), process.communicate()
        url = ready.split()[1]
        checked = run("--check", f"{url}#pupil")
        assert checked.exit_code == 0, checked.output
        port = url.split(":")[2].split("/")[0]
        second = run(str(twin), "--port", port)
        assert second.exit_code == 3
        assert f"{port} cannot be listened on" in second.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0
    gone = run("--check", f"{url}#pupil")
    assert gone.exit_code == 3
    assert "Connection error" in gone.stderr


def test_vllms_command_is_printed(twin: Path) -> None:
    done = run(str(twin), "--print", "--window", "4096", "--name", "m")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"vllm serve {twin} --host 127.0.0.1 --port 8000")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "name a MODEL, or an endpoint"),
        (("./nowhere",), 1, "is no folder"),
        (("rules",), 1, "has no weights to load"),
        (("tiny",), 1, "make one with: pullsmith demo"),
        (("TWIN", "--backend", "vllm"), 1, "vllm is not on PATH"),
        (("TWIN", "--check", "nonsense"), 1, "unknown model 'nonsense'"),
        (("TWIN", "--check", "rules"), 2, "write endpoint, pr-agent or URL#NAME"),
        (("--check", "http://127.0.0.1:9/v1"), 1, "an endpoint is written"),
        (("TWIN", "--check", "pr-agent", "--pr-agent", "/nowhere"), 1, "no Python there"),
    ],
)
def test_mistakes_are_one_line(
    twin: Path, arguments: tuple[str, ...], code: int, said: str, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.defpath)
    done = run(*(str(twin) if each == "TWIN" else each for each in arguments))
    assert done.exit_code == code, done.output
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_a_port_that_is_taken_is_said_before_weights_are_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"no weights")
    with take_port(LOOPBACK, 0) as bound:
        done = run(str(folder), "--port", url_of(bound).split(":")[2].split("/")[0])
    assert done.exit_code == 3
    assert "choose another with --port" in done.stderr
