"""Prices and budgets: who says what a token costs, and what is not asked any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.errors import StudyError
from pullsmith.llm.door import Door
from pullsmith.llm.journal import Journal
from pullsmith.llm.prices import price_of, window_of
from pullsmith.llm.protocol import Request
from pullsmith.llm.scripted import ScriptedModel, Turn
from pullsmith.records import Outcome
from pullsmith.study.roles import Role
from tests.llm.asked import Sleeps, ask, request, role

PRICE = {"input": 0.0, "output": 1000.0}  # a thousandth of a dollar a token


def test_the_study_s_own_price_counts_first() -> None:
    price = price_of(
        Role.model_validate({"model": "openai:gpt-5", "price": {"input": 1, "output": 10}})
    )
    assert price is not None
    assert price.source == "the study"
    assert price.cost_usd(1_000_000, 100_000) == pytest.approx(2.0)


def test_a_listed_price_and_its_batch_price() -> None:
    price = price_of(Role(model="openai:gpt-4.1"))
    batch = price_of(Role(model="openai:gpt-4.1", batch=True))
    assert price is not None
    assert batch is not None
    assert price.source == "genai-prices"
    assert 0 < batch.cost_usd(1000, 1000) < price.cost_usd(1000, 1000)
    assert (price.window_tokens or 0) > 100_000
    routed = price_of(Role(model="https://openrouter.ai/api/v1#anthropic/claude-sonnet-4.5"))
    assert routed is not None


@pytest.mark.parametrize("name", ["openai:gpt-nobody-knows", "http://127.0.0.1:1/v1#small"])
def test_an_unknown_price_is_none_and_not_nothing(name: str) -> None:
    assert price_of(Role(model=name)) is None
    assert window_of(Role(model=name)) is None


@pytest.mark.parametrize("name", ["rules", "rubric", "hf:org/name", "./folder", "tiny"])
def test_what_runs_here_costs_nothing(name: str) -> None:
    price = price_of(Role(model=name))
    assert price is not None
    assert price.cost_usd(10**6, 10**6) == 0.0


def test_every_answer_has_its_cost_and_the_journal_their_sum(tmp_path: Path) -> None:
    answers = ask(
        tmp_path / "j", ScriptedModel([Turn("two words")]),
        [request("a"), request("b")], price=PRICE,
    )  # fmt: skip
    assert [a.cost_usd for a in answers] == [0.002, 0.002]
    with Journal(tmp_path / "j") as journal:
        assert journal.spending()["scripted:x"].cost_usd == pytest.approx(0.004)


def test_empty_answers_were_paid_for_too(tmp_path: Path) -> None:
    turns = [Turn("", Outcome.EMPTY), Turn("two words")]
    (answer,) = ask(tmp_path / "j", ScriptedModel(turns), [request("one word")], price=PRICE)
    assert (answer.input_tokens, answer.output_tokens) == (4, 2)


def test_a_budget_is_never_passed_and_calls_in_flight_end_first(tmp_path: Path) -> None:
    def script(asked: Request) -> Turn:
        return Turn("five words are said here", stall_seconds=0.001)

    model = ScriptedModel(script)
    requests = [request(f"a {n}", max_tokens=10) for n in range(100)]
    door = Door(tmp_path / "j", sleep=Sleeps(), budget_usd=0.1)
    with pytest.raises(
        StudyError, match=r"budget_usd = 0.1: \$0.0950 is spent .* raise budget_usd"
    ):
        door.ask(model, requests, role(price=PRICE, concurrency=4))
    assert len(model.asked) == 19  # the next might have cost .01, and .005 were left
    with Journal(tmp_path / "j") as journal:
        assert journal.spending()["scripted:x"].cost_usd == pytest.approx(0.095)
    higher = Door(tmp_path / "j", sleep=Sleeps(), budget_usd=1.0)
    assert len(higher.ask(model, requests, role(price=PRICE))) == 100
    assert len(model.asked) == 100


def test_a_budget_without_a_price_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    name = "http://127.0.0.1:1/v1#small"
    model = ScriptedModel([Turn("x")])
    with pytest.raises(StudyError, match=r"budget_usd is 5 and nobody knows its price"):
        Door(tmp_path / "j", budget_usd=5).ask(model, [request("a", name)], role(name))
    assert not model.asked


def test_a_prompt_longer_than_the_window_is_not_sent(tmp_path: Path) -> None:
    model = ScriptedModel([Turn("x")])
    requests = [request("word " * 200, max_tokens=50), request("word", max_tokens=50)]
    long, short = ask(tmp_path / "j", model, requests, window_tokens=100)
    assert (long.outcome, short.outcome) == (Outcome.OVER_BUDGET, Outcome.OK)
    assert long.detail.startswith("about 200 tokens and an answer of 50 do not fit")
    assert len(model.asked) == 1
    again = ask(tmp_path / "j", model, requests, window_tokens=1000)
    assert [a.outcome for a in again] == [Outcome.OK, Outcome.OK]


def test_a_cut_answer_is_asked_for_once_more_with_the_larger_limit(tmp_path: Path) -> None:
    def script(asked: Request) -> Turn:
        cut = asked.max_tokens < 20
        return Turn("one two", Outcome.CUT) if cut else Turn("one two three")

    model = ScriptedModel(script)
    short, long, still = ask(
        tmp_path / "j",
        model,
        [request("a", max_tokens=10), request("b", max_tokens=10, longer_tokens=30),
         request("c", max_tokens=10, longer_tokens=12)],
        concurrency=1,
        price=PRICE,
    )  # fmt: skip
    assert [a.outcome for a in (short, long, still)] == [Outcome.CUT, Outcome.OK, Outcome.CUT]
    assert [a.tries for a in (short, long, still)] == [1, 2, 2]
    assert [each.max_tokens for each in model.asked] == [10, 10, 30, 10, 12]
    assert long.cost_usd == pytest.approx(0.005)  # both were paid
    with Journal(tmp_path / "j") as journal:
        assert journal.faults() == {"cut": 2}
