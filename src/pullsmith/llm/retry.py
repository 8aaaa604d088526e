"""The one retry policy: which attempts are made again, after how long, and what ends the run.

Takes a model, a request and the role's limits; gives a completion. Sleeping is passed in. Knows no
journal and no provider.

    rate limited, server error, timed out, dropped connection, broken body, empty   tried again
    cut at max_tokens                                        once more, where the role has a larger limit
    bad request                                                                     this call fails
    wrong key, unknown model, no credit, bad certificate, told to wait for long     the run ends
    nothing but time-outs, twice as long as one attempt may take                    the run ends
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pullsmith.llm.pace import Pace
from pullsmith.llm.protocol import AttemptError, ChatModel, Completion, Fault, Request
from pullsmith.records import Outcome
from pullsmith.study.roles import Role

LONGEST_WAIT_SECONDS = 60.0  # of our own choosing
LONGEST_RETRY_AFTER_SECONDS = 600.0  # a server that asks for more ends the run
ENDS_THE_RUN = frozenset(
    {
        Fault.WRONG_KEY, Fault.UNKNOWN_MODEL, Fault.NO_CREDIT, Fault.UNTRUSTED, Fault.TOLD_TO_WAIT,
        Fault.GONE,
    }
)  # fmt: skip
NOT_AGAIN = ENDS_THE_RUN | {Fault.BAD_REQUEST}
_TOO_MUCH = frozenset({Fault.RATE_LIMITED, Fault.TIMED_OUT})
Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True)
class Policy:
    """The role's limits, the gate its attempts go through, and how waiting is done."""

    role: Role
    pace: Pace
    sleep: Sleep


async def complete_with_retries(
    model: ChatModel,
    request: Request,
    *,
    policy: Policy,
    on_fault: Callable[[AttemptError], None],
) -> Completion:
    """The completion of ``request`` after at most ``tries`` attempts; each fault is told.

    EMPTY or CUT when nothing better came; the tokens of all count. Raises the last AttemptError
    when there was no answer.
    """
    tries, spent = 0, (0, 0)
    while True:
        tries += 1
        started = time.monotonic()
        try:
            completion = await _attempt(model, request, policy)
            spent = spent[0] + completion.input_tokens, spent[1] + completion.output_tokens
            fault = _unwanted(request, completion)
            if fault is not None and fault.fault is Fault.CUT:
                request = request.model_copy(update={"max_tokens": request.longer_tokens})
        except AttemptError as error:
            completion, fault = None, error
        if fault is not None:
            on_fault(fault)
        if completion is not None and (fault is None or tries >= policy.role.tries):
            ended = {"tries": tries, "latency_seconds": time.monotonic() - started}
            tokens = dict(zip(("input_tokens", "output_tokens"), spent, strict=True))
            return completion.model_copy(update=ended | tokens)
        if fault is not None:
            if tries >= policy.role.tries or fault.fault in NOT_AGAIN:
                raise fault
            await policy.sleep(wait_seconds(fault, tries))


async def _attempt(model: ChatModel, request: Request, policy: Policy) -> Completion:
    pace, patience = policy.pace, policy.role.timeout_seconds
    async with pace:
        try:
            completion = await _within(model, request, patience)
        except AttemptError as error:
            # Before the slot is free: whoever waits for it must not be sent in vain.
            if error.fault in ENDS_THE_RUN:
                pace.shut()
            elif error.fault in _TOO_MUCH:
                pace.slower()
            raise
    pace.faster()
    return completion


async def _within(model: ChatModel, request: Request, patience_seconds: float) -> Completion:
    try:
        async with asyncio.timeout(patience_seconds):
            return await model.complete(request)
    except TimeoutError as error:
        found = f"no answer within {patience_seconds:g} seconds"
        raise AttemptError(Fault.TIMED_OUT, where=request.model, found=found) from error


def _unwanted(request: Request, completion: Completion) -> AttemptError | None:
    """Why an answer that came is asked for again; None where it is the end of the call."""
    if completion.outcome is Outcome.EMPTY:
        return AttemptError(Fault.EMPTY, where=request.model, found="an empty answer")
    if completion.outcome is Outcome.CUT and request.max_tokens < request.longer_tokens:
        found = f"cut at {request.max_tokens} tokens"
        return AttemptError(Fault.CUT, where=request.model, found=found, retry_after_seconds=0)
    return None


def wait_seconds(fault: AttemptError, tries: int) -> float:
    """What the server asked for, else 1, 2, 4, … seconds; raises when it asks for too much."""
    asked = fault.retry_after_seconds
    if asked is None:
        return min(LONGEST_WAIT_SECONDS, 2.0 ** (tries - 1))
    if asked > LONGEST_RETRY_AFTER_SECONDS:
        found = f"{fault.found}; it asks to wait {asked:.0f} seconds"
        raise AttemptError(Fault.TOLD_TO_WAIT, where=fault.where, found=found) from fault
    return max(asked, 0.0)
