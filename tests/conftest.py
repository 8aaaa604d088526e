"""What all tests share: one torch thread, no network but loopback, and no silent skips in CI."""

from __future__ import annotations

import os
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from tests.browsed import started

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

# Each line: a test's node id, two spaces, the reason it may be skipped in CI.
ALLOWED_SKIPS = Path(__file__).with_name("allowed_skips.txt")
# How long one example takes says more about the machine than about the code.
settings.register_profile("pullsmith", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pullsmith")
_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = str(address[0])
        if not (host.startswith("127.") or host in ("::1", "localhost")):
            raise AssertionError(f"a test tried to reach {host}: tests talk to loopback only")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Generator[None]:
    """No test reaches beyond this machine."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _loopback_only)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """One browser for the tests of a file, and no longer: while it runs, asyncio.run refuses to."""
    with started() as found:
        yield found


def allowed_skips() -> dict[str, str]:
    """Node id to reason."""
    lines = ALLOWED_SKIPS.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("  ", 1) for line in lines if line.strip() and not line.startswith("#"))
    return {name: reason.strip() for name, reason in pairs}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true a skipped test fails unless the list names it."""
    report = yield
    skipped = report.skipped and not hasattr(report, "wasxfail")
    if skipped and os.environ.get("CI") == "true" and item.nodeid not in allowed_skips():
        report.outcome = "failed"
        report.longrepr = f"skipped in CI without a line in {ALLOWED_SKIPS.name}: {report.longrepr}"
    return report
