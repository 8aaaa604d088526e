"""What goes through the door: a Request in, a Completion out, and the one method of a model."""

from __future__ import annotations

from typing import Protocol

from pydantic import Field

from pullsmith.records import (
    Answer,
    Coverage,
    Message,
    Outcome,
    PullRequest,
    Record,
    SecretScan,
    digest,
)


class TaskSubject(Record):
    """What a task is about, for models that are no language models; never sent anywhere.

    The planted truth is taken out of ``pull_request`` for everyone but rules+truth.
    """

    pull_request: PullRequest
    coverage: Coverage
    tool: str
    contract: str


class PairSubject(Record):
    """What a comparison is about, for the model-free judge; truth included."""

    pull_request: PullRequest
    coverage: Coverage
    tool: str
    first: Answer
    second: Answer


class Request(Record):
    """One call. ``key`` names all that changes the answer; time-outs and concurrency do not."""

    model: str
    checkpoint: str = "none"
    messages: tuple[Message, ...]
    temperature: float = 0.0
    max_tokens: int = Field(default=2048, ge=1)
    sample: int = 0
    scan: SecretScan | None  # the door refuses a request without the scan's mark
    task: TaskSubject | None = None
    pair: PairSubject | None = None

    @property
    def key(self) -> str:
        """The digest this call is journalled under.

        A language model sees the messages and nothing else; a subject counts only where there is
        one, because only a model-free adapter reads it.
        """
        return digest(self.model_dump(mode="json", exclude={"scan"}))


class Completion(Record):
    """How a call ended. ``text`` is what came, also where the outcome is not OK."""

    outcome: Outcome
    text: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    latency_seconds: float = 0.0
    detail: str = ""  # why not OK


class ChatModel(Protocol):
    """A model behind the door."""

    async def complete(self, request: Request) -> Completion:
        """One attempt. Raises OutsideError when the system behind it failed; retries are the door's."""

    async def close(self) -> None:
        """Give connections and memory back."""
