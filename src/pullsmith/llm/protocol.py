"""What goes through the door: a Request in, a Completion out, and the one method of a model.

A model takes one request at a time (ChatModel) or a batch (BatchModel). What it cannot answer for
reasons outside of it, it says with an AttemptError; whether to try again is the door's to decide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

from pydantic import Field, JsonValue

from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import OutsideError
from pullsmith.records import (
    Answer,
    Coverage,
    Message,
    Outcome,
    PromptOptions,
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
    options: PromptOptions = PromptOptions()
    tool: str
    contract: str

    def as_task(self) -> Task:
        """What a contract writes an answer to."""
        shown = ShownDiff.of(self.pull_request, self.coverage)
        return Task(self.tool, self.pull_request, self.coverage, shown, self.options)


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
    longer_tokens: int = 0  # the limit a cut answer is asked again with; 0: it stays cut
    options_json: str = ""  # what the role's extra_body adds to the call, as canonical JSON
    scan: SecretScan | None  # the door refuses a request without the scan's mark
    task: TaskSubject | None = None
    pair: PairSubject | None = None

    @property
    def key(self) -> str:
        """The digest this call is journalled under.

        A language model sees the messages and nothing else; a subject counts only where there is
        one, because only a model-free adapter reads it.
        """
        values = self.model_dump(mode="json", exclude={"scan"})
        for name in ("options_json", "longer_tokens"):
            if not values[name]:
                del values[name]  # journals are older than these
        return digest(values)


def options_json(extra_body: Mapping[str, JsonValue]) -> str:
    """A role's ``extra_body`` as canonical JSON; empty where it adds nothing."""
    if not extra_body:
        return ""
    return json.dumps(extra_body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Completion(Record):
    """How a call ended. ``text`` is what came, also where the outcome is not OK."""

    outcome: Outcome
    text: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None  # None: nobody knows the price
    latency_seconds: float = 0.0  # of the attempt that ended the call
    tries: int = 1  # attempts made, this one included
    detail: str = ""  # why not OK


class Fault(StrEnum):
    """Why an attempt gave no answer."""

    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    TIMED_OUT = "timed_out"
    DISCONNECTED = "disconnected"
    BROKEN_BODY = "broken_body"  # a 200 whose JSON breaks off, or is no completion
    EMPTY = "empty"
    CUT = "cut"  # the answer reached its limit, and is asked for with a larger one
    BAD_REQUEST = "bad_request"
    WRONG_KEY = "wrong_key"
    UNKNOWN_MODEL = "unknown_model"
    NO_CREDIT = "no_credit"
    UNTRUSTED = "untrusted"  # the certificate or the TLS handshake is wrong
    QUEUE_FULL = "queue_full"  # the provider takes no more batches for now
    GONE = "gone"  # nothing but time-outs for too long
    TOLD_TO_WAIT = "told_to_wait"  # longer than a run should stand still


class AttemptError(OutsideError):
    """One attempt failed. ``where`` names the endpoint, ``found`` what it did."""

    def __init__(
        self, fault: Fault, *, where: str, found: str, retry_after_seconds: float | None = None
    ) -> None:
        """Keep the parts apart: the door retries by ``fault`` and waits as long as it was told."""
        super().__init__(f"{where}: {found}")
        self.fault = fault
        self.where = where
        self.found = found
        self.retry_after_seconds = retry_after_seconds


class ChatModel(Protocol):
    """A model behind the door."""

    async def complete(self, request: Request) -> Completion:
        """One attempt. Raises AttemptError when the system behind it failed; retries are the door's."""

    async def close(self) -> None:
        """Give connections and memory back."""


@runtime_checkable
class BatchModel(Protocol):
    """A model in this process that answers several requests at once. Nothing to close, no retries."""

    @property
    def batch_size(self) -> int:
        """How many requests it takes at most; the door's chunks have this size."""

    def complete_many(self, requests: Sequence[Request]) -> list[Completion]:
        """One completion a request, in their order."""


Model = ChatModel | BatchModel
