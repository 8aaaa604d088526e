"""The one interface of a contract, and the registry of those that exist."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from importlib import import_module
from typing import Protocol

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.task import Task
from pullsmith.errors import StudyError
from pullsmith.records import Message


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


_CONTRACTS = {
    "native-1": "pullsmith.contracts.native_1",
    "compact-1": "pullsmith.contracts.compact_1",
}


def find_contract(name: str) -> Contract:
    """The contract called ``name``; raises StudyError naming the nearest one."""
    if name not in _CONTRACTS:
        near = difflib.get_close_matches(name, _CONTRACTS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_CONTRACTS)}"
        raise StudyError(f"unknown contract {name!r}; {hint}")
    build: Callable[[], Contract] = import_module(_CONTRACTS[name]).contract
    return build()
