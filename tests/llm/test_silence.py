"""An endpoint that never answers stops the run soon; one that is only slow does not."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pullsmith.errors import OutsideError
from pullsmith.llm.door import Door
from pullsmith.llm.journal import Journal
from pullsmith.llm.open_model import open_model
from pullsmith.llm.protocol import AttemptError, Fault
from pullsmith.llm.silence import LEAST_ATTEMPTS, Silence
from pullsmith.records import Outcome
from tests.llm.asked import Sleeps, request, role
from tests.llm.server import Call, How, Reply, echo, serving

TIMED_OUT = AttemptError(Fault.TIMED_OUT, where="http://h", found="no answer within 10 seconds")
REFUSED = AttemptError(Fault.DISCONNECTED, where="http://h", found="refused")
BUSY = AttemptError(Fault.SERVER_ERROR, where="http://h", found="status 500")


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def gone(events: Sequence[tuple[float, AttemptError | None]]) -> int | None:
    """Which event ends the run; None where none does. The time-out is ten seconds."""
    clock = Clock()
    silence = Silence(10, now=clock)
    for number, (at, fault) in enumerate(events):
        clock.seconds = at
        try:
            if fault is None:
                silence.broken()
            else:
                silence.fault(fault)
        except AttemptError as error:
            return number if error.fault is Fault.GONE else None
    return None


def test_twice_the_time_out_and_three_attempts() -> None:
    first_wave = [(10.0, TIMED_OUT)] * 16
    assert gone(first_wave) is None  # it may be loading its model
    assert gone([*first_wave, (21.0, TIMED_OUT)]) == 16
    assert gone([(10.0, TIMED_OUT), (21.0, TIMED_OUT), (33.0, TIMED_OUT)]) == LEAST_ATTEMPTS - 1


@pytest.mark.parametrize("reply", [None, BUSY])
def test_any_reply_breaks_it(reply: AttemptError | None) -> None:
    assert gone([(10.0, TIMED_OUT), (21.0, TIMED_OUT), (22.0, reply), (33.0, TIMED_OUT)]) is None


def test_a_dropped_connection_is_no_reply() -> None:
    assert gone([(10.0, TIMED_OUT), (21.0, TIMED_OUT), (22.0, REFUSED), (33.0, TIMED_OUT)]) == 3


@pytest.fixture
def full_backlog() -> Iterator[str]:
    """An address that takes no connection: nobody accepts and the queue is full."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1#small"
    for one in (*waiting, listener):
        one.close()


def ask_in_vain(folder: Path, name: str) -> str:
    """What is said after 100 calls with eight tries each of a fifth of a second; and it is soon."""
    requests = [request(f"p{number}", name) for number in range(100)]
    asking = role(name, timeout_seconds=0.2, tries=8, concurrency=8)
    began = time.monotonic()
    with pytest.raises(OutsideError) as error:
        Door(folder / "j", sleep=Sleeps()).ask(open_model(name, environ={}), requests, asking)
    assert time.monotonic() - began < 10  # the tries of 100 calls, eight at a time, are 20 seconds
    with Journal(folder / "j") as journal:
        assert set(journal.faults()) == {"timed_out"}
    return str(error.value)


def test_an_endpoint_that_accepts_and_never_answers(tmp_path: Path) -> None:
    with serving(lambda _: Reply(how=How.HANG)) as server:
        said = ask_in_vain(tmp_path, server.model)
        assert said.startswith(f"{server.model}: nothing came back for 0.")
    assert "timeout_seconds = 0.2" in said
    assert "see that it is running and can be reached, or raise timeout_seconds" in said
    assert "0 of 100 answers are finished" in said
    assert "run the same command again to go on" in said


def test_an_endpoint_that_takes_no_connection(tmp_path: Path, full_backlog: str) -> None:
    assert f"{full_backlog}: nothing came back" in ask_in_vain(tmp_path, full_backlog)


def test_an_endpoint_that_stalls_now_and_then_is_not_gone(tmp_path: Path) -> None:
    def stalls(call: Call) -> Reply:
        first = call.number == 0 and int(call.text.split()[1]) % 3 == 0
        return Reply(how=How.HANG) if first else echo(call)

    with serving(stalls) as server:
        requests = [request(f"p {number}", server.model) for number in range(60)]
        asking = role(server.model, timeout_seconds=0.5, concurrency=4)
        model = open_model(server.model, environ={})
        answers = Door(tmp_path / "j", sleep=Sleeps()).ask(model, requests, asking)
    assert {answer.outcome for answer in answers} == {Outcome.OK}
