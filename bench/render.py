"""Rendering: PR-Agent's prompts in our own renderer, beside PR-Agent 0.2.4's own functions.

    python bench/render.py [--quick] [--json] [CLONE …]

Both make the diffs of the same pull requests for describe, review and improve and count the same
tokens with the same library, one core each. Theirs is timed inside: its prompts counted and its diffs
made, with its templates compiled once for all. Ours is everything from a record to the messages.
``render_25000`` is two processes at once, a core each, scaled. Without CLONE a seeded corpus is
used. Where .venv-pr-agent is missing there is nothing to compare with, and no figure.
"""

from __future__ import annotations

import argparse
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path
from types import ModuleType
from typing import Any

from figures import Figures, cpu_seconds, peak_bytes, show
from pullsmith.contracts.pr_agent import PrAgent
from pullsmith.contracts.task import Task
from pullsmith.corpus import build_corpus
from pullsmith.diff.shown import ShownDiff
from pullsmith.records import PullRequest
from pullsmith.tokens import Counter

ROOT = Path(__file__).parents[1]
TOOLS = ("describe", "review", "improve")
BUDGETS = (32_000, 6_000, 3_600)
PROMISED = 25_000
MEGABYTE = 1 << 20
Told = Sequence[tuple[PullRequest, dict[str, Any]]]


def asking() -> ModuleType:
    """The helpers the tests compare with; they are no part of the package."""
    sys.path.insert(0, str(ROOT))
    return import_module("tests.oracle.asking")


def render(contract: PrAgent, count: Counter, pull_requests: Sequence[PullRequest]) -> int:
    """Every prompt of every tool, from the record on; how many there were."""
    prompts = 0
    for pull_request in pull_requests:
        for tool in TOOLS:
            for coverage in contract.plan(tool, pull_request, count):
                shown = ShownDiff((), ())  # its own diff is made from the record
                contract.messages(Task(tool, pull_request, coverage, shown))
                prompts += 1
    return prompts


def compare(oracle: ModuleType, told: Told) -> Figures:
    """Identical prompts at three budgets, and the speed at the default one."""
    made = oracle.contracts(BUDGETS)
    count = oracle.counter()
    same = all_ = 0
    for (pull_request, _), said in zip(told, oracle.theirs(told, made[0], BUDGETS), strict=True):
        for budget, contract in zip(BUDGETS, made, strict=True):
            for tool in (*TOOLS, "reflect"):
                ours = oracle.ours(contract, tool, pull_request, count)
                theirs = said[str(budget)][tool]
                all_ += max(len(ours), len(theirs))
                same += sum(one == other for one, other in zip(ours, theirs, strict=False))
    _, their_seconds = oracle.asked(told, made[0], BUDGETS[:1], seconds=True)
    pull_requests = [pull_request for pull_request, _ in told]
    prompts = render(made[0], count, pull_requests)
    our_seconds = min(cpu_seconds(lambda: render(made[0], count, pull_requests)) for _ in range(3))
    return {
        "identical_share": {
            "value": round(same / all_, 4),
            "unit": f"of {all_} prompts, {len(told)} pull requests, four tools, three budgets",
            "peer": "PR-Agent 0.2.4 1",
            "ratio": round(same / all_, 4),
        },
        "render_vs_pr_agent": {
            "value": round(prompts / our_seconds),
            "unit": f"prompts per CPU-second, tokens counted, {prompts} of them",
            "peer": f"PR-Agent's own functions {prompts / their_seconds:.0f}",
            "ratio": round(their_seconds / our_seconds, 2),
        },
    }


def throughput(told: Told, folder: Path, count: int) -> Figures:
    """Two processes at once, each with half of ``count`` pull requests; the larger peak counts."""
    source = folder / "pull_requests"
    source.write_bytes(pickle.dumps([pull_request for pull_request, _ in told]))
    command = [sys.executable, __file__, "--work", str(source), "--count", str(count // 2)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0].split() for process in running]
    seconds = max(float(spent) for spent, _ in said) * PROMISED / count
    peak = max(int(bytes_) for _, bytes_ in said) // MEGABYTE
    return {
        "render_25000": {
            "value": round(seconds, 1),
            "unit": f"CPU-seconds of each of two processes for 25,000 pull requests and three tools, "
            f"from {count}; {peak} MB at most",
            "peer": "target 300",
            "ratio": round(300 / seconds, 1),
        }
    }


def work(source: Path, count: int) -> None:
    """Render; say the CPU seconds and the peak of memory. The pull requests come again and again."""
    oracle = asking()
    (contract,) = oracle.contracts(BUDGETS[:1])
    pull_requests = list(islice(cycle(pickle.loads(source.read_bytes())), count))
    spent = cpu_seconds(lambda: render(contract, oracle.counter(), pull_requests))
    print(spent, peak_bytes())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="*", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.count)
        return 0
    oracle = asking()
    figures: Figures = {}
    if not oracle.is_installed():
        print(oracle.ABSENT, file=sys.stderr)
        show(figures, as_json=options.json)
        return 0
    pulls = import_module("tests.oracle.pulls")
    most = 100 if options.quick else 300
    with tempfile.TemporaryDirectory() as name:
        clones = options.clones or [
            build_corpus(Path(name, "corpus"), seed=4, changes=most * 7 // 5)
        ]
        told = [one for clone in clones for one in pulls.pull_requests(clone, most)]
        figures = compare(oracle, told)
        figures |= throughput(told, Path(name), 2_000 if options.quick else 10_000)
    show(figures, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
