"""What each prompt is asked with besides its tool: the study's options, and now and then others.

Review bots in production are configured, so a share of the training prompts carries options of
ours; a model that never saw one would not follow it. Takes the study and its contracts; gives
options. A draw hashes the pull request's id and the tool, so that a rerun draws the same.

Nothing varies on the eval side, nor where the first teacher is no language model, nor what one of
the contracts that become examples cannot say: a student would be trained on answers to a question
it was not asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from pullsmith.contracts.contract import Contract
from pullsmith.contracts.options import DEFAULTS
from pullsmith.records import PromptOptions, PullRequest, Split, digest
from pullsmith.study import Study

CHOICES: dict[str, tuple[str | int, ...]] = {
    "extra_instructions": (
        "Keep every text short: one sentence where one is enough.",
        "Write for people who have joined the project this week.",
        "We care most about what happens when two requests come at the same time.",
        "Everything that reads input from outside must check it before use; look at that first.",
        "Do not speak about tests; another tool does that.",
        "Name functions and variables in backticks whenever you speak of them.",
        "This is a library: say so when a change breaks callers.",
        "Errors must never be swallowed. Look at every place that catches one.",
        "Speed matters in this code: mention needless copies, queries and allocations.",
        "- Be polite\n- Say why, not only what\n- No exclamation marks",
    ),
    "response_language": (
        "German", "French", "Spanish", "Brazilian Portuguese", "Japanese", "Simplified Chinese",
        "pl-PL",
    ),
    "focus_only_on_problems": (False,),
    "require_effort": (False,),
    "require_score": (True,),
    "require_tests": (False,),
    "require_security": (False,),
    "require_can_be_split": (True,),
    "max_findings": (1, 2),
    "max_suggestions": (1, 2, 3),
}  # fmt: skip
MOST_VARIED = 2  # options of one prompt
_DRAWS = 1 << 64


def options_for(
    pull_request: PullRequest, tool: str, study: Study, contracts: Sequence[Contract]
) -> PromptOptions:
    """The options of one tool on one pull request, the same for every contract and part."""
    options = study.contract.options_of(tool)
    draw = [study.seed, "options", pull_request.id, tool]
    if pull_request.split is not Split.TRAIN or not study.varied_contracts:
        return options
    if _number([*draw, "share"]) >= study.contract.varied_share * _DRAWS:
        return options
    # What the study has set is not ours to change.
    names = [
        name
        for name in _sayable(tool, study, contracts)
        if getattr(options, name) == getattr(DEFAULTS, name)
    ]
    drawn = sorted(names, key=lambda name: digest([*draw, name]))[: 1 + _number(draw) % MOST_VARIED]
    varied = {name: _pick(CHOICES[name], [*draw, name, "value"]) for name in drawn}
    return options.model_copy(update=varied)


def _sayable(tool: str, study: Study, contracts: Sequence[Contract]) -> list[str]:
    """The options that every contract says in which the first teacher or a student is asked."""
    counts = study.varied_contracts
    said = [each.speaks(tool) for each in contracts if each.id in counts and tool in each.tools]
    return sorted(frozenset.intersection(*said)) if said else []


def _pick(choices: tuple[str | int, ...], draw: list[object]) -> str | int:
    return choices[_number(draw) % len(choices)]


def _number(draw: list[object]) -> int:
    return int(digest(draw), 16)
