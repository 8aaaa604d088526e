"""Patches of real functions: they apply, and both sides parse."""

from __future__ import annotations

import ast
import warnings
from collections import Counter

import pytest

from pullsmith.collect.planted.edits import Change, Edit
from pullsmith.collect.planted.generate import Generator, Planted
from pullsmith.collect.planted.harvest import Function, Harvest
from pullsmith.collect.planted.origins import Origin
from pullsmith.collect.planted.patches import added_numbers, apart, file_texts
from pullsmith.diff.patch import apply_hunks, parse_hunks
from pullsmith.errors import PatchError
from pullsmith.records import FileChange, Split
from pullsmith.study.collect import PlantedSource
from tests.collect.planted.conftest import LICENCE, make


def parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own escapes
        return ast.parse(text)


def added(file: FileChange) -> dict[int, str]:
    hunks = parse_hunks(file.patch.encode("ascii"))
    lines = [line[1:] for line in file.patch.split("\n") if line.startswith("+")]
    return dict(zip(added_numbers(hunks), lines, strict=True))


def files_of(one: Planted) -> list[FileChange]:
    """The record's files in the order of its edits; the record may have them the other way."""
    files = list(one.record.files)
    assert len(files) == len(one.edits)
    return files if _is_of(files[0], one.edits[0]) else files[::-1]


def _is_of(file: FileChange, edit: Edit) -> bool:
    first = edit.function.first_line
    expected = {first + number: text for number, text in enumerate(edit.after)}
    return added(file).items() <= expected.items()


def test_patches_turn_the_file_before_into_the_file_after(
    made: list[Planted], library: Harvest
) -> None:
    for one in made:
        for edit, file in zip(one.edits, files_of(one), strict=True):
            before, after = file_texts([edit], library.files[edit.function.path])
            assert apply_hunks(before, parse_hunks(file.patch.encode("ascii"))) == after
            assert before != after


def test_files_parse_before_and_after(made: list[Planted], library: Harvest) -> None:
    # The longest files are left out for the test's time alone.
    small = [one for one in made if len(library.files[one.edits[0].function.path]) < 600][:40]
    assert len(small) == 40
    for one in small:
        for text in file_texts(one.edits[:1], library.files[one.edits[0].function.path]):
            parse(text.decode("ascii"))


def test_lines_around_each_hunk_are_the_old_files(library: Harvest, made: list[Planted]) -> None:
    origin = Origin("planted:stdlib", "planted", LICENCE, library)
    generator = Generator(origin, PlantedSource(), seed=0, lines_around=4)
    wide = [generator.pull_request(pool, n) for pool in Split for n in range(200)]
    edges = 0
    for one, plain in zip(wide, made, strict=True):
        assert one.record.id == plain.record.id
        for edit, file, other in zip(one.edits, files_of(one), files_of(plain), strict=True):
            assert file.model_copy(update={"context": None}) == other
            before, _ = file_texts([edit], library.files[edit.function.path])
            old = before.decode("ascii").split("\n")[:-1]
            hunks = parse_hunks(file.patch.encode("ascii"))
            for hunk, context in zip(hunks, file.context or (), strict=True):
                start = hunk.old_start - bool(hunk.old_count)
                assert context.before == tuple(old[max(0, start - 4) : start])
                assert context.after == tuple(old[start + hunk.old_count :][:4])
                edges += len(context.after) < 4
    assert edges < 100  # most hunks are inside their file


def test_context_lines_come_with_the_change(library: Harvest) -> None:
    made = make(library, seed=4, each=30, context_lines=3, max_patch_lines=40)
    for one in made:
        for edit, file in zip(one.edits, files_of(one), strict=True):
            before, after = file_texts([edit], library.files[edit.function.path])
            assert apply_hunks(before, parse_hunks(file.patch.encode("ascii"))) == after
    assert any("\n " in file.patch for one in made for file in one.record.files)


@pytest.mark.parametrize("context", [0, 3])
def test_several_changes_of_one_file_are_several_hunks_of_it(
    library: Harvest, context: int
) -> None:
    made = make(
        library, seed=5, each=60, more_hunks_share=1, second_file_share=0.3,
        context_lines=context, max_patch_lines=60,
    )  # fmt: skip
    hunks_in_main = Counter[int]()
    below = 0
    for one in made:
        path = one.edits[0].function.path
        edits = [edit for edit in one.edits if edit.function.path == path]
        assert len(edits) in (2, 3)
        assert all(edit.truth is None for edit in edits[1:])
        before, after = file_texts(edits, library.files[path])
        [whole] = [file for file in one.record.files if _turns(file, before, after)]
        hunks = parse_hunks(whole.patch.encode("ascii"))
        assert len(hunks) >= len(edits)  # an edit of a function can be two hunks by itself
        hunks_in_main[len(edits)] += 1
        defect = one.record.defect
        if defect is not None:
            lines = after.decode("ascii").split("\n")
            assert tuple(lines[defect.start_line - 1 : defect.end_line]) == defect.defective
            below += any(edit.function.first_line < defect.start_line for edit in edits[1:])
    assert set(hunks_in_main) == {2, 3}
    assert below > 10  # of the defects, those with another change above them


def _turns(file: FileChange, before: bytes, after: bytes) -> bool:
    try:
        return apply_hunks(before, parse_hunks(file.patch.encode("ascii"))) == after
    except PatchError:
        return False


def test_changes_too_near_to_be_hunks_of_their_own_are_told() -> None:
    def edit(first_line: int) -> Edit:
        function = Function(
            "a.py", "f", "def", first_line, ("def f():", "    go()"), "", None, (), ()
        )
        return Edit(function, Change.ADD, "", 0, (), function.lines)

    # lines 1-2 and 9-10: six lines between, which three lines of context on both sides fill
    assert not apart([edit(9), edit(1)], context=3)
    assert apart([edit(10), edit(1)], context=3)
    assert apart([edit(4), edit(1)], context=0)
    assert not apart([edit(1), edit(1)], context=0)
