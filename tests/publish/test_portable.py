"""A study that is handed on is the same study, grids and all, without places; its paths are names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.errors import RunFolderError
from pullsmith.publish.portable import STUDY_NAME, read_study, write_study
from pullsmith.study import load_study
from tests.finished import small_study

STUDIES = sorted((Path(__file__).parents[2] / "studies").rglob("*.toml"))


def test_there_are_studies() -> None:
    assert len(STUDIES) >= 4


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_everything_that_decides_a_board_comes_back(path: Path, tmp_path: Path) -> None:
    study = load_study(path)
    write_study(study, tmp_path)
    back = read_study(tmp_path)
    for part in (
        "name", "seed", "student", "reference", "teacher", "judges", "judging", "eval", "render",
        "rank", "train", "baselines", "respond_cells", "judge_cells", "student_cells",
    ):  # fmt: skip
        assert getattr(back, part) == getattr(study, part), part
    assert back.tool_digests == study.tool_digests
    assert str(path.parent) not in (tmp_path / STUDY_NAME).read_text()


def test_paths_become_names(tmp_path: Path) -> None:
    study = small_study(
        tmp_path / "runs", select={"exclude": "/home/ada/exclude.txt"},
        clean={"rules": ["/home/ada/own.py:rule"]}, engine="slurm", cluster={"partition": "secret-lab"},
        collect={"sources": [{"git": "/home/ada/clones/one"}]},
    )  # fmt: skip
    write_study(study, tmp_path / "pack")
    text = (tmp_path / "pack" / STUDY_NAME).read_text()
    for name in ("/home", "secret-lab", str(tmp_path)):
        assert name not in text
    back = read_study(tmp_path / "pack")
    assert back.clean.rules == ("own.py:rule",)
    assert str(back.select.exclude) == "exclude.txt"


def test_what_is_no_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"study\.json: cannot be read"):
        read_study(tmp_path)
    (tmp_path / STUDY_NAME).write_text('{"name": "x", "students": []}')
    with pytest.raises(RunFolderError, match=r"study\.json: no study of this version"):
        read_study(tmp_path)
