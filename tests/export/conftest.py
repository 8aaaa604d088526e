"""What tests of export share: trained students, each made once a session."""

from __future__ import annotations

import pytest

from tests.export.trained import Run, trained_run


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The embedded student, trained in full."""
    return trained_run(tmp_path_factory.mktemp("tiny"))
