"""The planted source: which code, which languages, and what does not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.errors import StudyError
from pullsmith.study import load_study, parse_study
from pullsmith.study.collect import PlantedOn, PlantedRepository, PlantedSource

STUDENT = '\n[[student]]\nmodel = "tiny"\ncontract = "compact-1"\n'


def source(table: str, folder: Path | None = None) -> PlantedSource:
    text = f'name = "s"\n[collect]\nsources = [{table}]{STUDENT}'
    if folder is None:
        [found] = parse_study(text).collect.sources
    else:
        (folder / "s.toml").write_text(text)
        [found] = load_study(folder / "s.toml").collect.sources
    assert isinstance(found, PlantedSource)
    return found


def test_code_is_the_library_a_folder_or_a_repository(tmp_path: Path) -> None:
    assert source('{ planted = "stdlib" }').planted == "stdlib"
    assert source('{ planted = "code" }', tmp_path).planted == (tmp_path / "code").resolve()
    found = source('{ planted = { repository = "clone" } }', tmp_path)
    assert found.planted == PlantedRepository(repository=(tmp_path / "clone").resolve())
    assert not found.on_pull_requests


def test_a_repositorys_own_pull_requests_are_asked_for_by_name() -> None:
    found = source('{ planted = { repository = "/c", on = "pull-requests" }, count = 3 }')
    assert isinstance(found.planted, PlantedRepository)
    assert found.planted.on is PlantedOn.PULL_REQUESTS
    assert found.on_pull_requests
    with pytest.raises(StudyError, match=r"\.on: .*functions.*pull-requests"):
        source('{ planted = { repository = "/c", on = "pulls" } }')


@pytest.mark.parametrize("settings", ["spots = 5", "clean_share = 0.4"])
def test_neither_spots_nor_clean_ones_are_made_of_real_pull_requests(settings: str) -> None:
    with pytest.raises(StudyError, match="neither spots nor clean ones"):
        source(f'{{ planted = {{ repository = "/c", on = "pull-requests" }}, {settings} }}')
    source(f'{{ planted = {{ repository = "/c" }}, {settings} }}')
    source('{ planted = { repository = "/c", on = "pull-requests" }, clean_share = 0 }')


def test_the_library_is_python_and_a_language_is_one_of_six() -> None:
    assert source('{ planted = "/c", languages = ["go", "rust"] }').languages == ("go", "rust")
    with pytest.raises(StudyError, match="the standard library is Python only"):
        source('{ planted = "stdlib", languages = ["python", "go"] }')
    with pytest.raises(StudyError, match="languages"):
        source('{ planted = "/c", languages = ["cobol"] }')
    with pytest.raises(StudyError, match="languages"):
        source('{ planted = "/c", languages = [] }')
