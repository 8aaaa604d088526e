"""A provider's batch API as the driver sees it: send lines, find what was sent, look, fetch.

Knows no journal. A batch is named by a token of ours that goes with it, so that a batch whose
sending was cut off is found again instead of being sent twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pullsmith.llm.protocol import AttemptError, Completion, Request


@dataclass(frozen=True)
class Limits:
    """What one batch may hold."""

    requests: int
    bytes: int


@dataclass(frozen=True)
class BatchState:
    """Where a sent batch stands. ``problem`` says why none of it was or will be answered."""

    ended: bool
    done: int = 0
    total: int = 0
    problem: str = ""
    cancelled: bool = False  # by somebody, at the provider


@dataclass(frozen=True)
class Sent:
    """A batch as it was handed over: its token, how many calls, and when the journal says it began."""

    token: str
    calls: int
    made_at: float


@runtime_checkable
class BatchApi(Protocol):
    """The batch side of a model. Everything that goes wrong is raised as an AttemptError."""

    limits: Limits

    def line(self, custom_id: str, request: Request) -> bytes:
        """One call as it stands in the file, without a line end."""

    async def send(self, token: str, lines: Sequence[bytes]) -> str:
        """Hand ``lines`` over under ``token``; the provider's id of the batch."""

    async def find(self, sent: Sent, others: Collection[str]) -> str | None:
        """The id of the batch that was sent as ``sent``, if it was; ``others`` are known to be none."""

    async def state(self, batch_id: str) -> BatchState:
        """Where the batch stands."""

    def results(self, batch_id: str) -> AsyncIterator[tuple[str, Completion | AttemptError]]:
        """The custom id and the end of every call that has one; those that expired are left out."""


def custom_id(token: str, key: str) -> str:
    """What a call is called in a batch."""
    return f"{token}-{key}"


def key_of(name: str, token: str) -> str | None:
    """The key of a custom id; None where it is of another batch."""
    begin, _, key = name.rpartition("-")
    return key if begin == token else None
