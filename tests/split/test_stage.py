"""split: whole groups, both sides filled, a capped and frozen evaluation set."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.collect.planted.mined import EVIDENCE
from pullsmith.errors import PeopleNeededError, SourceError, TallyError
from pullsmith.records import Drop, PullRequest, Split, SplitManifest
from pullsmith.rows import read_rows
from pullsmith.split import (
    MANIFEST_NAME,
    assign_sides,
    check_groups,
    frozen_manifest,
    misplaced_spots,
    run,
    strayed_code,
    surplus,
)
from tests.curated import context, defect, finish, planted, real, study, written

SPOT = ("planted", "spot")


def pools(held_out: int, training: int, *, defective: int = 0) -> list[PullRequest]:
    """Planted records of both pools; the first ``defective`` held-out ones have a defect."""
    truth = defect("x")
    eval_side = [
        planted(f"e{n}", pool=Split.EVAL, defect=truth if n < defective else None)
        for n in range(held_out)
    ]
    return eval_side + [planted(f"t{n}", pool=Split.TRAIN) for n in range(training)]


def eval_ids(records: list[PullRequest], *, seed: int = 0, share: float = 0.1) -> set[str]:
    sides = assign_sides(records, seed=seed, eval_share=share)
    assert sides.keys() == {record.id for record in records}
    return {name for name, side in sides.items() if side is Split.EVAL}


def test_planted_records_go_where_their_pool_says() -> None:
    assert eval_ids(pools(2, 3)) == {"planted:e0", "planted:e1"}


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
        sides = assign_sides([*records, *tops], seed=0, eval_share=0.1)
        assert set(sides.values()) == set(Split)
        for top in tops:
            assert sides[top.id] is sides[top.merge_sha]
        marked = [r.model_copy(update={"split": sides[r.id]}) for r in [*records, *tops]]
        check_groups(marked)


def test_defects_on_top_are_split_like_real_ones_where_those_are_not_there() -> None:
    tops = [on_top(real(str(n))) for n in range(1, 13)]
    assert len(eval_ids(tops)) == 2


def test_planted_code_of_a_repository_on_the_other_side_is_dropped() -> None:
    one, other = ([real(str(n), repository=f"f.test/o/{name}") for n in (1, 2)] for name in "ab")
    code = [
        planted(f"{name}{pool}", pool=pool, repository=f"f.test/o/{name}")
        for name in "abc"
        for pool in Split
    ]
    sides = assign_sides([*one, *other, *code], seed=0, eval_share=0.5)
    home = {"f.test/o/a": sides[one[0].id], "f.test/o/b": sides[other[0].id]}
    assert set(home.values()) == set(Split)
    drops = strayed_code([*one, *other, *code], sides)
    assert {d.reason for d in drops} == {"code_of_other_side"}
    gone = {d.record_id for d in drops}
    for record in code:  # nothing real is of c
        assert (record.id in gone) == (home.get(record.repository, record.pool) != record.pool)
    # A single repository is split by date, so that both sides know its code.
    assert strayed_code([*one, *code], assign_sides([*one, *code], seed=0, eval_share=0.5)) == []


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


def test_spots_of_the_held_out_pool_are_dropped() -> None:
    records = [planted(pool.value, pool=pool, flags=SPOT) for pool in Split]
    sides = assign_sides(records, seed=0, eval_share=0.1)
    drops = misplaced_spots(records, sides)
    assert [(d.record_id, d.reason) for d in drops] == [("planted:eval", "spot_held_out")]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 12), st.integers(0, 2))
def test_the_cap_keeps_the_shares_of_clean_and_defective(
    defective: int, clean: int, wanted: int, seed: int
) -> None:
    records = pools(defective + clean, 1, defective=defective)
    sides = assign_sides(records, seed=seed, eval_share=0.1)
    made = study(eval={"per_tool": wanted}).model_copy(update={"seed": seed})
    drops = surplus(records, sides, made)
    gone = {dropped.record_id for dropped in drops}
    left = [r for r in records if r.pool is Split.EVAL and r.id not in gone]
    assert len(left) == min(wanted, defective + clean)
    assert {dropped.reason for dropped in drops} <= {"eval_surplus"}
    if drops:
        share = sum(record.defect is not None for record in left) / len(left)
        assert abs(share - defective / (defective + clean)) <= 1 / wanted


def test_the_draw_depends_on_the_seed_and_not_on_the_order() -> None:
    records = pools(20, 0)
    sides = assign_sides(records, seed=0, eval_share=0.1)

    def gone(order: list[PullRequest], seed: int) -> set[str]:
        made = study(eval={"per_tool": 5}).model_copy(update={"seed": seed})
        return {dropped.record_id for dropped in surplus(order, sides, made)}

    assert gone(records, 0) == gone(records[::-1], 0)
    assert gone(records, 0) != gone(records, 1)


def test_a_group_on_both_sides_is_a_bug_that_is_caught() -> None:
    one, other = pools(1, 1)
    marked = [r.model_copy(update={"split": r.pool, "group": "g"}) for r in (one, other)]
    with pytest.raises(TallyError, match="g is on both sides"):
        check_groups(marked)
    check_groups([r.model_copy(update={"group": r.id}) for r in marked])


def split(folder: Path, records: list[PullRequest], **settings: object) -> list[PullRequest]:
    made = context(folder, "split", study(**{"eval": settings} if settings else {}))
    finish(made.run, "select", PullRequest, records)
    result = run(made)
    result.tally.check()
    assert result.tally.records_in == len(records)
    return written(made, PullRequest)


def test_the_stage_marks_every_record_and_freezes_the_ids(tmp_path: Path) -> None:
    records = [*pools(4, 3), *(real(str(n)) for n in range(1, 11))]
    kept = split(tmp_path, records, per_tool=3)
    assert Counter((r.planted, r.split) for r in kept) == {
        (True, Split.TRAIN): 3,
        (True, Split.EVAL): 3,
        (False, Split.TRAIN): 9,
        (False, Split.EVAL): 1,
    }
    path = tmp_path / "split" / MANIFEST_NAME
    manifest = SplitManifest.model_validate_json(path.read_bytes())
    assert manifest.eval == tuple(sorted(r.id for r in kept if r.split is Split.EVAL))
    assert not set(manifest.train) & set(manifest.eval)
    assert manifest == frozen_manifest(kept[::-1], chosen_by="seed")
    drops = list(read_rows(tmp_path / "split" / "dropped.parquet", Drop))
    assert [(d.reason, d.detail) for d in drops] == [("eval_surplus", "4 held out, 3 wanted")]
    # Dropped, not moved to the training side.
    assert drops[0].record_id not in {*manifest.train, *manifest.eval}


@pytest.mark.parametrize(("records", "side"), [(pools(0, 2), "eval"), (pools(2, 0), "train")])
def test_an_empty_side_is_an_error(tmp_path: Path, records: list[PullRequest], side: str) -> None:
    with pytest.raises(SourceError, match=rf"no pull request is left for {side} \(2 on the other"):
        split(tmp_path, records)


def test_people_who_are_to_choose_are_asked(tmp_path: Path) -> None:
    with pytest.raises(PeopleNeededError, match=r"pullsmith curate STUDY\.toml"):
        split(tmp_path, pools(1, 1), chosen_by="human")
