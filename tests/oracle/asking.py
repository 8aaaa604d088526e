"""The installation that prompts are compared with, asked by a driver in its own Python."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pullsmith.contracts.pr_agent import PrAgent
from pullsmith.contracts.pr_agent.files import count_hunks, languages_of
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff
from pullsmith.records import PullRequest
from pullsmith.study.contract import ContractSettings
from tests.oracle.pulls import ANSWER, question

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-pr-agent"
ABSENT = "no .venv-pr-agent: make test makes it (PR-Agent 0.2.4, to compare with)"
TOOLS = ("describe", "review", "improve", "reflect")
Told = Sequence[tuple[PullRequest, dict[str, Any]]]
Said = list[list[str]]  # [system, user] of every prompt
Answers = dict[str, dict[str, Said]]  # by budget, then by tool
DRIVER = ROOT / "tests" / "oracle" / "pr_agent_driver.py"


def is_installed() -> bool:
    """Whether there is something to compare with."""
    return (ENVIRONMENT / ".installed").is_file()


def vocabulary() -> Path:
    """The folder with the vocabulary that PR-Agent counts with; it comes with one of its libraries."""
    return next(ENVIRONMENT.glob("lib/python*/site-packages/litellm/llms/tokenizers"))


def counter() -> Callable[[str], int]:
    """PR-Agent's own counter: tiktoken's cl100k_base, from that folder."""
    os.environ["TIKTOKEN_CACHE_DIR"] = str(vocabulary())
    import tiktoken

    encode = tiktoken.get_encoding("cl100k_base").encode
    return lambda text: len(encode(text, disallowed_special=()))


def theirs(told: Told, contract: PrAgent, budgets: Sequence[int]) -> list[Answers]:
    """What PR-Agent says of every pull request."""
    return asked(told, contract, budgets)[0]


def asked(
    told: Told,
    contract: PrAgent,
    budgets: Sequence[int],
    *,
    seconds: bool = False,
    checkout: Path | None = None,
    **more: Mapping[str, str],
) -> tuple[list[Answers], float]:
    """The same, and the CPU seconds of its own functions where they are asked for.

    With ``checkout`` the code there is asked; ``more`` are ``settings`` and ``lists`` of the driver.
    """  # fmt: skip
    lines = [
        json.dumps(
            question(one, languages_of(pull_request, contract.installation), budgets, **more)
        )
        for pull_request, one in told
    ]
    command = [str(ENVIRONMENT / "bin" / "python"), "-W", "ignore", str(DRIVER)]
    with tempfile.TemporaryDirectory() as home:  # one of its libraries makes a folder there
        environment = {
            "PATH": os.defpath, "HOME": home, "TIKTOKEN_CACHE_DIR": str(vocabulary()),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            **({"PYTHONPATH": str(checkout)} if checkout else {}),
        }  # fmt: skip
        done = subprocess.run(
            [*command, "--seconds"] if seconds else command, input="\n".join(lines).encode(),
            capture_output=True, env=environment, cwd=home, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    first, *answers = map(json.loads, done.stdout.decode().splitlines())
    if checkout:
        assert Path(first["pr_agent"]) == checkout / "pr_agent"
    else:
        assert Path(first["pr_agent"]) == contract.installation.folder
    spent = answers.pop()["seconds"] if seconds else 0.0
    return answers, spent


def ours(
    contract: PrAgent, tool: str, pull_request: PullRequest, count: Callable[[str], int]
) -> Said:
    """The same from our own renderer; every coverage is seen to add up on the way."""
    prompts: Said = []
    for coverage in contract.plan(tool, pull_request, count):
        named = [(file.path, hunk) for file in coverage.shown for hunk in file.hunks]
        named += [(file.path, hunk) for file in coverage.omitted for hunk in file.hunks]
        assert sorted(named) == sorted(
            (file.path, hunk) for file in pull_request.files for hunk in range(count_hunks(file))
        )
        shown = ShownDiff.of(pull_request, coverage)
        options = contract.settings.options_of(tool)
        task = Task(tool, pull_request, coverage, shown, options, about_text=ANSWER)
        prompts.append([message.content for message in contract.messages(task)])
    return prompts


def contracts(
    budgets: Sequence[int], folder: Path = ENVIRONMENT, version: str = "0.2.4"
) -> list[PrAgent]:
    """The contract under every budget."""
    return [
        PrAgent(f"pr-agent-{version}", ContractSettings(pr_agent=folder, max_model_tokens=budget))
        for budget in budgets
    ]
