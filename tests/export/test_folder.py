"""A folder is whole or not there; nothing is written over; texts are scanned first."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.errors import OutsideError, RunFolderError, SecretError, StudyError
from pullsmith.export.folder import made_aside, write_texts


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()  # an empty one is in nobody's way
    with made_aside(out) as aside:
        (aside / "a").write_text("x")
        assert list(out.iterdir()) == []
    assert (out / "a").read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [OutsideError("gone"), StudyError("wrong"), KeyboardInterrupt()])
def test_what_goes_wrong_is_passed_on_as_it_is_and_leaves_nothing(
    tmp_path: Path, error: BaseException
) -> None:
    with pytest.raises(type(error)), made_aside(tmp_path / "out"):
        raise error
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_is_told_with_the_folder(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="out: cannot be written: No space"):  # noqa: SIM117  # the error is raised inside
        with made_aside(tmp_path / "out"):
            raise OSError(28, "No space left on device")


def test_what_a_killed_export_left_goes_with_the_next(tmp_path: Path) -> None:
    (tmp_path / ".out.part").mkdir()
    (tmp_path / ".out.part" / "half").write_text("x")
    with made_aside(tmp_path / "out") as aside:
        assert list(aside.iterdir()) == []


def test_nothing_is_written_over_and_no_file_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(StudyError, match="never written over"), made_aside(taken):
            pass


def test_all_texts_are_scanned_before_the_first_is_written(tmp_path: Path) -> None:
    key = "sk_live_" + "a1" * 12
    with pytest.raises(SecretError, match="b, line 2: rule stripe-key"):
        write_texts(tmp_path / "out", {"a": "clean", "b": f"x\n{key}"})
    assert not (tmp_path / "out").exists()
    write_texts(tmp_path / "out", {"a/b": "clean"})
    assert (tmp_path / "out" / "a" / "b").read_text() == "clean"
