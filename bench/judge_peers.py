"""Other programs that judge pairs, run as they come from environments of their own, on the same endpoint.

Takes pairs as texts and where a peer is installed; gives what a verdict of it costs. ``alpaca-eval=PYTHON``
is a Python that has the package alpaca_eval; ``arena-hard=PYTHON:FOLDER`` one that has what its
gen_judgment.py imports, and the folder of its repository. Each is asked for a few pairs and for all, and
the difference is counted, so that starting up and importing are nobody's cost. They ask what their
own programs ask: AlpacaEval one order a pair, Arena-Hard both.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from figures import cpu_seconds
from llm import Endpoint

IN_FLIGHT = 64
TASK = "Two responses to one task about a pull request follow. Say which one is better."
BASELINE = "o3-mini-2025-01-31"  # what Arena-Hard compares with in the category
CATEGORY = "hard_prompt"
FEW = 5  # a fifth of the pairs is asked first


@dataclass(frozen=True)
class Texts:
    """A pair as its judges read it."""

    task: str
    first: str
    second: str


@dataclass(frozen=True)
class Cost:
    """What a verdict took, starting up apart; wall seconds are of all of them, with it."""

    cpu_ms: float
    verdicts: int
    wall_seconds: float


Prepare = Callable[[str, Endpoint, Sequence[Texts], Path], list[str]]


def alpaca_eval(python: str, server: Endpoint, pairs: Sequence[Texts], folder: Path) -> list[str]:
    """Its own command, with a judge that reads our endpoint's verdict."""
    judge = folder / "judge"
    judge.mkdir()
    prompt = (
        f"<|im_start|>system\n{TASK}\n<|im_end|>\n<|im_start|>user\n{{instruction}}\n\n"
        "Response 1:\n{output_1}\n\nResponse 2:\n{output_2}\n<|im_end|>\n"
    )
    (judge / "prompt.txt").write_text(prompt, encoding="utf-8")
    kwargs = {"model_name": "m", "max_tokens": 2048, "temperature": 0, "price_per_token": 0}
    matches = {n: rf"which_response_was_better: {n}" for n in (1, 2)}
    config = {
        "prompt_template": str(judge / "prompt.txt"),
        "fn_completions": "openai_completions",
        "completions_kwargs": kwargs,
        "completion_parser_kwargs": {"outputs_to_match": matches},
        "batch_size": 1,
    }
    (judge / "configs.yaml").write_text(yaml.safe_dump({"judge": config}), encoding="utf-8")
    clients = {"default": [{"api_key": "none", "base_url": f"{server.url}/v1"}]}
    (folder / "clients.yaml").write_text(yaml.safe_dump(clients), encoding="utf-8")
    for name, side in (("model", "second"), ("reference", "first")):
        rows = [
            {"instruction": pair.task, "output": getattr(pair, side), "generator": name}
            for pair in pairs
        ]
        (folder / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    return [
        python, "-m", "alpaca_eval.main", "evaluate", f"--model_outputs={folder}/model.json",
        f"--reference_outputs={folder}/reference.json", f"--annotators_config={judge}",
        "--fn_metric=get_winrate", "--sort_by=win_rate", f"--output_path={folder}/results",
        "--precomputed_leaderboard=None", f"--caching_path={folder}/cache.json",
    ]  # fmt: skip


def arena_hard(where: str, server: Endpoint, pairs: Sequence[Texts], folder: Path) -> list[str]:
    """Its gen_judgment.py over its own layout of files."""
    python, _, repository = where.partition(":")
    answers = folder / "data" / "bench" / "model_answer"
    answers.mkdir(parents=True)
    numbered = [(f"u{number}", pair) for number, pair in enumerate(pairs)]
    questions = [{"uid": u, "category": CATEGORY, "prompt": p.task} for u, p in numbered]
    _lines(answers.parent / "question.jsonl", questions)
    for name, side in (("m", "second"), (BASELINE, "first")):
        said = [(u, {"content": {"answer": getattr(p, side)}}) for u, p in numbered]
        _lines(answers / f"{name}.jsonl", [{"uid": u, "model": name, "messages": [m]} for u, m in said])  # fmt: skip
    setting = {
        "judge_model": "judge", "temperature": 0.0, "max_tokens": 2048, "bench_name": "bench",
        "reference": None, "regex_patterns": ["BETTER: ([012])"], "model_list": ["m"],
        "prompt_template": "{QUESTION}\n\nA:\n{ANSWER_A}\n\nB:\n{ANSWER_B}",
    }  # fmt: skip
    endpoint = {"api_base": f"{server.url}/v1", "api_key": "none"}
    judge = {"model": "m", "api_type": "openai", "parallel": IN_FLIGHT, "endpoints": [endpoint]}
    for name, values in (("setting", setting), ("endpoint", {"judge": judge})):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    script = str(Path(repository).resolve() / "gen_judgment.py")
    files = [f"--{name}-file={folder}/{name}.yaml" for name in ("setting", "endpoint")]
    return [python, script, *files]


PEERS: dict[str, Prepare] = {"alpaca-eval": alpaca_eval, "arena-hard": arena_hard}


def cost_of(peer: str, where: str, server: Endpoint, pairs: Sequence[Texts]) -> Cost:
    """What a verdict of ``peer`` costs; ends the program where the peer fails or leaves a pair out."""
    few = _ran(peer, where, server, pairs[: len(pairs) // FEW])
    every = _ran(peer, where, server, pairs)
    verdicts = every.verdicts - few.verdicts
    return Cost((every.cpu_ms - few.cpu_ms) / verdicts, every.verdicts, every.wall_seconds)


def _ran(peer: str, where: str, server: Endpoint, pairs: Sequence[Texts]) -> Cost:
    """One run from an empty folder: CPU of the whole program in ms, in all."""
    before = server.counts()["answers"]
    with tempfile.TemporaryDirectory() as name:
        python, _, rest = where.partition(":")
        installed = f"{Path(python).absolute()}:{rest}" if rest else str(Path(python).absolute())
        command = PEERS[peer](installed, server, pairs, Path(name))
        said: list[subprocess.CompletedProcess[str]] = []
        start = time.perf_counter()
        cpu = cpu_seconds(lambda: said.append(_run(command, Path(name))))
        wall = time.perf_counter() - start
    asked = round(server.counts()["answers"] - before)
    expected = len(pairs) * (2 if peer == "arena-hard" else 1)
    if said[0].returncode or asked != expected:
        raise SystemExit(
            f"peer {peer}: {asked} of {expected} pairs judged\n{said[0].stderr[-2000:]}"
        )
    return Cost(1000 * cpu, asked, wall)


def _run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    settings = {
        "OPENAI_CLIENT_CONFIG_PATH": f"{folder}/clients.yaml",
        "OPENAI_MAX_CONCURRENCY": str(IN_FLIGHT),
        "OPENAI_API_KEY": "none",
        "HF_HUB_OFFLINE": "1",
    }
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=folder, env={**environ, **settings}, capture_output=True, text=True, check=False
    )  # fmt: skip


def _lines(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
