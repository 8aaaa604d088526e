from __future__ import annotations

from collections import Counter

from pullsmith.collect.planted.edits import Edit
from pullsmith.collect.planted.generate import Planted
from pullsmith.collect.planted.harvest import Harvest
from pullsmith.collect.planted.patches import added_numbers, file_texts
from pullsmith.diff.patch import apply_hunks, parse_hunks
from pullsmith.records import Split


def shown(one: Planted) -> list[str]:
    return one.record.files[0].patch.split("\n")[1:-1]


def test_a_spot_is_one_to_six_added_lines_of_one_training_file(spots: list[Planted]) -> None:
    sizes = Counter(len(shown(one)) for one in spots)
    assert set(sizes) == {1, 2, 3, 4, 5, 6}
    for one in spots:
        assert len(one.record.files) == 1
        assert one.record.pool is Split.TRAIN
        assert one.record.flags[:2] == ("planted", "spot")
        assert all(line.startswith("+") for line in shown(one))


def test_the_defect_of_a_spot_is_on_its_lines(spots: list[Planted]) -> None:
    defective = [one.record for one in spots if one.record.defect]
    assert 90 < len(defective) < 150  # .6 of 200
    for record in defective:
        assert record.defect is not None
        hunks = parse_hunks(record.files[0].patch.encode("ascii"))
        numbers = added_numbers(hunks)
        line = hunks[0].lines[numbers.index(record.defect.start_line)]
        assert (line[1:].decode("ascii"),) == record.defect.defective


def test_a_spot_applies_to_its_file(spots: list[Planted], library: Harvest) -> None:
    for one in spots:
        edit: Edit = one.edits[0]
        before, after = file_texts([edit], library.files[edit.function.path])
        hunks = parse_hunks(one.record.files[0].patch.encode("ascii"))
        assert apply_hunks(before, hunks) == after


def test_spots_are_distinct(spots: list[Planted]) -> None:
    assert len({one.record.id for one in spots}) == 200
