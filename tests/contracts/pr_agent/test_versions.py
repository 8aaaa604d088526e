"""The versions without an installation here: digests of what their own code said, in our templates.

Made by ``python -m tests.contracts.pr_agent.test_versions VERSION CHECKOUT`` from a checkout of the
version. A template of ours stands in for each of its own, so that the digests cover its code: which
lines, which headers, which numbers, which cut; the 2026 form has none, because nobody compared it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.contracts.pr_agent import PrAgent
from pullsmith.contracts.pr_agent.installation import Defaults, Installation, Templates
from pullsmith.contracts.pr_agent.sources import Marks
from pullsmith.contracts.pr_agent.versions import VERSIONS
from pullsmith.study.contract import ContractSettings
from tests.contracts.pr_agent.cases import TEMPLATES, cases
from tests.oracle.asking import ABSENT, TOOLS, Said, Told, asked, counter, is_installed, ours

DIGESTS = Path(__file__).parent / "digests"
BUDGETS = (32_000, 4_000, 2_000, 1_640)
_OWN = Defaults(
    lines_before=3, lines_after=1, lines_dynamic=0, unextended=(".md", ".txt"),
    description_tokens=500, commit_tokens=500, improve_tokens=14_000, improve_calls=3, clips=True,
    most_summaries=8, review_suggestions=0,
)  # fmt: skip
DEFAULTS = {
    "2024-06": replace(
        _OWN, lines_before=1, unextended=(), improve_tokens=8_000, review_suggestions=4
    ),
    "0.2.4": _OWN,
    "2025-03": replace(_OWN, lines_dynamic=8, improve_tokens=16_000),
}
LISTS = "\n"  # its own words for the lists of names are not ours to keep: here they are these
MARKS = Marks("A:\n", "M:\n", "D:\n", ("### u", "### t"), "", ())


def contract_of(version: str, budget: int) -> PrAgent:
    """The contract on our templates and the version's defaults."""
    made = PrAgent(f"pr-agent-{version}", ContractSettings(max_model_tokens=budget))
    made.__dict__["installation"] = Installation(
        folder=Path(), version=VERSIONS[version], defaults=DEFAULTS[version], ignored=(),
        templates={
            tool: Templates(how.table, TEMPLATES[how.table]) for tool, how in VERSIONS[version].tools.items()
        },
        bad_extensions=frozenset(), marks=MARKS,
        languages={"Python": frozenset({".py"}), "Rust": frozenset({".rs"})},
    )  # fmt: skip
    return made


def cases_of(version: str) -> Told:
    """The oldest version says nothing at all of the last one, whose text its tokenizer refuses."""
    return cases()[:-1] if version == "2024-06" else cases()


def digest(said: Said) -> str:
    """Of every message of a tool."""
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


@pytest.mark.skipif(not is_installed(), reason=ABSENT)
@pytest.mark.parametrize("version", list(DEFAULTS))
def test_the_code_of_a_version_is_followed_to_the_byte(version: str) -> None:
    kept = json.loads((DIGESTS / f"{version}.json").read_text())
    count = counter()
    found = {
        f"{pull_request.id} {tool} {budget}": digest(
            ours(contract_of(version, budget), tool, pull_request, count)
        )
        for pull_request, _ in cases_of(version)
        for budget in BUDGETS
        for tool in TOOLS
    }
    assert found == kept
    assert len(set(kept.values())) > 25


def make(version: str, checkout: Path) -> None:
    """Ask the version's own code, and keep digests of what it says."""
    told = cases_of(version)
    own = {f"{table}.system": table for table in TEMPLATES}
    own |= {f"{table}.user": text for table, text in TEMPLATES.items()}
    answers, _ = asked(
        told, contract_of(version, 32_000), BUDGETS, checkout=checkout, settings=own,
        lists={"ADDED_FILES_": "A:\n", "MORE_MODIFIED_FILES_": "M:\n", "DELETED_FILES_": "D:\n"},
    )  # fmt: skip
    kept = {
        f"{pull_request.id} {tool} {budget}": digest(said[str(budget)][tool])
        for (pull_request, _), said in zip(told, answers, strict=True)
        for budget in BUDGETS
        for tool in TOOLS
    }
    DIGESTS.mkdir(exist_ok=True)
    (DIGESTS / f"{version}.json").write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
