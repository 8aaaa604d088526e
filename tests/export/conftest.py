"""What tests of export share: trained students, each made once a session."""

from __future__ import annotations

import pytest

from tests.export.trained import Run, trained_run
from tests.train.builders import twin_folder


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The embedded student, trained in full."""
    return trained_run(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def lora_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An adapter on a tiny Llama."""
    root = tmp_path_factory.mktemp("lora")
    return trained_run(root, str(twin_folder(root / "twin")), method="lora")
