"""Claims: what two processes on one journal may ask, and what is left of one that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pullsmith.llm.claims import LEASE_SECONDS, Claims
from pullsmith.llm.door import Door
from pullsmith.llm.journal import Entry, Journal
from pullsmith.llm.open_model import open_model
from pullsmith.llm.owners import is_running, this_process
from tests.llm.asked import request, role
from tests.llm.server import Call, Reply, echo, serving
from tests.llm.test_door import CLIENT
from tests.llm.test_journal import done


def claims(path: Path, owner: str, *, now: float = 0.0, runs: bool | None = True) -> Claims:
    return Claims(path / "j", owner=owner, now=lambda: now, runs=lambda _: runs)


def test_what_one_claims_the_other_may_not_ask(tmp_path: Path) -> None:
    with claims(tmp_path, "one") as one, claims(tmp_path, "two") as two:
        assert one.take(["a", "b"]).ours == ["a", "b"]
        taken = two.take(["b", "c"])
        assert (taken.ours, taken.others) == (["c"], ["b"])
        assert one.take(["a"]).ours == ["a"]
        one.give_back(["b"])
        assert two.take(["b"]).ours == ["b"]


def test_an_answer_ends_its_claim_and_is_nobodys_to_ask(tmp_path: Path) -> None:
    with claims(tmp_path, "one") as one, claims(tmp_path, "two") as two:
        one.take(["a"])
        with Journal(tmp_path / "j") as journal:
            journal.write([Entry("a", done("x"))])
            assert journal._base.execute("SELECT COUNT(*) FROM claims").fetchone() == (0,)
        taken = two.take(["a"])
        assert (taken.ours, taken.others, taken.in_batches) == ([], [], [])


def test_claims_end_with_their_process(tmp_path: Path) -> None:
    with claims(tmp_path, "one") as one, claims(tmp_path, "two", runs=False) as two:
        one.take(["a"])
        assert two.take(["a"]).ours == ["a"]


def test_where_nobody_can_know_they_end_with_their_lease(tmp_path: Path) -> None:
    one = claims(tmp_path, "one", now=0)
    one.take(["a"])
    with claims(tmp_path, "two", now=LEASE_SECONDS - 1, runs=None) as early:
        assert early.take(["a"]).others == ["a"]
    with claims(tmp_path, "one", now=100) as renewing:
        renewing.renew()
        with claims(tmp_path, "two", now=LEASE_SECONDS + 1, runs=None) as other:
            assert other.take(["a"]).others == ["a"]
        with claims(tmp_path, "two", now=LEASE_SECONDS + 101, runs=None) as late:
            assert late.take(["a"]).ours == ["a"]
    one.close()


def test_a_process_runs_until_it_has_ended_and_its_number_may_come_again() -> None:
    mine = this_process()
    assert is_running(mine) is True
    namespace, number, started = mine.split("/")
    assert is_running(f"{namespace}/{number}/{int(started) - 1}") is False
    assert is_running(f"other-{namespace}/{number}/{started}") is None
    assert is_running("nonsense") is None
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    theirs = (
        f"{namespace}/{process.pid}/" + Path(f"/proc/{process.pid}/stat").read_text().split()[21]
    )
    assert is_running(theirs) is True
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert is_running(theirs) is False


def test_two_processes_share_the_work_and_ask_nothing_twice(tmp_path: Path) -> None:
    def slow(call: Call) -> Reply:
        return Reply(body=echo(call).body, delay_seconds=0.02)

    with serving(slow) as server:
        arguments = [server.model, str(tmp_path / "j"), "300", "8"]
        command = [sys.executable, "-c", CLIENT, *arguments]
        folder = Path(__file__).parents[2]
        first, second = (subprocess.Popen(command, cwd=folder) for _ in range(2))
        assert (first.wait(60), second.wait(60)) == (0, 0)
        assert sorted(server.answered.values()) == [1] * 300
        assert server.most_in_flight > 8  # both were at work at the same time


def test_what_a_killed_process_was_asking_is_asked_by_the_other_at_once(tmp_path: Path) -> None:
    def hangs_once(call: Call) -> Reply:
        return Reply(body=echo(call).body, delay_seconds=60 if call.number == 0 else 0)

    with serving(hangs_once) as server:
        arguments = [server.model, str(tmp_path / "j"), "8", "8"]
        process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, *arguments], cwd=Path(__file__).parents[2]
        )
        while len(server.calls) < 8:
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        began = time.monotonic()
        requests = [request(f"prompt {n}", server.model) for n in range(8)]
        answers = Door(tmp_path / "j").ask(open_model(server.model), requests, role(server.model))
        assert [a.text for a in answers] == [f"answer to prompt {n}" for n in range(8)]
        assert time.monotonic() - began < 20
