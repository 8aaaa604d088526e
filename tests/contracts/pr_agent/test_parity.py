"""PR-Agent 0.2.4 beside our own renderer: every byte of every system and user message.

300 pull requests of a seeded corpus, four tools, three token budgets. PULLSMITH_CLONES names bare
clones, separated by colons, that are compared as well, 100 pull requests of each.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from pullsmith.corpus import build_corpus
from tests.oracle.asking import ABSENT, TOOLS, Told, contracts, counter, is_installed, ours, theirs
from tests.oracle.pulls import pull_requests

BUDGETS = (32_000, 6_000, 3_600)  # everything fits; large ones do not; hardly anything does
QUARTERS = 4  # so that the workers share them
CLONES = [name for name in os.environ.get("PULLSMITH_CLONES", "").split(":") if name]

pytestmark = pytest.mark.skipif(not is_installed(), reason=ABSENT)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Told:
    repository = build_corpus(tmp_path_factory.mktemp("oracle"), seed=4, changes=420)
    found = pull_requests(repository, 300)
    assert len(found) == 300
    return found


def compared(told: Told, budgets: tuple[int, ...]) -> tuple[list[str], Counter[str]]:
    """(what differs, how many prompts of each kind there were)."""
    made = contracts(budgets)
    count = counter()
    different: list[str] = []
    seen: Counter[str] = Counter()
    for (pull_request, _), said in zip(told, theirs(told, made[0], budgets), strict=True):
        for budget, contract in zip(budgets, made, strict=True):
            for tool in TOOLS:
                our_own = ours(contract, tool, pull_request, count)
                seen[f"{tool} in {len(our_own)}"] += 1
                if our_own != said[str(budget)][tool]:
                    different.append(f"{pull_request.id} {tool} {budget}")
    return different, seen


@pytest.mark.parametrize(
    "quarter",
    [0, *(pytest.param(each, marks=pytest.mark.slow) for each in range(1, QUARTERS))],
)
def test_the_corpus_is_put_in_the_same_bytes(corpus: Told, quarter: int) -> None:
    different, seen = compared(corpus[quarter::QUARTERS], BUDGETS)
    assert different == []
    assert seen["describe in 1"] > 100
    assert seen["improve in 1"] > 100
    assert seen["improve in 2"] + seen["improve in 3"] > 3


def test_the_clones_named_are_put_in_the_same_bytes() -> None:
    for clone in CLONES:
        different, seen = compared(pull_requests(Path(clone), 100), (32_000, 9_000, 5_000))
        assert different == []
        assert seen.total() > 0
