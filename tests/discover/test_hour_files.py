"""Which files are meant, and which hours are missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullsmith.discover.hour_files import hour_files, hour_name, hour_of, missing_hours, spans
from pullsmith.errors import SourceError


def at(day: int, hour: int) -> datetime:
    return datetime(2025, 1, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "hour"),
    [
        ("2025-01-02-5.json.gz", at(2, 5)),
        ("some/where/2025-01-02-05.json", at(2, 5)),
        ("2025-01-02-23.json.gz", at(2, 23)),
        ("2025-01-02-24.json.gz", None),
        ("2025-13-02-5.json.gz", None),
        ("x2025-01-02-5.json.gz", None),
        ("events.json.gz", None),
    ],
)
def test_the_hour_is_in_the_name(name: str, hour: datetime | None) -> None:
    assert hour_of(name) == hour


def test_hours_are_named_as_the_archive_names_them() -> None:
    assert hour_name(at(2, 5)) == "2025-01-02-5"


def test_globs_folders_and_addresses_each_file_once_and_by_hour(tmp_path: Path) -> None:
    for name in ("2025-01-01-10.json.gz", "2025-01-01-9.json.gz", "notes.txt"):
        (tmp_path / name).touch()
    found = hour_files(
        [
            str(tmp_path),
            str(tmp_path / "*-9.json.gz"),
            "https://me:secret@archive.test/2025-01-01-2.json.gz?x=1",
        ]
    )
    assert [file.name for file in found] == [
        "https://archive.test/2025-01-01-2.json.gz?x=1",
        str(tmp_path / "2025-01-01-9.json.gz"),
        str(tmp_path / "2025-01-01-10.json.gz"),
    ]
    assert found[0].url == "https://me:secret@archive.test/2025-01-01-2.json.gz?x=1"


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    odd = tmp_path / "a[1].json.gz"
    odd.touch()
    assert [file.path for file in hour_files([str(odd)])] == [odd]


def test_a_pattern_or_folder_without_files_and_an_odd_address_are_refused(tmp_path: Path) -> None:
    for argument in (str(tmp_path), str(tmp_path / "*.json.gz")):
        with pytest.raises(SourceError, match="no hour files there"):
            hour_files([argument])
    for argument in (
        "ftp://archive.test/2025-01-01-2.json.gz",
        "file:///etc/passwd",
        "s3://b/x.json",
    ):
        with pytest.raises(SourceError, match="only http and https addresses are fetched"):
            hour_files([argument])


def test_gaps_are_between_the_first_and_the_last_hour_asked_for() -> None:
    asked = [at(1, 3), at(1, 6), at(1, 8)]
    assert missing_hours(asked, asked) == [at(1, 4), at(1, 5), at(1, 7)]
    assert missing_hours(asked, [at(1, 3)]) == [at(1, hour) for hour in (4, 5, 6, 7, 8)]
    assert missing_hours([], []) == []
    assert missing_hours([at(1, 3)], [at(1, 3)]) == []


def test_gaps_in_words() -> None:
    hours = [at(1, 22), at(1, 23), at(2, 0), at(2, 5)]
    assert spans(hours) == ["2025-01-01-22 to 2025-01-02-0 (3)", "2025-01-02-5"]
    assert spans([]) == []
