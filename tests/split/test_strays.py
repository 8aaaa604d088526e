"""Each reason to be on neither side: what is dropped, and the twin that stays."""

from __future__ import annotations

from datetime import date

from pullsmith.records import PullRequest, Split
from pullsmith.split.sides import By, Sides, assign_sides
from pullsmith.split.strays import (
    misplaced_spots,
    near_evaluated,
    strayed_code,
    too_old,
    vendored_copies,
)
from pullsmith.study.split import SplitSettings
from tests.curated import file, planted, real
from tests.split.made import lights

SPOT = ("planted", "spot")


def test_spots_of_the_held_out_pool_are_dropped() -> None:
    records = [planted(pool.value, pool=pool, flags=SPOT) for pool in Split]
    drops = misplaced_spots(lights(records), assign_sides(lights(records), SplitSettings(), seed=0))
    assert [(d.record_id, d.reason) for d in drops] == [("planted:eval", "spot_held_out")]


def test_planted_code_of_a_repository_on_the_other_side_is_dropped() -> None:
    one, other = ([real(str(n), repository=f"f.test/o/{name}") for n in (1, 2)] for name in "ab")
    code = [
        planted(f"{name}{pool}", pool=pool, repository=f"f.test/o/{name}")
        for name in "abc"
        for pool in Split
    ]
    sides = assign_sides(lights([*one, *other, *code]), SplitSettings(eval_share=0.5), seed=0)
    home = {"f.test/o/a": sides.of[one[0].id], "f.test/o/b": sides.of[other[0].id]}
    assert set(home.values()) == set(Split)
    drops = strayed_code(lights([*one, *other, *code]), sides)
    assert {d.reason for d in drops} == {"code_of_other_side"}
    gone = {d.record_id for d in drops}
    for record in code:  # nothing real is of c
        assert (record.id in gone) == (home.get(record.repository, record.pool) != record.pool)
    # A single repository is split by date, so that both sides know its code.
    alone = assign_sides(lights([*one, *code]), SplitSettings(eval_share=0.5), seed=0)
    assert strayed_code(lights([*one, *code]), alone) == []


def placed(*records: PullRequest, held_out: str, by: By = By.REPOSITORY) -> Sides:
    return Sides(
        by, {r.id: Split.EVAL if r.repository == held_out else Split.TRAIN for r in records}
    )


def test_a_vendored_copy_of_a_repository_on_the_other_side_is_dropped() -> None:
    home = real("1", repository="f.test/pallets/click")
    copy = file("x = 1", path="src/_vendor/click/core.py", flags=("vendored",))
    inside = real("2", copy, repository="f.test/o/app")
    twin = real("3", file("x = 1", path="src/click/core.py"), repository="f.test/o/app")
    records = (home, inside, twin)
    drops = vendored_copies(lights(records), placed(*records, held_out=home.repository))
    assert [(d.record_id, d.reason, d.detail) for d in drops] == [
        (inside.id, "code_of_other_side", "src/_vendor/click/core.py is a vendored copy")
    ]
    assert vendored_copies(lights(records), placed(*records, held_out="")) == []
    assert (
        vendored_copies(lights(records), placed(*records, held_out=home.repository, by=By.DATE))
        == []
    )


def test_what_is_older_than_eval_after_is_not_evaluated() -> None:
    old, new, nobody_knows = (real(name, repository="f.test/o/a") for name in ("1", "5", "undated"))
    trained = real("2", repository="f.test/o/b")
    records = (old, new, nobody_knows, trained, planted("x", pool=Split.EVAL))
    sides = placed(*records, held_out="f.test/o/a")
    drops = too_old(lights(records), sides, SplitSettings(eval_after=date(2026, 1, 5)))
    assert {d.record_id: (d.reason, d.detail) for d in drops} == {
        old.id: ("before_eval_after", "merged 2026-01-01T00:00:00Z"),
        nobody_knows.id: ("before_eval_after", "merged nobody knows when"),
    }
    assert too_old(lights(records), sides, SplitSettings()) == []


def test_a_near_duplicate_of_an_evaluated_one_is_not_trained_on() -> None:
    held_out = real("1", cluster="k")
    copy, other, none = planted("p", cluster="k"), real("2", cluster="l"), real("3")
    drops = near_evaluated(lights([copy, other, none]), lights([held_out, real("4")]))
    assert [(d.record_id, d.reason, d.detail) for d in drops] == [
        (copy.id, "near_duplicate_of_eval", f"of {held_out.id}")
    ]
