"""What holds for every planted pull request of every kind, over two thousand of them."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from pullsmith.collect.planted.edits import Edit
from pullsmith.collect.planted.generate import Planted, pool_of
from pullsmith.collect.planted.harvest import Harvest
from pullsmith.collect.planted.kinds import KINDS
from pullsmith.collect.planted.templates import TWIN_KINDS
from pullsmith.records import Split
from pullsmith.study.collect import PlantedSource
from tests.collect.planted.conftest import make
from tests.collect.planted.test_patches import added
from tests.collect.planted.test_truth import function_of

EACH = 1000
SETTINGS = {"kinds": ("all",), "max_patch_lines": 24, "clean_share": 0.2}


@pytest.fixture(scope="module")
def many(library: Harvest) -> list[Planted]:
    return make(library, seed=11, each=EACH, **SETTINGS)


@pytest.fixture(scope="module")
def defective(many: list[Planted]) -> list[Planted]:
    return [one for one in many if one.record.defect is not None]


def mended(edit: Edit) -> tuple[str, ...]:
    """The function after the change, with the original lines put back."""
    truth = edit.truth
    assert truth is not None
    end = truth.at + len(truth.defective)
    assert edit.after[truth.at : end] == truth.defective
    return (*edit.after[: truth.at], *truth.original, *edit.after[end:])


def test_every_kind_is_among_them(defective: list[Planted]) -> None:
    kinds = Counter(one.record.defect.kind for one in defective if one.record.defect)
    assert sum(kinds.values()) > 0.7 * 2 * EACH
    assert set(kinds) >= set(KINDS) - {"lost_await"}
    assert any(len(one.record.defect.original) > 1 for one in defective if one.record.defect)


def test_every_line_of_the_truth_is_an_added_line(defective: list[Planted]) -> None:
    for one in defective:
        defect = one.record.defect
        assert defect is not None
        [file] = [file for file in one.record.files if file.path == defect.path]
        lines = added(file)
        numbers = range(defect.start_line, defect.end_line + 1)
        assert tuple(lines.get(number) for number in numbers) == defect.defective
        assert defect.content == KINDS[defect.kind].content


def test_a_defect_is_never_without_effect_and_both_versions_parse(defective: list[Planted]) -> None:
    for one in defective:
        edit = one.edits[0]
        wrong, right = function_of(edit.after), function_of(mended(edit))
        assert ast.dump(wrong) != ast.dump(right), one.record.defect


def test_the_original_restores_the_function(defective: list[Planted]) -> None:
    restored = 0
    for one in defective:
        edit = one.edits[0]
        assert edit.truth is not None
        if edit.truth.kind not in TWIN_KINDS:
            assert mended(edit) == edit.function.lines
            restored += 1
        elif not edit.truth.original:
            assert mended(edit) == edit.function.lines  # the inserted line goes
    assert restored > EACH / 2


def test_clean_ones_are_the_function_itself_or_get_a_harmless_twin(many: list[Planted]) -> None:
    for one in many:
        edit = one.edits[0]
        if one.record.defect is None and edit.kind not in TWIN_KINDS:
            assert edit.after == edit.function.lines


def test_no_file_is_in_both_pools_and_no_record_twice(many: list[Planted]) -> None:
    source = PlantedSource.model_validate(SETTINGS)
    for one in many:
        assert {pool_of(edit.function.path, source) for edit in one.edits} == {one.record.pool}
    assert len({one.record.id for one in many}) == len(many) == 2 * EACH
    assert Counter(one.record.pool for one in many) == {Split.TRAIN: EACH, Split.EVAL: EACH}


def test_the_same_seed_gives_the_same_records(many: list[Planted], library: Harvest) -> None:
    again = make(library, seed=11, each=60, **SETTINGS)
    first = [*many[:60], *many[EACH : EACH + 60]]
    assert [one.record for one in again] == [one.record for one in first]
