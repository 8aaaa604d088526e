"""The corpus: the same for the same seed, and holding what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.corpus import build_corpus
from pullsmith.errors import OutsideError
from tests.collect.repositories import git


def _head(folder: Path, seed: int, changes: int) -> str:
    return git(build_corpus(folder, seed=seed, changes=changes), "rev-parse", "main").decode()


def test_same_seed_same_commits(tmp_path: Path) -> None:
    first, second, other = (
        _head(tmp_path / name, seed, 12) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == second != other


def test_every_odd_case_is_there(tmp_path: Path) -> None:
    """An odd edit every third change, sixteen kinds: all of them within 60 changes."""
    repository = build_corpus(tmp_path, seed=1, changes=60)
    raw = git(
        repository, "log", "--first-parent", "-m", "--raw", "-M", "--no-abbrev", "main"
    ).decode()
    for sign in (" 160000 ", " 120000 ", " 100755 ", "\tpackage-lock.json", "\tvendor/", "binary.bin",
                 "crlf.txt", "latin.txt", "empty-", " R1", " D\t", " T\t"):  # fmt: skip
        assert sign in raw, sign
    subjects = git(repository, "log", "--first-parent", "--format=%s", "main").decode()
    assert "Merge pull request #" in subjects
    assert "(#" in subjects
    assert len(subjects.splitlines()) == 61
    assert "updater[bot]" in git(repository, "log", "--format=%an", "main").decode()


def test_a_folder_that_has_one_already_is_refused(tmp_path: Path) -> None:
    build_corpus(tmp_path, seed=1, changes=0)
    with pytest.raises((FileExistsError, OutsideError)):
        build_corpus(tmp_path, seed=1, changes=0)
