"""The purse: one budget for all calls, roles and processes on a journal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pullsmith.llm.journal import Entry, Journal
from pullsmith.llm.prices import price_of
from pullsmith.llm.protocol import Completion
from pullsmith.llm.purse import LOOK_AGAIN_SECONDS, BudgetSpentError, Purse
from pullsmith.records import Outcome
from pullsmith.study.roles import Role
from tests.llm.asked import request
from tests.llm.server import Call, Reply, echo, serving

# A tenth of a dollar for the longest answer: 100 tokens at a thousandth of a dollar each.
PRICE = {"input": 0.0, "output": 1000.0}
ASKED = [request(f"p{n}", max_tokens=100) for n in range(40)]


def purse(journal: Journal, owner: str, *, runs: bool | None = True, now: float = 0) -> Purse:
    asked = Role.model_validate({"model": "scripted:x", "price": PRICE})
    return Purse(
        1.0, journal, asked, price_of(asked), now=lambda: now, owner=owner, runs=lambda _: runs
    )


def held(one: Purse, numbers: range) -> int:
    """How many of these calls there is room for."""
    for count, number in enumerate(numbers):
        try:
            one.hold(str(number), ASKED[number])
        except BudgetSpentError:
            return count
    return len(numbers)


def paid(journal: Journal, number: int, cost: float) -> None:
    done = Completion(outcome=Outcome.OK, text="x", cost_usd=cost)
    journal.write([Entry(ASKED[number].key, ASKED[number]), Entry(ASKED[number].key, done)])


def test_what_one_process_may_still_spend_is_not_there_for_another(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal, Journal(tmp_path / "j") as same:
        one, two = purse(journal, "one"), purse(same, "two")
        assert held(one, range(6)) == 6
        assert held(two, range(6, 20)) + held(one, range(20, 40)) == 4  # ten tenths in all
        one.close()
        two.close()


def test_answers_that_cost_less_make_room_for_everyone(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal, Journal(tmp_path / "j") as same:
        one = purse(journal, "one")
        assert held(one, range(11)) == 10
        with pytest.raises(
            BudgetSpentError, match=r"calls of other processes may cost \$1.0000"
        ) as it:
            purse(same, "two").hold("20", ASKED[20])
        assert it.value.others_hold
        for number in range(10):
            paid(journal, number, 0.05)
            one.let_go(str(number), 0.05)
        one.close()
        two = purse(same, "two", now=LOOK_AGAIN_SECONDS + 1)
        assert held(two, range(20, 40)) == 5
        with pytest.raises(BudgetSpentError, match=r"\$0.5000 is spent and the next") as it:
            two.hold("30", ASKED[30])
        assert not it.value.others_hold


@pytest.mark.parametrize(
    ("runs", "now", "room"), [(True, 999, 0), (False, 0, 10), (None, 1, 0), (None, 999, 10)]
)
def test_a_reservation_ends_with_its_process_or_its_lease(
    tmp_path: Path, runs: bool | None, now: float, room: int
) -> None:
    with Journal(tmp_path / "j") as journal:
        assert held(purse(journal, "one"), range(10)) == 10  # and is never closed
        assert held(purse(journal, "two", runs=runs, now=now), range(20, 40)) == room


def test_calls_that_were_sent_count_whether_there_is_room_or_not(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        one = purse(journal, "one")
        one.hold_for({str(number): ASKED[number] for number in range(12)})
        assert held(one, range(20, 40)) == 0
        for number in range(3):
            one.let_go(str(number))
        assert held(one, range(20, 40)) == 1


def test_few_calls_wait_for_the_journal(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        writes: list[str] = []
        asked = Role.model_validate({"model": "scripted:x", "price": PRICE})
        one = Purse(1000.0, journal, asked, price_of(asked), owner="one")
        journal._base.set_trace_callback(
            lambda text: writes.append(text) if text.startswith("INSERT") else None
        )
        for number in range(640):
            one.hold(str(number), ASKED[0])
        assert len(writes) <= 10


CLIENT = """
import sys
from pathlib import Path
from pullsmith.errors import StudyError
from pullsmith.llm.door import Door
from pullsmith.llm.open_model import open_model
from tests.llm.asked import request, role
name, journal, first = sys.argv[1:]
requests = [request(f"p{n}", name, max_tokens=100) for n in range(int(first), int(first) + 200)]
price = {"input": 0.0, "output": 1000.0}
try:
    Door(Path(journal), budget_usd=3.05).ask(
        open_model(name), requests, role(name, price=price, concurrency=16)
    )
except StudyError as error:
    print(error)
"""


def test_two_processes_share_one_budget_to_the_last_call(tmp_path: Path) -> None:
    def dear(call: Call) -> Reply:
        # 90 tokens of the 100 that it may have: .09 dollars.
        body = echo(call).body.replace(b'"completion_tokens": 3', b'"completion_tokens": 90')
        return Reply(body=body, delay_seconds=0.02)

    with serving(dear) as server:
        command = [sys.executable, "-c", CLIENT, server.model, str(tmp_path / "j")]
        both = [
            subprocess.Popen(
                [*command, first], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
            )
            for first in ("0", "200")
        ]
        said = [process.communicate(timeout=60)[0] for process in both]
    assert all("is spent" in line for line in said)
    with Journal(tmp_path / "j") as journal:
        (spent,) = journal.spending().values()
        assert journal._base.execute("SELECT COUNT(*) FROM reservations").fetchone() == (0,)
    # 33 answers cost 2.97; a 34th may have cost .1 and there were .08.
    assert spent.answers == 33
    assert spent.cost_usd == pytest.approx(2.97)
    assert spent.cost_usd == pytest.approx(sum(server.answered.values()) * 0.09)
