"""The one interface of a contract, and the registry of those that exist."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Protocol, runtime_checkable

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.task import Task
from pullsmith.contracts.tools import BUILT_IN, Tools
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

    def speaks(self, tool: str) -> frozenset[str]:
        """The names of the options that its words for ``tool`` can say.

        Every other option is asked as by default, whatever the study says.
        """

    def messages(self, task: Task) -> tuple[Message, ...]:
        """The chat messages that put ``task`` to a model."""

    def write(self, task: Task, value: AnswerValue) -> str:
        """The wire text of an answer; ``parse`` gives the same value back.

        What the form says by looking it up in the shown diff comes back as it stands there: the
        white space of a quote, the language of a file, the lines of a quote that is found once.
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


@runtime_checkable
class Lenient(Protocol):
    """A contract whose answers a bot reads too, and mends where it can."""

    def parse_leniently(self, task: Task, text: str) -> AnswerValue:
        """The value the bot would make of an answer that ``parse`` refuses.

        Told as a second rate and for nothing else: never trained on. Raises AnswerError where the
        bot would not take it either.
        """


@runtime_checkable
class Limited(Protocol):
    """A contract whose prompts ask for so many words or points, which ``parse`` does not insist on."""

    def limit_faults(self, task: Task, value: AnswerValue) -> tuple[str, ...]:
        """Where a value that can be said is longer, each as ``too_many_words: field: 9 of 8``."""


@runtime_checkable
class Extensible(Protocol):
    """A contract that also puts tools of the user's own, in the words of their templates."""

    def with_tools(self, own: Tools) -> Contract:
        """The contract with these tools; raises StudyError for templates it cannot use."""


Build = Callable[[str, ContractSettings], Contract]
_CONTRACTS = {
    "native-1": "pullsmith.contracts.native_1",
    "compact-1": "pullsmith.contracts.compact_1",
    "pr-agent-2024-06": "pullsmith.contracts.pr_agent",
    "pr-agent-0.2.4": "pullsmith.contracts.pr_agent",
    "pr-agent-2025-03": "pullsmith.contracts.pr_agent",
    "pr-agent-2026-04": "pullsmith.contracts.pr_agent",
}


def find_contract(
    name: str, settings: ContractSettings | None = None, tools: Tools = BUILT_IN
) -> Contract:
    """The contract called ``name``; raises StudyError naming the nearest one.

    Without ``settings`` it is asked as with their defaults. A contract that cannot put a user's own
    tool does not have it among its ``tools``.
    """
    if name not in _CONTRACTS:
        near = difflib.get_close_matches(name, _CONTRACTS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_CONTRACTS)}"
        raise StudyError(f"unknown contract {name!r}; {hint}")
    build: Build = import_module(_CONTRACTS[name]).contract
    found = build(name, settings or ContractSettings())
    own = {each: tool for each, tool in tools.items() if tool.templates}
    return found.with_tools(own) if own and isinstance(found, Extensible) else found


def contracts_of(settings: ContractSettings, tools: Tools = BUILT_IN) -> Callable[[str], Contract]:
    """A finder of contracts with these settings and tools; each is made once."""
    return cache(lambda name: find_contract(name, settings, tools))
