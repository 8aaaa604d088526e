from __future__ import annotations

from collections import Counter

from pullsmith.collect.planted.edits import Edit
from pullsmith.collect.planted.generate import Planted
from pullsmith.collect.planted.harvest import Harvest
from pullsmith.collect.planted.patches import added_numbers, file_texts
from pullsmith.collect.planted.spots import spot
from pullsmith.diff.patch import apply_hunks, parse_hunks
from pullsmith.records import Split
from tests.collect.planted.conftest import generator_of


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


def test_spots_of_two_places_show_one_or_two_files(library: Harvest) -> None:
    generator = generator_of(library, spot_places_share=0.5)
    made = [spot(generator, number) for number in range(200)]
    two_files = [one for one in made if len(one.record.files) == 2]
    two_hunks = [one for one in made if "\n@@" in one.record.files[0].patch]
    assert 70 < len(two_files) + len(two_hunks) < 130  # half of 200
    assert min(len(two_files), len(two_hunks)) > 20
    for one in (*two_files, *two_hunks):
        assert len(one.edits) == 2
        assert one.edits[1].truth is None


def test_the_defect_of_two_places_is_on_a_line_that_its_file_adds(library: Harvest) -> None:
    generator = generator_of(library, spot_places_share=1.0)
    firsts = Counter[bool]()
    for number in range(100):
        record = spot(generator, number).record
        if record.defect is None:
            continue
        at = [file.path for file in record.files].index(record.defect.path)
        hunks = parse_hunks(record.files[at].patch.encode("ascii"))
        lines = [line for hunk in hunks for line in hunk.lines if line.startswith(b"+")]
        line = lines[added_numbers(hunks).index(record.defect.start_line)]
        assert (line[1:].decode("ascii"),) == record.defect.defective
        if len(record.files) == 2:
            firsts[at == 0] += 1
    assert min(firsts[True], firsts[False]) > 5


def test_no_second_place_is_what_it_was(library: Harvest, spots: list[Planted]) -> None:
    generator = generator_of(library, spot_places_share=0.0)
    assert [spot(generator, number).record.id for number in range(20)] == [
        one.record.id for one in spots[:20]
    ]
