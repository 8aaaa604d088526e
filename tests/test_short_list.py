"""The evaluation set: coverage first, a seeded draw between equals, and the short-list of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.records import PullRequest, digest
from pullsmith.short_list import Listed, choose, gauge, in_order_of_coverage, short_list
from pullsmith.traits import kind_of, language_of, size_of
from tests.curated import defect, file, planted, real
from tests.split.made import lights


def pool(defective: int, clean: int) -> list[PullRequest]:
    return [planted(f"d{n}", defect=defect("x")) for n in range(defective)] + [
        planted(f"c{n}") for n in range(clean)
    ]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 12), st.integers(0, 2))
def test_clean_and_defective_keep_their_shares(
    defective: int, clean: int, wanted: int, seed: int
) -> None:
    records = pool(defective, clean)
    chosen = choose(lights(records), wanted, seed)
    assert len(chosen) == min(wanted, len(records))
    assert chosen == [r for r in lights(records) if r in chosen]
    if len(records) > wanted:
        share = sum(record.defective for record in chosen) / wanted
        assert abs(share - defective / len(records)) <= 1 / wanted


def test_the_choice_depends_on_the_seed_and_not_on_the_order() -> None:
    records = lights(pool(0, 20))
    one, same, other = choose(records, 5, 0), choose(records[::-1], 5, 0), choose(records, 5, 1)
    assert {r.id for r in one} == {r.id for r in same} != {r.id for r in other}


def test_what_is_rare_is_chosen_before_more_of_the_same() -> None:
    many = [real(str(n)) for n in range(1, 20)]
    rare = [
        real("go", repository="f.test/o/go"),
        real("large", file(*(f"x{n}" for n in range(60)))),
        real("docs", file("text", flags=("docs",))),
        real("fix", title="Fix the parser"),
    ]
    order = [r.id for r in in_order_of_coverage(lights([*many, *rare]), seed=3)]
    assert sorted(order) == sorted(r.id for r in [*many, *rare])
    # By chance each would stand in the first half with probability 1/2, all four with 1/16.
    assert {r.id for r in rare} <= set(order[:11])


def test_the_common_is_not_crowded_out_by_many_rarities() -> None:
    python = [real(f"p{n}") for n in range(160)]
    others = [
        real(f"o{n}", file("x").model_copy(update={"language": f"language {n % 10}"}))
        for n in range(10)
    ]
    first = list(in_order_of_coverage(lights([*python, *others]), seed=0))[:20]
    # Roots: 12.6 of python to 1 of each other. Equal shares would leave python 2 of 20.
    assert sum(one.language == "python" for one in first) >= 10


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (real("1"), ("python", "up to 10 lines", "change")),
        (real("1", file("x", flags=("test",))), ("python", "up to 10 lines", "test")),
        (real("1", file("x", flags=("test",)), file("y")), ("python", "up to 10 lines", "change")),
        (real("1", *(file(*"abcdef") for _ in range(2))), ("python", "up to 50", "change")),
        (real("1", title="Fixes a crash"), ("python", "up to 10 lines", "fix")),
        (real("1", title="Add a prefix"), ("python", "up to 10 lines", "change")),
        (planted("1"), ("python", "up to 10 lines", "clean")),
        (planted("1", defect=defect("x")), ("python", "up to 10 lines", "bare_except")),
    ],
)
def test_language_size_and_kind(record: PullRequest, expected: tuple[str, str, str]) -> None:
    assert (language_of(record), size_of(record), kind_of(record)) == expected


def test_the_gauge_counts_each_feature() -> None:
    found = gauge(lights([real("1"), real("2", title="Fix it")]))
    assert found["kind"] == {"change": 1, "fix": 1}
    assert found["language"] == {"python": 2}


def test_the_short_list_is_three_times_as_long_and_in_order() -> None:
    records = [*pool(0, 12), *(real(str(n)) for n in range(1, 3))]
    listed = short_list(lights(records), 2, seed=0, digests={r.id: digest(r) for r in records})
    assert [(each.planted, each.rank) for each in listed] == [
        *((True, n) for n in range(1, 7)), (False, 1), (False, 2),
    ]  # fmt: skip
    assert {each.of for each in listed} <= {digest(record) for record in records}


def test_what_is_listed_says_whether_it_is_defective() -> None:
    records = lights([*pool(2, 3), real("1")])
    listed = short_list(records, 4, seed=0, digests=dict.fromkeys((r.id for r in records), "d"))
    assert {each.id: each.defective for each in listed} == {r.id: r.defective for r in records}
    assert all(isinstance(each, Listed) for each in choose(listed, 1, 0))
