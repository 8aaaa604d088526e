"""Sides: whole groups, near-duplicates together, both sides filled, old decisions kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.collect.planted.mined import EVIDENCE
from pullsmith.errors import SourceError
from pullsmith.records import PullRequest, Split, SplitManifest
from pullsmith.split.frozen import freeze
from pullsmith.split.sides import By, Sides, assign_sides, draw
from pullsmith.split.stage import check_groups
from pullsmith.study.split import SplitSettings
from tests.curated import defect, planted, real
from tests.split.made import lights


def sides_of(
    records: list[PullRequest],
    *,
    seed: int = 0,
    frozen: SplitManifest | None = None,
    **settings: Any,
) -> Sides:
    sides = assign_sides(lights(records), SplitSettings(**settings), seed=seed, frozen=frozen)
    assert sides.of.keys() == {record.id for record in records}
    return sides


def eval_ids(records: list[PullRequest], *, seed: int = 0, share: float = 0.1) -> set[str]:
    sides = sides_of(records, seed=seed, eval_share=share)
    return {name for name, side in sides.of.items() if side is Split.EVAL}


def test_planted_records_go_where_their_pool_says() -> None:
    assert eval_ids([planted(pool.value, pool=pool) for pool in Split]) == {"planted:eval"}


def test_a_planted_record_without_a_pool_is_an_error() -> None:
    with pytest.raises(SourceError, match="planted:1: pool is empty"):
        eval_ids([planted("1")])


def on_top(base: PullRequest) -> PullRequest:
    """A defect planted on a real pull request."""
    update = {"id": f"planted:{base.id}", "source": "planted", "evidence": EVIDENCE}
    return base.model_copy(update=update | {"defect": defect("x"), "merge_sha": base.id})


def test_a_defect_on_top_of_a_real_one_is_on_its_side_by_date_and_by_repository() -> None:
    bases = [real(str(n), merge_sha=f"forge.test/a/b@{n}") for n in range(1, 21)]
    same_day = [base.model_copy(update={"merged_at": ""}) for base in bases]
    elsewhere = [real(str(n), repository="forge.test/c/d") for n in range(1, 9)]
    for records in (bases, same_day, [*bases, *elsewhere]):
        tops = [on_top(base) for base in records if base.repository == "forge.test/a/b"]
        sides = sides_of([*records, *tops])
        assert set(sides.of.values()) == set(Split)
        for top in tops:
            assert sides.of[top.id] is sides.of[top.merge_sha]
        check_groups(lights([*records, *tops]), sides.of, by_date=sides.by is By.DATE)


def test_defects_on_top_are_split_like_real_ones_where_those_are_not_there() -> None:
    tops = [on_top(real(str(n))) for n in range(1, 13)]
    assert len(eval_ids(tops)) == 2


def test_one_repository_is_split_by_date() -> None:
    records = [real(str(n)) for n in range(1, 13)]
    # A tenth of 12 rounded up is 2: the newest.
    assert eval_ids(records) == {"forge.test/a/b@11", "forge.test/a/b@12"}
    assert eval_ids(list(reversed(records))) == eval_ids(records)
    assert eval_ids(records[:2]) == {"forge.test/a/b@2"}
    assert eval_ids(records[:1]) == set()


def test_a_high_share_leaves_one_to_train_on() -> None:
    assert len(eval_ids([real("1"), real("2")], share=0.99)) == 1


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), unique=True, min_size=1),
    st.integers(0, 3),
    st.floats(0.01, 0.99),
)
def test_sides_are_total_and_repositories_whole(
    places: list[tuple[int, int]], seed: int, share: float
) -> None:
    records = [real(f"{r}{n}", repository=f"forge.test/o/{r}") for r, n in places]
    held_out = eval_ids(records, seed=seed, share=share)
    assert held_out == eval_ids(records[::-1], seed=seed, share=share)
    repositories = {record.repository for record in records}
    both = {r.repository for r in records if r.id in held_out} & {
        r.repository for r in records if r.id not in held_out
    }
    if len(repositories) > 1:
        assert not both
        assert 0 < len(held_out) < len(records)


def test_adding_a_repository_moves_no_other() -> None:
    names = [f"forge.test/o/{n}" for n in range(40)]
    records = [real("1", repository=name) for name in names]
    few, all_ = (eval_ids(each, share=0.3) for each in (records[:20], records))
    assert few == all_ & {record.id for record in records[:20]}
    # 40 draws at .3: 12 expected, 2.9 the standard deviation.
    assert 3 <= len(all_) <= 21
    assert all_ != eval_ids(records, share=0.3, seed=1)


def test_a_group_of_two_repositories_stays_together() -> None:
    fork = [real(str(n), repository=f"forge.test/{n}/x", group="x") for n in range(1, 9)]
    others = [real("1", repository=f"forge.test/o/{n}") for n in range(8)]
    held_out = eval_ids([*fork, *others], share=0.5) & {record.id for record in fork}
    assert len(held_out) in (0, len(fork))


def test_a_near_duplicate_ties_two_repositories_together() -> None:
    records = [real(str(n), repository=f"f.test/o/{name}") for name in "abcdefgh" for n in (1, 2)]
    tied = [
        r.model_copy(update={"cluster": "k"}) if r.id in ("f.test/o/a@1", "f.test/o/h@2") else r
        for r in records
    ]
    for seed in range(20):
        loose, joint = (sides_of(each, seed=seed, eval_share=0.5).of for each in (records, tied))
        assert joint["f.test/o/a@1"] is joint["f.test/o/h@1"]
        if loose["f.test/o/a@1"] is not loose["f.test/o/h@1"]:
            return
    pytest.fail("no seed put the two apart, so nothing was shown")


def test_a_fork_is_known_by_commits_that_were_dropped_as_duplicates() -> None:
    records = [real(str(n), repository=f"f.test/o/{name}") for name in "abcdefgh" for n in (1, 2)]
    records = [r.model_copy(update={"merge_sha": f"sha{r.id}"}) for r in records]
    copy = real("9", repository="f.test/o/h", merge_sha="shaf.test/o/a@1")
    for seed in range(20):
        loose, joint = (
            assign_sides(
                lights(records), SplitSettings(eval_share=0.5), seed=seed, copies=lights(copies)
            ).of
            for copies in ([], [copy])
        )
        assert copy.id not in joint
        assert joint["f.test/o/a@1"] is joint["f.test/o/h@1"]
        if loose["f.test/o/a@1"] is not loose["f.test/o/h@1"]:
            return
    pytest.fail("no seed put the two apart, so nothing was shown")


def test_by_date_a_near_duplicate_makes_a_change_as_old_as_the_oldest() -> None:
    records = [real(str(n)) for n in range(1, 13)]
    assert eval_ids(records) == {"forge.test/a/b@11", "forge.test/a/b@12"}
    copied = [
        r.model_copy(update={"cluster": "k"}) if r.merged_at[8:10] in ("03", "12") else r
        for r in records
    ]
    # Eleven changes are left, a tenth rounded up is 2: the two newest that are nothing else.
    assert eval_ids(copied) == {"forge.test/a/b@10", "forge.test/a/b@11"}


def test_eval_after_decides_by_date() -> None:
    records = [real(str(n)) for n in range(1, 13)]
    sides = sides_of(records, eval_after=date(2026, 1, 9))
    assert {n for n, side in sides.of.items() if side is Split.EVAL} == {
        f"forge.test/a/b@{n}" for n in (9, 10, 11, 12)
    }


def test_several_repositories_can_be_asked_to_be_split_by_date() -> None:
    records = [real(str(n), repository=f"f.test/o/{n % 2}") for n in range(1, 11)]
    sides = sides_of(records, by="date")
    assert sides.by is By.DATE
    assert [n for n, side in sides.of.items() if side is Split.EVAL] == ["f.test/o/0@10"]
    assert sides_of(records).by is By.REPOSITORY


def frozen_of(records: list[PullRequest], sides: Sides) -> SplitManifest:
    rules = ("split.name = main", "eval.chosen_by = seed")
    return freeze(sides.of, sides, lights(records), rules=rules)


def test_what_is_added_later_changes_no_old_decision() -> None:
    one = [real(str(n)) for n in range(1, 13)]
    first = sides_of(one)
    frozen = frozen_of(one, first)
    later = [*one, real("13"), real("5b", merged_at="2026-01-05T10:00:00Z")]
    sides = sides_of([*later, real("1", repository="f.test/o/new")], frozen=frozen)
    assert sides.by is By.DATE  # although there are two repositories now
    for record in one:
        assert sides.of[record.id] is first.of[record.id]
    # Newer than what is held out: never trained on. Older: trained on.
    assert sides.of["forge.test/a/b@13"] is Split.EVAL
    assert sides.of["forge.test/a/b@5b"] is Split.TRAIN
    assert sides.of["f.test/o/new@1"] is Split.TRAIN


def test_a_repository_that_ties_both_sides_is_held_out() -> None:
    records = [real("1", repository=f"f.test/o/{n}", cluster=f"c{n}") for n in range(8)]
    first = sides_of(records, eval_share=0.3)
    frozen = frozen_of(records, first)
    assert {*frozen.train_groups, *frozen.eval_groups} == {r.group for r in records}
    train, held_out = (frozen.train_groups[0], frozen.eval_groups[0])
    ties = [
        real(str(n), repository="f.test/o/fork", cluster=f"c{name[-1]}")
        for n, name in enumerate((train, held_out))
    ]
    sides = sides_of([*records, *ties], eval_share=0.3, frozen=frozen)
    for record in records:
        assert sides.of[record.id] is first.of[record.id]
    assert {sides.of[record.id] for record in ties} == {Split.EVAL}
    # Tied to the training side alone it is trained on, whatever it would have drawn.
    alone = sides_of([*records, ties[0]], eval_share=0.3, frozen=frozen)
    assert alone.of[ties[0].id] is Split.TRAIN


def test_draws_are_even_between_0_and_1() -> None:
    drawn = [draw(0, "x", str(n)) for n in range(400)]
    assert all(0 <= each < 1 for each in drawn)
    # Mean of 400 even draws: .5, its standard deviation .289 / 20 = .0144.
    assert abs(sum(drawn) / 400 - 0.5) < 0.06
