"""A forge with pull requests of every kind, and how they are read from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collect.github.forge import Forge, serving
from tests.collect.github.told import Told, tell
from tests.collect.repositories import git


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Read only."""
    folder = tmp_path_factory.mktemp("forge") / "tool.git"
    told = tell(folder)
    git(folder, "remote", "add", "origin", "http://127.0.0.1/ada/tool.git")
    return told


@pytest.fixture
def forge(told: Told) -> Iterator[Forge]:
    """A server of its own for each test."""
    forge = Forge(told.folder)
    forge.pulls = told.pulls()
    with serving(forge):
        yield forge


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """The folder that survives a kill."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder
