"""``pullsmith generate`` as people run it: against an endpoint with faults, and through batches, killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.records import Answer
from pullsmith.rows import read_rows
from tests.llm.provider import Provider, providing
from tests.llm.server import Call, How, Reply, completion, echo, failure, serving
from tests.llm.test_rounds import IMPROVE, looks

STUDY = """
name = "s"
student = [{{ model = "tiny", contract = "compact-1" }}]
teacher = [{{ model = "{model}", {more}contract = "{contract}", timeout_seconds = {patience}, price = {{ input = 1, output = 1 }} }}]
eval.per_tool = 1
collect.sources = [{{ planted = "stdlib", count = 12 }}]
"""
FAULTS = (
    failure(429, "rate_limit", headers=("Retry-After: 0",)), failure(500, "oops"),
    Reply(how=How.HANG), Reply(body=echo(Call("x", 0, {}, {})).body, how=How.CUT),
    Reply(how=How.DROP), completion("kind: [never closed"), completion(""),
)  # fmt: skip


def study(
    folder: Path, model: str, *, patience: float = 60, contract: str = "compact-1", more: str = ""
) -> Path:
    path = folder / "s.toml"
    path.write_text(STUDY.format(model=model, patience=patience, contract=contract, more=more))
    done = CliRunner().invoke(main, ["run", str(path), "--until", "render"])
    assert done.exit_code == 0, done.output
    return path


def answers(folder: Path) -> list[Answer]:
    shards = sorted((folder / "runs" / "s" / "generate").glob("rows-*.parquet"))
    return [row for shard in shards for row in read_rows(shard, Answer)]


def test_against_an_endpoint_with_faults_every_answer_is_obtained(tmp_path: Path) -> None:
    def faulty(call: Call) -> Reply:
        draw = hashlib.sha256(call.text.encode()).digest()[0] % 8
        return FAULTS[draw] if call.number == 0 and draw < len(FAULTS) else echo(call)

    with serving(faulty) as server:
        path = study(tmp_path, server.model, patience=2)
        done = CliRunner().invoke(main, ["generate", str(path)])
        assert done.exit_code == 0, done.output
        rows = answers(tmp_path)
        assert {row.outcome for row in rows} == {"unreadable"}  # what the server says is no YAML
        assert all(row.text for row in rows)
        assert all(row.cost_usd for row in rows)
        assert "attempts that failed and were made again: " in done.output
        asked = Counter(server.answered)
        again = CliRunner().invoke(main, ["status", str(path)])
        assert f"{server.model}  {len(rows)}" in again.output
        assert server.answered == asked


def test_a_wrong_key_is_one_line_and_exit_code_3(tmp_path: Path) -> None:
    with serving(lambda _: failure(401, "invalid_api_key")) as server:
        path = study(tmp_path, server.model)
        done = CliRunner().invoke(main, ["generate", str(path)])
        assert done.exit_code == 3
        (line,) = (row for row in done.output.splitlines() if row.startswith("pullsmith: "))
        assert "status 401" in line
        assert "run the same command again" in line
        assert len(server.calls) <= 16  # those in flight when the first reply came


def run_batches(path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pullsmith", "generate", str(path), "--batch"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_once(process: subprocess.Popen[bytes], reached: Callable[[], bool]) -> None:
    """Kill -9 as soon as that is so; it must not have ended before."""
    while not reached():
        assert process.poll() is None
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("settled", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_batches_killed_while_waiting_are_collected_by_another_process(
    tmp_path: Path, settled: int
) -> None:
    with providing(Provider(polls=2)) as provider:
        path = study(tmp_path, provider.openai_model)
        seen = "create" if settled == 1 else "poll"
        kill_once(run_batches(path), lambda: provider.requests[seen] >= 1)
        assert not answers(tmp_path)
        assert run_batches(path).wait(90) == 0
        rows = answers(tmp_path)
        assert rows
        assert all(row.text.startswith("answer to ") for row in rows)
        assert sum(provider.answered.values()) == len(rows)


MORE = "repair = true, reflect = true, concurrency = 4, "


def taught(call: Call) -> Reply:
    """Refused at first, mended when told, and a second look at what was suggested."""
    system, *rest = (message["content"] for message in call.body["messages"])
    if "suggestion_score" in system:
        right = looks(8, 2)
    elif "improved_code" in system:
        right = IMPROVE
    else:
        right = "valid for nobody"
    text = right if len(rest) == 3 or "suggestion_score" in system else "[never closed"
    return replace(completion(text), delay_seconds=0.02)


@pytest.mark.parametrize("round_", ["reflect", pytest.param("repair", marks=pytest.mark.slow)])
def test_killed_in_any_round_it_goes_on_and_asks_for_no_more_than_was_in_flight_again(
    tmp_path: Path, round_: str
) -> None:
    lengths = {"repair": 4, "reflect": 2}
    with serving(taught) as server:
        path = study(tmp_path, server.model, contract="native-1", more=MORE)

        def reached() -> bool:
            made = [call.body["messages"] for call in server.calls]
            looked = [m for m in made if "suggestion_score" in m[0]["content"]]
            return any(len(m) == lengths[round_] for m in (looked if round_ == "reflect" else made))

        kill_once(run_generate(path), reached)
        assert not answers(tmp_path)
        assert run_generate(path).wait(90) == 0
        rows = answers(tmp_path)
        asked = Counter(json.dumps(call.body["messages"]) for call in server.calls)
        assert len(asked) == len(rows)  # every answer is to something else
        assert sum(asked.values()) - len(asked) <= 4  # those in flight when it was killed
        improved = [row for row in rows if row.tool == "improve" and row.mends]
        assert improved
        assert all(row.suggestion_scores == (8, 2) for row in improved)
        again = CliRunner().invoke(main, ["status", str(path)])
        refused = sum(row.mends for row in rows)
        assert (
            f"generate: {refused} refused answers asked for once more, {len(improved)} mended"
            in again.output
        )
        assert (
            f"generate: {len(improved)} second looks at suggestions, {len(improved)} with"
            in again.output
        )


def run_generate(path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pullsmith", "generate", str(path)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.slow
@pytest.mark.parametrize("batches", [1, 2])
def test_a_second_batch_for_what_was_refused_is_killed_and_collected_without_paying_twice(
    tmp_path: Path, batches: int
) -> None:
    with providing(Provider(polls=2)) as provider:
        path = study(tmp_path, provider.openai_model, more="repair = true, ")
        kill_once(run_batches(path), lambda: provider.requests["create"] >= batches)
        assert not answers(tmp_path)
        assert run_batches(path).wait(90) == 0
        rows = answers(tmp_path)
        assert Counter(row.mends for row in rows) == {False: len(rows) // 2, True: len(rows) // 2}
        assert len(provider.batches) == 2
        assert sum(provider.answered.values()) == len(rows)
