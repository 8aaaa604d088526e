"""The door: what is asked, how often, and what is left when it ends early."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from pullsmith.errors import OutsideError, StudyError
from pullsmith.llm.calls import FAILURES_IN_A_ROW
from pullsmith.llm.door import Door
from pullsmith.llm.journal import Journal
from pullsmith.llm.open_model import open_model
from pullsmith.llm.protocol import Completion, Fault, Request
from pullsmith.llm.scripted import ScriptedModel, Turn
from pullsmith.records import Message, Outcome
from tests.llm.asked import Sleeps, ask, request, role
from tests.llm.server import Call, Reply, echo, serving


def say(asked: Request) -> Turn:
    return Turn(f"to {asked.messages[0].content}")


def test_answers_come_in_the_order_of_the_requests_and_once(tmp_path: Path) -> None:
    model = ScriptedModel(say)
    requests = [request(text) for text in ("b", "a", "b", "c")]
    answers = ask(tmp_path / "j", model, requests)
    assert [a.text for a in answers] == ["to b", "to a", "to b", "to c"]
    assert Counter(r.messages[0].content for r in model.asked) == {"a": 1, "b": 1, "c": 1}
    assert model.closed


def test_the_journal_never_asks_twice(tmp_path: Path) -> None:
    first = ask(tmp_path / "j", ScriptedModel(say), [request("a"), request("b")])
    model = ScriptedModel(say)
    again = ask(tmp_path / "j", model, [request("b"), request("c"), request("a")])
    assert [r.messages[0].content for r in model.asked] == ["c"]
    assert [again[2], again[0]] == first


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "scripted:y"},
        {"checkpoint": "other"},
        {"temperature": 0.5},
        {"max_tokens": 9},
        {"sample": 1},
        {"messages": (Message(role="user", content="a "),)},
    ],
)
def test_all_that_changes_the_answer_is_in_the_key(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    ask(tmp_path / "j", ScriptedModel(say), [request("a")])
    model = ScriptedModel(say)
    ask(tmp_path / "j", model, [request("a").model_copy(update=changes)])
    assert len(model.asked) == 1


def test_pace_is_not_in_the_key(tmp_path: Path) -> None:
    ask(tmp_path / "j", ScriptedModel(say), [request("a")], tries=1)
    model = ScriptedModel(say)
    ask(tmp_path / "j", model, [request("a")], tries=9, timeout_seconds=77, concurrency=3)
    assert not model.asked


def test_a_request_without_the_scan_mark_is_refused_before_any_is_sent(tmp_path: Path) -> None:
    model = ScriptedModel(say)
    unscanned = request("b").model_copy(update={"scan": None})
    with pytest.raises(StudyError, match="never searched for secrets"):
        ask(tmp_path / "j", model, [request("a"), unscanned])
    assert not model.asked
    assert not (tmp_path / "j").exists()
    ask(tmp_path / "j", model, [request("a"), request("b")])
    assert len(model.asked) == 2


def test_nothing_to_ask(tmp_path: Path) -> None:
    assert ask(tmp_path / "j", ScriptedModel(say), []) == []


def test_calls_that_are_given_up_in_a_row_end_the_run(tmp_path: Path) -> None:
    good = [request(f"good {n}") for n in range(3)]
    bad = [request(f"bad {n}") for n in range(FAILURES_IN_A_ROW + 4)]

    def script(asked: Request) -> Turn:
        broken = asked.messages[0].content.startswith("bad")
        return Turn(fault=Fault.SERVER_ERROR) if broken else say(asked)

    model = ScriptedModel(script)
    with pytest.raises(OutsideError, match="scripted server_error; 3 of 15 answers"):
        ask(tmp_path / "j", model, [*good, *bad], concurrency=1, tries=2)
    assert len(model.asked) == 3 + 2 * FAILURES_IN_A_ROW
    assert model.closed

    mixed = [
        each
        for pair in zip(bad, [request(f"fine {n}") for n in range(12)], strict=True)
        for each in pair
    ]
    answers = ask(tmp_path / "j", ScriptedModel(script), mixed, concurrency=1, tries=2)
    assert Counter(a.outcome for a in answers) == {Outcome.FAILED: 12, Outcome.OK: 12}


def test_retries_wait_longer_each_time_but_not_for_ever(tmp_path: Path) -> None:
    sleeps = Sleeps()
    turns = [Turn(fault=Fault.SERVER_ERROR)] * 8 + [Turn("at last")]
    (answer,) = ask(tmp_path / "j", ScriptedModel(turns), [request("a")], sleeps=sleeps, tries=9)
    assert (answer.text, answer.tries) == ("at last", 9)
    assert sleeps.seconds == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_stall_is_cut_off(tmp_path: Path) -> None:
    turns = [Turn("late", stall_seconds=30), Turn("in time")]
    began = time.monotonic()
    (answer,) = ask(tmp_path / "j", ScriptedModel(turns), [request("a")], timeout_seconds=0.05)
    assert answer.text == "in time"
    assert time.monotonic() - began < 10


def test_an_error_of_ours_is_not_retried_and_what_was_answered_is_kept(tmp_path: Path) -> None:
    def script(asked: Request) -> Turn:
        if asked.messages[0].content == "b":
            raise KeyError("a bug")
        return say(asked)

    with pytest.raises(KeyError, match="a bug"):
        ask(tmp_path / "j", ScriptedModel(script), [request("a"), request("b")], concurrency=1)
    with Journal(tmp_path / "j") as journal:
        assert set(journal.find([request("a").key, request("b").key])) == {request("a").key}


def test_progress_is_told_ten_times_at_most(tmp_path: Path) -> None:
    told: list[str] = []
    door = Door(tmp_path / "j", report=told.append)
    requests = [request(str(n)) for n in range(50)]
    door.ask(ScriptedModel(say), requests[:30], role())
    assert len(told) == 10
    assert told[-1].startswith("scripted:x: 30 of 30 answers, ")
    told.clear()
    door.ask(ScriptedModel(say), requests, role())
    assert told[-1].startswith("scripted:x: 50 of 50 answers, ")
    assert len(told) <= 6  # 40 % were new


class Batched:
    """A local model whose answers depend on their batch, as padding makes real ones."""

    batch_size = 3

    def __init__(self, dies_after: int = 99) -> None:
        self.batches: list[list[str]] = []
        self._left = dies_after

    def complete_many(self, requests: Sequence[Request]) -> list[Completion]:
        if not self._left:
            raise MemoryError("killed")
        self._left -= 1
        texts = [r.messages[0].content for r in requests]
        self.batches.append(texts)
        said = "+".join(sorted(texts))
        return [Completion(outcome=Outcome.OK, text=f"{text} in {said}") for text in texts]


def test_batches_are_the_same_whatever_the_journal_holds(tmp_path: Path) -> None:
    requests = [request("x" * length) for length in (9, 1, 8, 2, 7, 3, 6, 4)]
    whole = ask(tmp_path / "whole", Batched(), requests)

    dying = Batched(dies_after=2)
    with pytest.raises(MemoryError):
        ask(tmp_path / "j", dying, requests)
    after = Batched()
    assert [a.text for a in ask(tmp_path / "j", after, requests)] == [a.text for a in whole]
    lengths = [[len(text) for text in batch] for batch in (*dying.batches, *after.batches)]
    assert lengths == [[1, 2, 3], [4, 6, 7], [8, 9]]


def test_a_batch_is_done_again_whole_when_one_of_it_is_missing(tmp_path: Path) -> None:
    requests = [request("x" * length) for length in (1, 2, 3)]
    ask(tmp_path / "j", Batched(), requests[:2])
    again = Batched()
    answers = ask(tmp_path / "j", again, requests)
    assert again.batches == [["x", "xx", "xxx"]]
    assert answers[0].text == "x in x+xx"  # the first on disk counts, in every later run, too


def test_a_local_model_is_not_asked_again_for_an_empty_answer(tmp_path: Path) -> None:
    class Silent(Batched):
        def complete_many(self, requests: Sequence[Request]) -> list[Completion]:
            super().complete_many(requests)
            return [Completion(outcome=Outcome.EMPTY, text="") for _ in requests]

    model = Silent()
    assert ask(tmp_path / "j", model, [request("a")])[0].outcome is Outcome.EMPTY
    assert len(model.batches) == 1


CALLS, IN_FLIGHT = 120, 8
CLIENT = """
import sys
from pathlib import Path
from pullsmith.llm.door import Door
from pullsmith.llm.open_model import open_model
from tests.llm.asked import request, role

name, journal, calls, concurrency = sys.argv[1:]
requests = [request(f"prompt {n}", name) for n in range(int(calls))]
Door(Path(journal)).ask(open_model(name), requests, role(name, concurrency=int(concurrency)))
"""


def test_killed_twice_every_answer_is_there_and_only_calls_in_flight_are_paid_again(
    tmp_path: Path,
) -> None:
    def slow(call: Call) -> Reply:
        return Reply(body=echo(call).body, delay_seconds=0.02)

    with serving(slow) as server:
        arguments = [server.model, str(tmp_path / "j"), str(CALLS), str(IN_FLIGHT)]
        for kill_at in (30, 80):
            process = subprocess.Popen(
                [sys.executable, "-c", CLIENT, *arguments], cwd=Path(__file__).parents[2]
            )
            while sum(server.answered.values()) < kill_at:
                assert process.poll() is None
                time.sleep(0.002)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        requests = [request(f"prompt {n}", server.model) for n in range(CALLS)]
        answers = ask(tmp_path / "j", open_model(server.model), requests)
        answered = Counter(server.answered)
        again = ask(tmp_path / "j", open_model(server.model), requests)
        assert server.answered == answered  # nothing is asked once all is there
    assert [a.text for a in answers] == [f"answer to prompt {n}" for n in range(CALLS)]
    assert again == answers
    assert len(answered) == CALLS
    # Answers the server gave and the client could not keep: at most those in flight at the kills.
    assert sum(answered.values()) - CALLS <= 2 * IN_FLIGHT


def test_ctrl_c_keeps_what_was_answered(tmp_path: Path) -> None:
    async def interrupted() -> None:
        turns = [Turn("a"), Turn("b"), Turn("never", stall_seconds=60)]
        requests = [request(text) for text in "abc"]
        model = ScriptedModel(turns)
        door = Door(tmp_path / "j")
        asked = asyncio.create_task(door.complete_all(model, requests, role(concurrency=1)))
        while len(model.asked) < 3:
            await asyncio.sleep(0.005)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(interrupted())
    with Journal(tmp_path / "j") as journal:
        kept = [answer.text for _, answer in journal.read() if answer]
    assert sorted(kept) == ["a", "b"]
