"""The one interface of a contract, and the registry of those that exist."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Protocol, runtime_checkable

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.task import Task
from pullsmith.errors import StudyError
from pullsmith.records import Coverage, Message, PullRequest
from pullsmith.study.contract import ContractSettings
from pullsmith.tokens import Counter


class Contract(Protocol):
    """How tasks are written to a model and its answers read back; pure functions, no state."""

    @property
    def id(self) -> str:
        """Its name in study files and ids."""

    @property
    def origin(self) -> str:
        """Where the text of its templates comes from, and under which licence."""

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools it can put to a model; never asked for another."""

    def messages(self, task: Task) -> tuple[Message, ...]:
        """The chat messages that put ``task`` to a model."""

    def write(self, task: Task, value: AnswerValue) -> str:
        """The wire text of an answer; ``parse`` gives the same value back.

        Raises AnswerError where the value cannot be said in this contract, for example because a
        line it names is not shown.
        """

    def parse(self, task: Task, text: str) -> AnswerValue:
        """The value of a raw answer, read strictly: nothing is repaired, nothing supplied.

        Raises AnswerError with a short reason and the detail.
        """


@runtime_checkable
class Planner(Protocol):
    """A contract that decides what is shown, because the bot it stands for does.

    Its coverage then counts for every contract of the study.
    """

    def plan(self, tool: str, pull_request: PullRequest, count: Counter) -> tuple[Coverage, ...]:
        """What each prompt of ``tool`` shows: one coverage a prompt, none where nothing is left.

        ``count`` counts tokens. Together with their omissions, every coverage adds up to the whole
        diff.
        """


Build = Callable[[str, ContractSettings], Contract]
_CONTRACTS = {
    "native-1": "pullsmith.contracts.native_1",
    "compact-1": "pullsmith.contracts.compact_1",
    "pr-agent-2024-06": "pullsmith.contracts.pr_agent",
    "pr-agent-0.2.4": "pullsmith.contracts.pr_agent",
    "pr-agent-2025-03": "pullsmith.contracts.pr_agent",
    "pr-agent-2026-04": "pullsmith.contracts.pr_agent",
}


def find_contract(name: str, settings: ContractSettings | None = None) -> Contract:
    """The contract called ``name``; raises StudyError naming the nearest one.

    Without ``settings`` it is asked as with their defaults.
    """
    if name not in _CONTRACTS:
        near = difflib.get_close_matches(name, _CONTRACTS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_CONTRACTS)}"
        raise StudyError(f"unknown contract {name!r}; {hint}")
    build: Build = import_module(_CONTRACTS[name]).contract
    return build(name, settings or ContractSettings())


def contracts_of(settings: ContractSettings) -> Callable[[str], Contract]:
    """A finder of contracts with these settings; each is made once."""
    return cache(lambda name: find_contract(name, settings))
