"""The test double that ships: a model that says what it was told to say, or fails as told.

Takes a list of turns, or a function from request to turn; gives completions. Knows no network, and
sleeps only when a turn says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pullsmith.llm.protocol import AttemptError, Completion, Fault, Request
from pullsmith.records import Outcome


@dataclass(frozen=True)
class Turn:
    """What happens at one attempt: ``fault`` is raised, else ``text`` comes with ``outcome``.

    ``stall_seconds`` pass first; longer than the role's time-out, they are a hang.
    """

    text: str = ""
    outcome: Outcome = Outcome.OK
    fault: Fault | None = None
    retry_after_seconds: float | None = None
    stall_seconds: float = 0.0


Script = Callable[[Request], Turn]


class ScriptedModel:
    """A ChatModel that follows a script and keeps every request it was asked, attempts included."""

    def __init__(self, script: Script | Sequence[Turn]) -> None:
        """A list is gone through once, and its last turn is repeated; an empty one is refused."""
        if not callable(script) and not script:
            raise ValueError("an empty script: give at least one turn")
        self._script = script
        self.asked: list[Request] = []
        self.closed = False

    async def complete(self, request: Request) -> Completion:
        """The next turn."""
        turn = self._turn(request)
        self.asked.append(request)
        if turn.stall_seconds:
            await asyncio.sleep(turn.stall_seconds)
        if turn.fault is not None:
            raise AttemptError(
                turn.fault,
                where=request.model,
                found=f"scripted {turn.fault}",
                retry_after_seconds=turn.retry_after_seconds,
            )
        return Completion(
            outcome=turn.outcome,
            text=turn.text,
            input_tokens=sum(len(m.content.split()) for m in request.messages),
            output_tokens=len(turn.text.split()),
        )

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def _turn(self, request: Request) -> Turn:
        if callable(self._script):
            return self._script(request)
        return self._script[min(len(self.asked), len(self._script) - 1)]


def saying(text: str) -> ScriptedModel:
    """A model that answers ``text`` to everything; EMPTY where that is blank."""
    outcome = Outcome.OK if text.strip() else Outcome.EMPTY
    return ScriptedModel([Turn(text, outcome)])
