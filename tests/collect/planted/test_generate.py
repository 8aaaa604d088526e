"""Records: distinct, repeatable, apart by pool, and silent about their truth."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from pullsmith.collect.planted.edits import Change
from pullsmith.collect.planted.generate import Planted, pool_of
from pullsmith.collect.planted.harvest import TELLING_WORDS, Harvest
from pullsmith.collect.planted.kinds import KINDS, SIMPLE
from pullsmith.collect.planted.words import WORDS
from pullsmith.errors import SourceError
from pullsmith.records import Split
from pullsmith.select.duplicates import find_duplicates
from pullsmith.study.collect import PlantedSource
from tests.collect.planted.conftest import generator_of, make


def test_no_title_and_no_message_tells_of_a_defect(made: list[Planted]) -> None:
    for one in made:
        record = one.record
        verb, name = record.title.split(" ")
        # Edits and fixes are called the same; the rest is the function's own name.
        verbs = {"planted:add": "Add", "planted:grow": "Extend"}
        assert verb == verbs.get(record.evidence, "Change")
        assert name == one.edits[0].function.name
        assert not TELLING_WORDS.intersection(re.split(r"[\W_]+", record.title.lower()))
        assert record.commit_messages == (record.title,)
        assert record.body == record.branch == record.author == ""


def test_kinds_changes_and_shares(made: list[Planted]) -> None:
    kinds = Counter(one.record.defect.kind for one in made if one.record.defect)
    assert set(kinds) == set(SIMPLE)
    changes = Counter(one.edits[0].change for one in made)
    assert set(changes) == set(Change)
    assert all(one.edits[0].change is not Change.FIX for one in made if one.record.defect)
    # 400 draws: .4 clean and .25 with a second file, four standard errors either way
    assert 0.3 < sum(one.record.defect is None for one in made) / len(made) < 0.5
    assert 0.16 < sum(len(one.edits) == 2 for one in made) / len(made) < 0.34
    assert max(len(file.patch.split("\n")) for one in made for file in one.record.files) <= 16


def test_the_pools_share_no_source_file_and_keep_to_their_own(made: list[Planted]) -> None:
    source = PlantedSource()
    groups: dict[Split, set[str]] = {pool: set() for pool in Split}
    for one in made:
        assert one.record.pool is not None
        assert one.record.group == f"planted:{one.edits[0].function.path}"
        for edit in one.edits:
            assert pool_of(edit.function.path, source) is one.record.pool
            groups[one.record.pool].add(edit.function.path)
    assert len(groups[Split.TRAIN]) > 20
    assert len(groups[Split.EVAL]) > 5
    assert not groups[Split.TRAIN] & groups[Split.EVAL]


def test_eval_paths_are_real_and_most_training_paths_invented(made: list[Planted]) -> None:
    real = {pool: [0, 0] for pool in Split}
    for one in made:
        assert one.record.pool is not None
        own = {file.path for file in one.record.files} == {edit.function.path for edit in one.edits}
        real[one.record.pool][own] += 1
    assert real[Split.EVAL][False] == 0
    assert 0.55 < real[Split.TRAIN][False] / 200 < 0.85


def test_inserted_lines_use_their_own_pools_words(made: list[Planted]) -> None:
    for one in made:
        defect, pool = one.record.defect, one.record.pool
        if defect is not None and defect.kind == "secret":
            assert pool is not None
            other = WORDS[Split.EVAL if pool is Split.TRAIN else Split.TRAIN]
            names = set(re.findall(r"\w+", defect.defective[0]))
            assert names & set(WORDS[pool].secret)
            assert not names & set(other.secret)


def test_records_are_distinct_and_the_same_for_the_same_seed(library: Harvest) -> None:
    first, again, other = (
        [one.record for one in make(library, seed=seed, each=60)] for seed in (1, 1, 2)
    )
    assert first == again
    common = {record.id for record in first} & {record.id for record in other}
    assert len(common) < 20  # of 120: the pool of the test is small, a few meet by chance
    assert len({record.id for record in first}) == 120
    patches = [tuple(file.patch for file in record.files) for record in first]
    assert len(set(patches)) == 120


def test_select_takes_none_for_the_copy_of_another(
    made: list[Planted], spots: list[Planted]
) -> None:
    assert find_duplicates(one.record for one in made) == {}
    assert find_duplicates(one.record for one in spots) == {}


def test_other_kinds_are_made_on_request(library: Harvest) -> None:
    others = [name for name in KINDS if name not in SIMPLE]
    made = make(library, seed=5, each=120, kinds=others, clean_share=0, max_patch_lines=30)
    kinds = Counter(one.record.defect.kind for one in made if one.record.defect)
    assert sum(kinds.values()) == 240
    # 240 over 12 kinds; the few places of the rarest in a hundred files run out
    assert set(others) - {"lost_await"} <= set(kinds) <= set(others)


def test_each_verb_stands_over_defective_and_clean_ones(made: list[Planted]) -> None:
    seen = {(one.record.title.split(" ")[0], one.record.defect is None) for one in made}
    assert seen == {
        (verb, clean) for verb in ("Add", "Extend", "Change") for clean in (True, False)
    }


def test_more_records_leave_the_first_ones_as_they_are(library: Harvest) -> None:
    few, many = (make(library, seed=3, each=each) for each in (10, 30))
    pools = [[one.record for one in made if one.record.pool is Split.TRAIN] for made in (few, many)]
    assert pools[0] == pools[1][:10]


def test_running_out_of_distinct_changes_is_an_error_that_says_so(library: Harvest) -> None:
    few = Harvest(library.functions[:3], library.files, {})
    generator = generator_of(few, kinds=("debug_print",))

    def until_none_is_left() -> None:
        for number in range(5000):
            generator.pull_request(Split.TRAIN, number)

    with pytest.raises(SourceError, match="different pull requests"):
        until_none_is_left()
