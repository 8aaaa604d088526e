"""The gate of the attempts: how many go through, in which order, and when it narrows."""

from __future__ import annotations

import asyncio

from pullsmith.llm.pace import Pace


async def most_at_once(pace: Pace, attempts: int) -> tuple[int, list[int]]:
    most, order = 0, []

    async def attempt(number: int) -> None:
        nonlocal most
        async with pace:
            most = max(most, pace.in_flight)
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(attempt(number) for number in range(attempts)))
    return most, order


def test_as_many_as_set_and_first_come_first_served() -> None:
    most, order = asyncio.run(most_at_once(Pace(4), 20))
    assert most == 4
    assert order == list(range(20))


def test_it_narrows_to_one_and_no_further_and_grows_back_to_the_setting() -> None:
    pace = Pace(4)
    for _ in range(9):
        pace.slower()
    assert pace.limit == 1
    assert asyncio.run(most_at_once(pace, 5)) == (1, [0, 1, 2, 3, 4])
    for _ in range(100):
        pace.faster()
    assert pace.limit == 4


def test_one_refusal_in_twenty_keeps_every_slot() -> None:
    pace = Pace(64)
    for number in range(2000):
        pace.slower() if number % 20 == 0 else pace.faster()
    assert pace.limit >= 62


def test_an_endpoint_that_takes_twenty_at_a_time_is_found_out() -> None:
    pace = Pace(200)
    for _ in range(4000):
        pace.slower() if pace.limit > 20 else pace.faster()
    assert 19 <= pace.limit <= 21


def test_who_is_cancelled_while_waiting_takes_no_slot() -> None:
    async def run() -> int:
        pace = Pace(1)
        async with pace:
            waiting = [asyncio.create_task(most_at_once(pace, 1)) for _ in range(3)]
            await asyncio.sleep(0)
            waiting[0].cancel()
            await asyncio.sleep(0)
        waiting[1].cancel()  # its turn has come, and it is cancelled before it can take it
        await asyncio.gather(*waiting, return_exceptions=True)
        return pace.in_flight

    assert asyncio.run(run()) == 0


def test_nobody_goes_through_a_gate_that_is_shut() -> None:
    async def shut_by_the_first() -> int:
        pace, through = Pace(2), 0

        async def attempt() -> None:
            nonlocal through
            async with pace:
                through += 1
                await asyncio.sleep(0)
                pace.shut()

        _, pending = await asyncio.wait(
            [asyncio.create_task(attempt()) for _ in range(6)], timeout=0.05
        )
        for one in pending:
            one.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        return through

    assert asyncio.run(shut_by_the_first()) == 2
