"""Batches of both providers: split, found again, collected by id, sent again where they failed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pullsmith.errors import OutsideError, StudyError
from pullsmith.llm import openai_batch
from pullsmith.llm.anthropic_api import ANTHROPIC_BASE, ANTHROPIC_KEY
from pullsmith.llm.batch_api import Limits
from pullsmith.llm.batch_book import BatchBook
from pullsmith.llm.claims import Claims
from pullsmith.llm.door import Door
from pullsmith.llm.journal import Entry, Journal
from pullsmith.llm.open_model import open_model
from pullsmith.llm.protocol import Completion
from pullsmith.llm.scripted import saying
from pullsmith.records import Outcome
from pullsmith.study.roles import Role
from tests.llm.asked import Sleeps, ask, request, role
from tests.llm.provider import Provider, providing

BOTH = ("openai", "anthropic")
ANTHROPIC = "anthropic:claude-small"
TEXTS = [f"prompt {number}" for number in range(9)]
ANSWERS = [f"answer to {text}" for text in TEXTS]


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def name_of(provider: Provider, kind: str) -> str:
    return provider.openai_model if kind == "openai" else ANTHROPIC


def environ(provider: Provider) -> dict[str, str]:
    return {ANTHROPIC_KEY: "x", ANTHROPIC_BASE: provider.url}


def asked(
    path: Path, provider: Provider, kind: str, texts: list[str] = TEXTS, **settings: object
) -> list[Completion]:
    name = name_of(provider, kind)
    model = open_model(name, environ=environ(provider))
    settings = {"batch": True, "tries": 3, **settings}
    asking = role(name, **settings)
    door = Door(path / "j", sleep=Sleeps())
    return door.ask(model, [request(text, name) for text in texts], asking)


def test_one_batch_answers_all_by_id(tmp_path: Path, kind: str) -> None:
    with providing(Provider()) as provider:
        answers = asked(tmp_path, provider, kind)
        assert [a.text for a in answers] == ANSWERS
        assert (answers[0].input_tokens, answers[0].output_tokens, answers[0].tries) == (7, 3, 1)
        assert len(provider.batches) == 1
        again = asked(tmp_path, provider, kind)
        assert again == answers
        assert len(provider.batches) == 1
    assert set(provider.answered.values()) == {1}


def test_the_file_is_split_to_the_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_batch.OpenAIBatches.__init__, "__defaults__", (Limits(4, 10**6),))
    with providing(Provider()) as provider:
        assert [a.text for a in asked(tmp_path / "", provider, "openai")] == ANSWERS
        assert sorted(len(b.calls) for b in provider.batches.values()) == [1, 4, 4]
    (tmp_path / "bytes").mkdir()
    monkeypatch.setattr(openai_batch.OpenAIBatches.__init__, "__defaults__", (Limits(99, 700),))
    with providing(Provider()) as provider:
        assert [a.text for a in asked(tmp_path / "bytes", provider, "openai")] == ANSWERS
        assert all(len(content) <= 700 for content in provider.files.values())
        assert len(provider.files) >= 3


TROUBLE = (
    "drop_after_create", "500_create", "500_poll", "cut_results", "bad_line", "not_json_create",
)  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_mishap_on_the_way_costs_no_answer_and_no_second_batch(
    tmp_path: Path, kind: str, trouble: str
) -> None:
    with providing(Provider(trouble=(trouble,))) as provider:
        assert [a.text for a in asked(tmp_path, provider, kind)] == ANSWERS
        assert not provider.trouble
        assert len(provider.batches) == 1
    assert set(provider.answered.values()) == {1}


def test_what_failed_or_expired_is_sent_again_and_nothing_else(tmp_path: Path, kind: str) -> None:
    first = {"prompt 1": "500", "prompt 4": "expired", "prompt 5": "empty", "prompt 6": "bad_body"}

    def end(prompt: str, number: int) -> str:
        return first.get(prompt, "ok") if number == 0 else "ok"

    with providing(Provider(end=end)) as provider:
        answers = asked(tmp_path, provider, kind)
        assert [a.text for a in answers] == ANSWERS
        one, two = provider.batches.values()
        assert (len(one.calls), len(two.calls)) == (9, 4)
    assert answers[1].tries == 2
    with Journal(tmp_path / "j") as journal:
        assert journal.faults() == {
            "broken_body": 1, "empty": 1, "server_error": 1, "timed_out": 1,
        }  # fmt: skip


def test_a_call_that_is_wrong_in_itself_is_given_up_at_once(tmp_path: Path, kind: str) -> None:
    with providing(Provider(end=lambda p, _: "400" if p == "prompt 2" else "ok")) as provider:
        answers = asked(tmp_path, provider, kind)
        assert Counter(a.outcome for a in answers) == {Outcome.OK: 8, Outcome.FAILED: 1}
        assert "said 400" in answers[2].detail
        assert len(provider.batches) == 1


def test_a_call_that_expires_every_time_is_given_up(tmp_path: Path, kind: str) -> None:
    with providing(Provider(end=lambda p, _: "expired" if p == "prompt 2" else "ok")) as provider:
        answers = asked(tmp_path, provider, kind)
        assert answers[2].outcome is Outcome.FAILED
        assert "expired" in answers[2].detail
        assert len(provider.batches) == 3


def test_a_batch_that_is_refused_whole_ends_the_run_with_the_reason(tmp_path: Path) -> None:
    with providing(Provider(problem=("model_not_found", "no such model"))) as provider:
        with pytest.raises(OutsideError, match="model_not_found: no such model; 0 of 9 answers"):
            asked(tmp_path, provider, "openai")
        assert [a.text for a in asked(tmp_path, provider, "openai")] == ANSWERS


def test_a_full_queue_is_waited_for(tmp_path: Path) -> None:
    with providing(Provider(problem=("token_limit_exceeded", "queue is full"))) as provider:
        assert [a.text for a in asked(tmp_path, provider, "openai")] == ANSWERS
    assert set(provider.answered.values()) == {1}


def test_calls_that_are_in_a_batch_are_not_asked_one_by_one(tmp_path: Path) -> None:
    one = request("one", "scripted:x")
    with Claims(tmp_path / "j") as claims, BatchBook(tmp_path / "j", "scripted:x") as book:
        claims.take([one.key])
        book.plan([one.key])
    model = saying("hello")
    with pytest.raises(StudyError, match=r"1 of the calls to scripted:x are in a batch .* --batch"):
        ask(tmp_path / "j", model, [one])
    assert not model.asked


def test_a_model_without_a_batch_api(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="model 'scripted:x' has no batch API"):
        ask(tmp_path / "j", saying("hello"), [request("one")], batch=True)


def test_a_batch_of_somebody_elses_with_as_many_calls_is_told_apart(tmp_path: Path) -> None:
    """Anthropic's list names no batch of ours: the ids of the calls do, once it has ended."""
    with providing(Provider(polls=2)) as provider:
        model = open_model(ANTHROPIC, environ=environ(provider))
        requests = [request(text, ANTHROPIC) for text in TEXTS]
        with BatchBook(tmp_path / "j", ANTHROPIC) as book:  # planned, and killed before it was sent
            with Journal(tmp_path / "j") as journal:
                journal.write([Entry(each.key, each) for each in requests])
            book.plan([each.key for each in requests])
        other = {f"theirs-{n}": {"messages": [{"content": f"their {n}"}]} for n in range(9)}
        provider.make(other, {})
        door = Door(tmp_path / "j", sleep=Sleeps())
        answers = door.ask(model, requests, Role(model=ANTHROPIC, batch=True))
        assert [a.text for a in answers] == ANSWERS
        assert len(provider.batches) == 2
    assert set(provider.answered.values()) == {1}


def test_the_budget_stops_before_a_batch_that_might_cost_more(tmp_path: Path) -> None:
    with providing(Provider()) as provider:
        name = provider.openai_model
        model = open_model(name, environ={})
        door = Door(tmp_path / "j", sleep=Sleeps(), budget_usd=0.0105)
        asking = role(name, batch=True, price={"input": 0, "output": 1})
        requests = [request(text, name) for text in TEXTS]
        # 2,048 tokens of answer at a dollar a million: five of them may cost 0.01024.
        with pytest.raises(StudyError, match=r"budget_usd = 0.0105: \$0.0000 is spent"):
            door.ask(model, requests, asking)
        assert [len(batch.calls) for batch in provider.batches.values()] == [5]
    with Journal(tmp_path / "j") as journal:
        assert len(journal.answered([each.key for each in requests])) == 5


CLIENT = """
import os, sys
from pathlib import Path
from pullsmith.llm import batches, openai_batch, anthropic_batch
from pullsmith.llm.batch_api import Limits
from pullsmith.llm.door import Door
from pullsmith.llm.open_model import open_model
from tests.llm.asked import request, role

batches.SETTLE_SECONDS, batches.SHORTEST_POLL_SECONDS, batches.LONGEST_POLL_SECONDS = .3, .02, .02
for api in (openai_batch.OpenAIBatches, anthropic_batch.AnthropicBatches):
    api.__init__.__defaults__ = (Limits(40, 10**7),)
name, journal, calls = sys.argv[1:]
requests = [request(f"prompt {n}", name) for n in range(int(calls))]
Door(Path(journal)).ask(open_model(name), requests, role(name, batch=True))
"""
CALLS = 200


def start(provider: Provider, kind: str, journal: Path) -> subprocess.Popen[bytes]:
    arguments = [name_of(provider, kind), str(journal), str(CALLS)]
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, *arguments],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environ(provider)},
    )


def moments(seed: int) -> Iterator[float]:
    draws = random.Random(seed)
    while True:
        yield draws.uniform(0.0, 0.25)


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_sent_twice(tmp_path: Path, kind: str) -> None:
    with providing(Provider(polls=3)) as provider:
        kills = 0
        for seconds in moments(3):
            before = sum(provider.requests.values())
            process = start(provider, kind, tmp_path / "j")
            # From the first request on: importing takes longer than all that is asked.
            while process.poll() is None and sum(provider.requests.values()) == before:
                time.sleep(0.002)
            time.sleep(seconds)
            if kills < 5 and process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                kills += 1
                continue
            assert process.wait(60) == 0
            break
        assert kills >= 2
        assert set(provider.answered.values()) == {1}
        assert len(provider.answered) == CALLS
    name = name_of(provider, kind)
    with Journal(tmp_path / "j") as journal:
        found = journal.find([request(f"prompt {n}", name).key for n in range(CALLS)])
    assert {a.text for a in found.values()} == {f"answer to prompt {n}" for n in range(CALLS)}


def test_an_endpoint_without_batches_says_so(tmp_path: Path) -> None:
    with providing(Provider()) as provider:
        name = f"{provider.url}/other/v1#small"
        with pytest.raises(OutsideError, match="status 404"):
            Door(tmp_path / "j", sleep=Sleeps()).ask(
                open_model(name, environ={}), [request("one", name)], role(name, batch=True)
            )
