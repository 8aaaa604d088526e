"""split: both sides filled, a capped and frozen evaluation set, and nothing of it in training."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pullsmith.errors import PeopleNeededError, RunFolderError, SourceError, TallyError
from pullsmith.records import Drop, PullRequest, Split, SplitManifest
from pullsmith.rows import read_rows
from pullsmith.split.frozen import manifest_path
from pullsmith.split.stage import MANIFEST_NAME, check_groups, run
from pullsmith.store import RunFolder
from tests.curated import context, defect, file, finish, planted, real, study, written
from tests.split.made import lights


def pools(held_out: int, training: int, *, defective: int = 0) -> list[PullRequest]:
    """Planted records of both pools; the first ``defective`` held-out ones have a defect."""
    truth = defect("x")
    eval_side = [
        planted(f"e{n}", pool=Split.EVAL, defect=truth if n < defective else None)
        for n in range(held_out)
    ]
    return eval_side + [planted(f"t{n}", pool=Split.TRAIN) for n in range(training)]


def split(folder: Path, records: list[PullRequest], **settings: Any) -> list[PullRequest]:
    """Run the stage anew over what ``select`` gave; keywords are tables of the study."""
    made = context(folder, "split", study(**settings))
    made.job.clear_rows()
    finish(made.run, "select", PullRequest, records)
    result = run(made)
    result.tally.check()
    assert result.tally.records_in == len(records)
    return written(made, PullRequest)


def drops_of(folder: Path) -> list[Drop]:
    return list(read_rows(folder / "split" / "dropped.parquet", Drop))


def frozen_in(folder: Path, name: str = "main") -> SplitManifest:
    path = manifest_path(RunFolder(folder), name)
    return SplitManifest.model_validate_json(path.read_bytes())


def test_the_stage_marks_every_record_and_freezes_the_ids(tmp_path: Path) -> None:
    records = [*pools(4, 3), *(real(str(n)) for n in range(1, 11))]
    kept = split(tmp_path, records, eval={"per_tool": 3})
    assert Counter((r.planted, r.split) for r in kept) == {
        (True, Split.TRAIN): 3,
        (True, Split.EVAL): 3,
        (False, Split.TRAIN): 9,
        (False, Split.EVAL): 1,
    }
    path = tmp_path / "split" / MANIFEST_NAME
    manifest = SplitManifest.model_validate_json(path.read_bytes())
    assert manifest == frozen_in(tmp_path)
    assert manifest.eval == tuple(sorted(r.id for r in kept if r.split is Split.EVAL))
    assert manifest.train == tuple(sorted(r.id for r in kept if r.split is Split.TRAIN))
    drops = drops_of(tmp_path)
    assert [(d.reason, d.detail) for d in drops] == [
        ("eval_surplus", "one of 4 held out, not chosen")
    ]
    # Dropped, not moved to the training side.
    assert drops[0].record_id not in {*manifest.train, *manifest.eval}


def test_run_again_it_gives_the_same_bytes(tmp_path: Path) -> None:
    records = [*pools(4, 3), *(real(str(n)) for n in range(1, 31))]
    # Two at one time, one of them trained on and dropped for its words.
    shared = file(" ".join(f"w{n}" for n in range(20)))
    records += [real(name, shared, merged_at="2026-01-27T00:00:00Z") for name in ("x", "y")]

    def content() -> dict[str, bytes]:
        split(tmp_path, records, eval={"per_tool": 3})
        return {
            str(path): path.read_bytes()
            for folder in ("split", "splits")
            for path in sorted((tmp_path / folder).rglob("*.*"))
        }

    assert content() == content()


def test_adding_records_keeps_every_old_decision(tmp_path: Path) -> None:
    records = [*pools(4, 3), *(real(str(n)) for n in range(1, 11))]
    before = {r.id: r.split for r in split(tmp_path, records, eval={"per_tool": 3})}
    first = frozen_in(tmp_path)
    more = [
        *pools(9, 9),
        *(real(str(n)) for n in range(1, 21)),
        real("05x", merged_at="2026-01-05"),
    ]
    after = {r.id: r.split for r in split(tmp_path, more, eval={"per_tool": 3})}
    assert before.items() <= after.items()
    second = frozen_in(tmp_path)
    assert second.eval == first.eval
    assert set(first.train) < set(second.train)
    assert second.extends == first.id != second.id
    # What came later and is held out is not evaluated, nor trained on.
    assert {d.reason for d in drops_of(tmp_path)} == {"eval_surplus"}
    assert "forge.test/a/b@05x" in after
    assert "forge.test/a/b@20" not in after


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eval": {"per_tool": 2}}, r"eval\.per_tool = 3 → eval\.per_tool = 2"),
        ({"eval": {"per_tool": 3}, "seed": 1}, "seed = 0 → seed = 1"),
        ({"eval": {"per_tool": 3}, "split": {"eval_share": 0.2}}, r"eval_share = 0\.1"),
        ({"eval": {"per_tool": 3}, "split": {"by": "date"}}, r"split\.by = auto"),
    ],
)
def test_a_frozen_split_is_never_silently_changed(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    records = [*pools(4, 3), *(real(str(n)) for n in range(1, 11))]
    split(tmp_path, records, eval={"per_tool": 3})
    before = frozen_in(tmp_path)
    with pytest.raises(RunFolderError, match=f"{message}.*--new-split NAME"):
        split(tmp_path, records, **change)
    assert frozen_in(tmp_path) == before
    named = {**change.get("split", {}), "name": "other"}
    split(tmp_path, records, **{**change, "split": named})
    assert frozen_in(tmp_path) == before
    assert frozen_in(tmp_path, "other").id != before.id


def test_an_evaluated_one_that_is_gone_is_refused_a_trained_one_is_not(tmp_path: Path) -> None:
    records = pools(3, 3)
    split(tmp_path, records)
    assert len(split(tmp_path, records[:-1])) == 5
    assert len(frozen_in(tmp_path).train) == 3
    with pytest.raises(RunFolderError, match=r"1 of the 3 .* not selected any more: planted:e0\."):
        split(tmp_path, records[1:])


def test_an_edited_manifest_is_refused(tmp_path: Path) -> None:
    records = pools(3, 3)
    split(tmp_path, records)
    path = manifest_path(RunFolder(tmp_path), "main")
    path.write_text(path.read_text().replace("planted:e0", "planted:t0"))
    with pytest.raises(RunFolderError, match=r"main\.json: its id is not the digest"):
        split(tmp_path, records)
    path.write_text("{}")
    with pytest.raises(RunFolderError, match=r"main\.json: no split of this version"):
        split(tmp_path, records)


def test_more_examples_asked_for_than_are_left_is_an_error(tmp_path: Path) -> None:
    records = [*pools(2, 3), *(real(str(n)) for n in range(1, 11))]
    message = r"eval\.per_tool = 4, but 3 pull requests are held out \(2 planted, 1 real\)"
    with pytest.raises(SourceError, match=message):
        split(tmp_path, records, eval={"per_tool": 4})
    assert len(split(tmp_path, records, eval={"per_tool": 3})) == 15
    # The default is no promise.
    assert len(split(tmp_path / "other", records)) == 15


@pytest.mark.parametrize(("records", "side"), [(pools(0, 2), "eval"), (pools(2, 0), "train")])
def test_an_empty_side_is_an_error(tmp_path: Path, records: list[PullRequest], side: str) -> None:
    with pytest.raises(SourceError, match=rf"no pull request is left for {side} \(2 on the other"):
        split(tmp_path, records)


def test_a_rule_that_drops_a_whole_side_is_named_with_an_example(tmp_path: Path) -> None:
    same = file(" ".join(f"w{n}" for n in range(13)))
    records = [planted(pool.value, same, pool=pool) for pool in Split]
    message = r"left for train \(1 on the other side; dropped 1 overlaps_eval, for example planted:train: planted:eval: w0"
    with pytest.raises(SourceError, match=message):
        split(tmp_path, records)


def test_people_who_are_to_choose_are_asked(tmp_path: Path) -> None:
    with pytest.raises(PeopleNeededError, match=r"pullsmith curate STUDY\.toml"):
        split(tmp_path, pools(1, 1), eval={"chosen_by": "human"})


def test_a_group_on_both_sides_is_a_bug_that_is_caught() -> None:
    one, other = (r.model_copy(update={"group": "g"}) for r in pools(1, 1))
    ids = {one.id: Split.EVAL, other.id: Split.TRAIN}
    with pytest.raises(TallyError, match="g is on both sides"):
        check_groups(lights([one, other]), ids, by_date=False)
    check_groups(lights(pools(1, 1)), ids, by_date=False)
    check_groups(lights([one, other]), {one.id: Split.EVAL}, by_date=False)


def leaks(records: list[PullRequest]) -> list[str]:
    """What training and evaluation share: written without a line of the splitter's own code."""
    sides: dict[str, list[PullRequest]] = {"train": [], "eval": []}
    for record in records:
        sides[str(record.split)].append(record)
    found = []
    for name, facts in (
        ("repository", _repositories),
        ("cluster", _clusters),
        ("words", _thirteen),
    ):
        train, held_out = ({fact for r in sides[s] for fact in facts(r)} for s in ("train", "eval"))
        found += [f"{name}: {fact}" for fact in sorted(train & held_out)]
    return found


def _repositories(record: PullRequest) -> list[str]:
    # Planted ones are told apart by source file, which the group names.
    return [record.group] if record.source == "planted" else [record.repository, record.group]


def _clusters(record: PullRequest) -> list[str]:
    return [record.cluster] if record.cluster else []


def _thirteen(record: PullRequest) -> list[str]:
    rows = []
    for changed in record.files:
        text = " ".join(line[1:] for line in changed.patch.splitlines() if line[:1] == "+")
        words = [word for word in re.split(r"[^\w]+", text) if word]
        rows += [" ".join(words[at : at + 13]) for at in range(len(words) - 12)]
    return rows


def test_no_train_row_shares_a_repository_a_cluster_or_words_with_eval(tmp_path: Path) -> None:
    copied = [file(" ".join(f"copied{c}word{n}" for n in range(20))) for c in range(6)]
    records = [
        real(
            f"{n}",
            copied[(r + n) % 6] if n % 5 == 0 else file(f"own{r}_{n}"),
            repository=f"f.test/o/{r}",
            group=f"f.test/o/{r - r % 2}",  # every second one is a fork
            cluster=f"c{r % 7}" if n == 3 and r > 9 else "",
        )
        for r in range(24)
        for n in range(1, 9)
    ]
    records += [
        planted(f"{pool}{n}", copied[n % 6] if n % 3 == 0 else file(f"p{pool}{n}"), pool=pool)
        for pool in Split
        for n in range(12)
    ]
    kept = split(tmp_path, records, split={"eval_share": 0.3})
    assert len({r.group for r in kept if r.split is Split.EVAL and r.source == "git"}) > 1
    assert leaks(kept) == []
    assert {d.reason for d in drops_of(tmp_path)} >= {"overlaps_eval"}
    # The check itself can fail: in what was dropped for its words there are some.
    loose = split(tmp_path / "loose", records, split={"eval_share": 0.3, "decontaminate": False})
    assert {fault.partition(":")[0] for fault in leaks(loose)} == {"words"}
    marked = [
        r.model_copy(update={"split": Split.EVAL if (n // 8) % 2 else Split.TRAIN})
        for n, r in enumerate(records)
    ]
    assert {fault.partition(":")[0] for fault in leaks(marked)} == {
        "words",
        "cluster",
        "repository",
    }


def test_a_benchmark_is_kept_out_of_training(tmp_path: Path) -> None:
    secret = " ".join(f"bench{n}" for n in range(13))
    (tmp_path / "bench.jsonl").write_text(f'{{"prompt": "{secret}"}}\n')
    records = [*pools(2, 2), planted("b", file(secret), pool=Split.TRAIN)]
    records.append(planted("be", file(secret, path="c.py"), pool=Split.EVAL))
    settings = {"benchmarks": [tmp_path / "bench.jsonl"], "decontaminate": False}
    kept = split(tmp_path, records, split=settings)
    assert [(d.record_id, d.reason) for d in drops_of(tmp_path)] == [
        ("planted:b", "overlaps_benchmark")
    ]
    assert "planted:be" in {r.id for r in kept}  # evaluation only


def test_every_row_knows_which_presets_it_is_newer_than(tmp_path: Path) -> None:
    times = {"1": "2023-01-15T00:00:00Z", "2": "2023-06-01T00:00:00Z", "3": "2026-01-01T00:00:00Z"}
    records = [real(name, merged_at=at) for name, at in times.items()] + [real("4", merged_at="")]
    ages = {r.id[-1]: (r.newer_than, r.older_than) for r in split(tmp_path, records)}
    early, late = (
        "llama-3-8b-instruct",
        "llama-3.1-8b-instruct",
    )  # until March and until December 2023
    assert ages == {
        "1": ((), (late, early)),
        "2": ((early,), (late,)),
        "3": ((late, early), ()),
        "4": ((), ()),
    }
