from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.errors import TrainingError
from pullsmith.train.batches import Batch, hold_out, one_pass, plan_batches
from pullsmith.train.encode import Encoded
from tests.train.builders import TOOLS


def data(pull_requests: int, spots: int, *, longest: int = 5) -> list[Encoded]:
    rows = [
        Encoded(f"planted:{n}#{tool}", f"planted:{n}", tool, tuple(range(2 + n % longest)), 1)
        for n in range(pull_requests)
        for tool in TOOLS
    ]
    return rows + [
        Encoded(f"spot:{n}#spot", f"spot:{n}", "spot", tuple(range(2 + n % longest)), 1)
        for n in range(spots)
    ]


def plan(
    rows: list[Encoded], batches: int, *, seed: int = 0, pulls: int = 2, spots: int = 3
) -> list[Batch]:
    return plan_batches(
        rows, batches=batches, seed=seed, pull_requests_per_batch=pulls, spots_per_batch=spots
    )


sizes = st.tuples(st.integers(1, 12), st.integers(0, 12), st.integers(1, 4), st.integers(1, 5))


@given(sizes, st.integers(0, 99))
def test_all_tools_of_a_pull_request_are_in_one_batch_and_spots_apart(
    size: tuple[int, int, int, int], seed: int
) -> None:
    pull_requests, spots, per_batch, spots_per_batch = size
    rows = data(pull_requests, spots)
    for batch in plan(rows, 30, seed=seed, pulls=per_batch, spots=spots_per_batch):
        tools = {rows[i].tool for i in batch}
        if "spot" in tools:
            assert tools == {"spot"}
            assert len(batch) <= spots_per_batch
        else:
            count = Counter(rows[i].pull_request_id for i in batch)
            assert set(count.values()) == {len(TOOLS)}
            assert len(count) <= per_batch


@given(sizes, st.integers(0, 99))
def test_a_pass_has_every_example_once(size: tuple[int, int, int, int], seed: int) -> None:
    pull_requests, spots, per_batch, spots_per_batch = size
    rows = data(pull_requests, spots)
    a_pass = -(-pull_requests // per_batch) + -(-spots // spots_per_batch)
    batches = plan(rows, 2 * a_pass, seed=seed, pulls=per_batch, spots=spots_per_batch)
    for turn in (batches[:a_pass], batches[a_pass:]):
        assert sorted(i for batch in turn for i in batch) == list(range(len(rows)))


@given(st.integers(1, 40), st.integers(1, 40))
def test_fewer_batches_are_the_beginning_of_more(few: int, more: int) -> None:
    rows = data(5, 4)
    low, high = sorted((few, more))
    assert plan(rows, low) == plan(rows, high)[:low]


def test_the_order_depends_on_ids_and_seed_and_not_on_position_or_length() -> None:
    rows = data(9, 7)
    same = data(9, 7, longest=1)
    turned = list(reversed(rows))
    names = [{rows[i].example_id for i in batch} for batch in plan(rows, 20)]
    assert [{same[i].example_id for i in batch} for batch in plan(same, 20)] == names
    assert [{turned[i].example_id for i in batch} for batch in plan(turned, 20)] == names
    assert [{rows[i].example_id for i in batch} for batch in plan(rows, 20, seed=1)] != names


def test_passes_differ() -> None:
    rows = data(9, 0)
    batches = plan(rows, 10)
    assert batches[:5] != batches[5:]


def test_no_examples_are_refused() -> None:
    with pytest.raises(TrainingError, match="no examples"):
        plan([], 1)


@given(sizes, st.integers(0, 99))
def test_whole_pull_requests_are_held_out_by_their_id(
    size: tuple[int, int, int, int], seed: int
) -> None:
    rows = data(size[0] + 20, size[1])
    kept, held = hold_out(rows, share=0.5, seed=seed)
    assert sorted(one.example_id for one in (*kept, *held)) == sorted(r.example_id for r in rows)
    assert not {one.pull_request_id for one in kept} & {one.pull_request_id for one in held}
    again = hold_out(list(reversed(rows)), share=0.5, seed=seed)
    assert [sorted(x.example_id for x in part) for part in again] == [
        sorted(x.example_id for x in part) for part in (kept, held)
    ]


def test_nothing_is_held_out_unless_asked_and_an_empty_side_is_refused() -> None:
    rows = data(3, 0)
    assert hold_out(rows, share=0.0, seed=0) == (rows, [])
    with pytest.raises(TrainingError, match=r"held_out_share = 1e-09: of 9 examples 0"):
        hold_out(rows, share=1e-9, seed=0)


@given(sizes)
def test_one_pass_has_every_example_once(size: tuple[int, int, int, int]) -> None:
    pull_requests, spots, per_batch, spots_per_batch = size
    rows = data(pull_requests, spots)
    batches = one_pass(
        rows, seed=0, pull_requests_per_batch=per_batch, spots_per_batch=spots_per_batch
    )
    assert sorted(i for batch in batches for i in batch) == list(range(len(rows)))
    assert one_pass([], seed=0, pull_requests_per_batch=1, spots_per_batch=1) == []
