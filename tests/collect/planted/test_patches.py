"""Patches of real functions: they apply, and both sides parse."""

from __future__ import annotations

import ast
import warnings

from pullsmith.collect.planted.edits import Edit
from pullsmith.collect.planted.generate import Generator, Planted
from pullsmith.collect.planted.harvest import Harvest
from pullsmith.collect.planted.origins import Origin
from pullsmith.collect.planted.patches import added_numbers, file_texts
from pullsmith.diff.patch import apply_hunks, parse_hunks
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
            before, after = file_texts(edit, library.files[edit.function.path])
            assert apply_hunks(before, parse_hunks(file.patch.encode("ascii"))) == after
            assert before != after


def test_files_parse_before_and_after(made: list[Planted], library: Harvest) -> None:
    # The longest files are left out for the test's time alone.
    small = [one for one in made if len(library.files[one.edits[0].function.path]) < 600][:40]
    assert len(small) == 40
    for one in small:
        for text in file_texts(one.edits[0], library.files[one.edits[0].function.path]):
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
            before, _ = file_texts(edit, library.files[edit.function.path])
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
            before, after = file_texts(edit, library.files[edit.function.path])
            assert apply_hunks(before, parse_hunks(file.patch.encode("ascii"))) == after
    assert any("\n " in file.patch for one in made for file in one.record.files)
